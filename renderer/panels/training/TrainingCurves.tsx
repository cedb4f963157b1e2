import { useMemo } from 'react';
import type { MetricPoint } from '../../../core/contracts/learning.ts';
import { useDesk } from '../../app/desk-context.ts';
import { annotationsOf, useAnnotations } from '../../stores/annotations.ts';
import { useSelection } from '../../stores/selection.ts';
import { useTraining } from '../../stores/training.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LineChart } from '../../ui/LineChart.tsx';
import type { Line } from '../../ui/line-chart-model.ts';
import { useFramed } from '../../ui/use-framed.ts';

const versionOf = (state: { readonly metricsVersion: number }): number => state.metricsVersion;
const SHARE_RANGE = [0, 1] as const;

/** How the job learns: loss on what it sees and on what it does not, and how often it is right on the latter. */
export function TrainingCurves() {
  const { bootstrap, theme } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const annotations = useAnnotations(() => annotationsOf(symbol).length);
  const version = useFramed(useTraining, versionOf);
  // With none of the annotated trades held out, always saying HOLD is right: that accuracy would tell nothing.
  const scored = useTraining((state) => state.status?.samples?.heldOutAnnotated !== 0);
  const { loss, accuracy } = useMemo(() => curvesOf(useTraining.getState().metrics, version, scored), [version, scored]);
  if (loss[0]?.points.length === 0) {
    return (
      <EmptyState title="No training yet in this session">
        {annotations < bootstrap.minAnnotations
          ? `Annotate at least ${bootstrap.minAnnotations} trades on the chart by dragging from entry to exit, then press Start training.`
          : `Press Start training to learn from the ${annotations} annotated trades.`}{' '}
        The curves appear here.
      </EmptyState>
    );
  }
  return (
    <div className="training-curves">
      <LineChart title="Loss" xLabel="step" yLabel="loss" lines={loss} theme={theme} testId="loss-chart" />
      <LineChart
        title="Held-out accuracy"
        xLabel="step"
        yLabel="share right"
        lines={accuracy}
        range={SHARE_RANGE}
        theme={theme}
        testId="accuracy-chart"
      />
    </div>
  );
}

/** `version` only makes the result new: points are appended in place. */
function curvesOf(
  metrics: readonly MetricPoint[],
  version: number,
  scored: boolean,
): { readonly version: number; readonly loss: readonly Line[]; readonly accuracy: readonly Line[] } {
  const line = (label: string, colour: string, value: (point: MetricPoint) => number | undefined): Line => {
    const points: (readonly [number, number])[] = [];
    for (const point of metrics) {
      const y = value(point);
      if (y !== undefined && Number.isFinite(y)) points.push([point.step, y]);
    }
    return { label, colour, points };
  };
  return {
    version,
    loss: [line('train', '--accent', (point) => point.trainLoss), line('held out', '--warn', (point) => point.heldOutLoss)],
    accuracy: [
      ...(scored ? [line('action', '--accent', (point) => point.heldOutActionAccuracy)] : []),
      line('direction', '--warn', (point) => point.heldOutDirectionAccuracy),
    ],
  };
}
