import { useState } from 'react';
import { annotationsOf, useAnnotations } from '../stores/annotations.ts';
import { useCheckpoints } from '../stores/checkpoints.ts';
import { useForecasts } from '../stores/forecasts.ts';
import { useOrders } from '../stores/orders.ts';
import { useSelection } from '../stores/selection.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useDesk, usePanelSettings } from './desk-context.ts';
import { FIRST_STEPS, FIRST_STEPS_SETTINGS, type FirstStep, nextStep, stepsDone } from './first-steps.ts';

const TITLES: Readonly<Record<FirstStep, string>> = {
  watch: 'Watch',
  annotate: 'Annotate',
  train: 'Train',
  predict: 'Predict',
  trade: 'Trade on paper',
};

/** Walks a new trader through the desk, in a line above the panels, until it is hidden. */
export function FirstSteps() {
  const { bootstrap } = useDesk();
  const [{ hidden, wentOn }, update] = usePanelSettings(FIRST_STEPS_SETTINGS.name, FIRST_STEPS_SETTINGS.defaults);
  const [opened, setOpened] = useState<FirstStep>();
  const symbol = useSelection((state) => state.symbol);
  const annotations = useAnnotations(() => annotationsOf(symbol).length);
  const checkpoints = useCheckpoints((state) => state.checkpoints?.length ?? 0);
  const predictions = useForecasts((state) => state.predictions?.length ?? 0);
  const orders = useOrders((state) => state.orders?.length ?? 0);
  if (hidden) return null;

  const { minAnnotations, mode } = bootstrap;
  const done = stepsDone({ annotations, minAnnotations, checkpoints, predictions, orders }, wentOn);
  const next = nextStep(done);
  const shown = opened ?? next;
  return (
    <section className="first-steps" aria-label="First steps" data-testid="first-steps">
      <ol>
        {FIRST_STEPS.map((step, index) => (
          <li key={step}>
            <button
              type="button"
              className={done[step] ? 'first-step up' : 'first-step'}
              aria-current={step === shown ? 'step' : undefined}
              onClick={() => setOpened(step)}
              data-testid={`first-step-${step}`}
            >
              <span className="first-step-mark">{done[step] ? '✓' : index + 1}</span> {TITLES[step]}
            </button>
          </li>
        ))}
      </ol>
      <p data-testid="first-step-text">
        {shown === undefined ? 'That is the whole desk. Everything is kept when you close it.' : textOf(shown)}
      </p>
      {shown === 'watch' && !done.watch && (
        <Button className="button-small" onClick={() => update({ wentOn: true })} data-testid="first-steps-next">
          Next
        </Button>
      )}
      <button
        type="button"
        className="toast-close"
        aria-label="Hide the first steps"
        title="Hide; the command palette (Ctrl+K) brings them back"
        onClick={() => update({ hidden: true })}
        data-testid="first-steps-hide"
      >
        <Icon name="close" />
      </button>
    </section>
  );

  function textOf(step: FirstStep): string {
    switch (step) {
      case 'watch':
        return mode === 'SIM'
          ? 'Pick a speed above. Scroll to zoom, drag to pan, 1 to 7 change the candles.'
          : 'Scroll to zoom, drag to pan, 1 to 7 change the candles.';
      case 'annotate':
        return `Press L or S, drag from entry to exit on the chart. ${Math.min(annotations, minAnnotations)} of ${minAnnotations} trades.`;
      case 'train':
        return 'Press Start training, on the right.';
      case 'predict':
        return mode === 'SIM'
          ? 'The next closed minute brings a prediction. At 60× that takes a second.'
          : 'The next closed minute brings a prediction.';
      case 'trade':
        return 'Shift+B or Shift+S, a quantity, Enter. A click in the book sets a limit price.';
    }
  }
}
