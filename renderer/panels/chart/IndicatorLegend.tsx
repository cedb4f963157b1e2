import { memo, useMemo } from 'react';
import { indicatorById } from '../../../core/analysis/indicators/registry.ts';
import { formatCandleTime } from '../../charts/candle-time.ts';
import { type IndicatorInstance, instanceTitle } from '../../charts/indicator-instance.ts';
import { formatReading } from '../../charts/reading.ts';
import { formatNumber } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useFramed } from '../../ui/use-framed.ts';
import { dayOf } from '../../ui/day.ts';
import { useChartReadout } from './chart-readout.ts';
import type { ChartSettings } from './chart-settings.ts';
import { openIndicators } from './indicator-dialog.ts';
import './indicators.css';

interface ReadingsProps {
  readonly instances: readonly IndicatorInstance[];
  readonly decimals: number;
  readonly onChange: (change: Partial<ChartSettings>) => void;
}

type Readout = ReturnType<typeof useChartReadout.getState>;
const isForming = ({ hovered, newest }: Readout) => hovered === undefined || hovered.openTime === newest?.openTime;
const never = () => undefined;
/** The session's VWAP knows only what the chart holds of the day. */
const partialSince = ({ oldest, hovered, newest }: Readout) => {
  const at = (hovered ?? newest)?.openTime;
  return oldest !== undefined && at !== undefined && oldest > dayOf(at) ? oldest : undefined;
};
const placesOf = ({ places }: Readout) => places;

/** One line for each indicator over the candles: below the candle's own values. */
export const OverlayReadings = memo(function OverlayReadings({ instances, decimals, onChange }: ReadingsProps) {
  return instances.map((instance) =>
    indicatorById(instance.indicator)?.placement === 'overlay' ? (
      <Row key={instance.key} instance={instance} instances={instances} decimals={decimals} onChange={onChange} />
    ) : null,
  );
});

/** One line at the top of each pane. */
export const PaneReadings = memo(function PaneReadings({ instances, decimals, onChange }: ReadingsProps) {
  const { tops } = useFramed(useChartReadout, placesOf);
  return instances.map((instance) => {
    const top = tops.get(instance.key);
    if (top === undefined) return null;
    return (
      <div key={instance.key} className="pane-reading" style={{ top: `${top + 4}px` }}>
        <Row instance={instance} instances={instances} decimals={decimals} onChange={onChange} />
      </div>
    );
  });
});

function Row({ instance, instances, decimals, onChange }: ReadingsProps & { readonly instance: IndicatorInstance }) {
  const { key, indicator, colours } = instance;
  const readingsOf = useMemo(() => (state: Readout) => state.readings.get(key), [key]);
  const values = useFramed(useChartReadout, readingsOf);
  const forming = useFramed(useChartReadout, isForming);
  const since = useFramed(useChartReadout, indicator === 'vwap' ? partialSince : never);
  const definition = indicatorById(indicator);
  if (definition === undefined) return null;
  const size = values?.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  const isOverlay = definition.placement === 'overlay';
  const title = instanceTitle(instance);
  return (
    <div className="reading" data-testid="reading" data-indicator={indicator}>
      <span className="reading-name" title={definition.name}>
        {title}
      </span>
      <span
        className="reading-values num"
        data-forming={forming}
        title={forming ? 'The newest candle still forms: its values move with it' : undefined}
      >
        {definition.outputs.map(({ id, name, kind, intermittent }, output) => {
          const value = values?.[output] ?? Number.NaN;
          if (intermittent === true && Number.isNaN(value)) return null;
          const colour = kind === 'histogram' ? (value >= 0 ? 'up' : 'down') : colours[output];
          return (
            <span key={id} style={{ color: `var(--${colour})` }} title={name} data-testid={`reading-${id}`}>
              {Number.isNaN(value) ? '–' : isOverlay ? formatNumber(value, decimals) : formatReading(value, size)}{' '}
            </span>
          );
        })}
      </span>
      {since !== undefined && (
        <span className="dim" title="The chart holds no candles of this day before then">
          since {formatCandleTime(since, 1_000).slice(11, 16)} UTC
        </span>
      )}
      <span className="reading-actions">
        <button type="button" title={`Set ${title}`} aria-label={`Set ${title}`} onClick={() => openIndicators(key)}>
          <Icon name="sliders" />
        </button>
        <button
          type="button"
          title={`Remove ${title}`}
          aria-label={`Remove ${title}`}
          data-testid="reading-remove"
          onClick={() => onChange({ indicators: instances.filter((other) => other.key !== key) })}
        >
          <Icon name="close" />
        </button>
      </span>
    </div>
  );
}
