import { type FormEvent, useState } from 'react';
import type { CommandName } from '../../../core/contracts/commands.ts';
import type { TrainingStatus } from '../../../core/contracts/learning.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { isTraining, useTraining } from '../../stores/training.ts';
import { Button } from '../../ui/Button.tsx';
import { formatNumber, formatShare } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';

/** Empty: the model's own number. */
const DEFAULTS = { epochs: '' };
const MOST_EPOCHS = 500;

const STATE_TEXT: Readonly<Record<TrainingStatus['state'], string>> = {
  idle: 'Not training',
  preparing: 'Preparing samples',
  running: 'Training',
  paused: 'Paused',
  stopping: 'Stopping',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
};

type Control = Extract<CommandName, 'pauseTraining' | 'resumeTraining' | 'stopTraining'>;

export function TrainingControls() {
  const { client, bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const status = useTraining((state) => state.status);
  const [saved, update] = usePanelSettings('training', DEFAULTS);
  const epochs = saved.epochs === '' ? String(bootstrap.defaultEpochs) : saved.epochs;
  const [problem, setProblem] = useState<string>();
  const [pending, setPending] = useState(false);
  const state = status?.state ?? 'idle';
  const active = isTraining(status);
  const epochCount = Number(epochs);
  const epochsFine = Number.isInteger(epochCount) && epochCount >= 1 && epochCount <= MOST_EPOCHS;

  async function run(command: () => ReturnType<typeof client.command<Control | 'startTraining'>>): Promise<void> {
    setPending(true);
    setProblem(undefined);
    const result = await command();
    setPending(false);
    if (!result.ok) setProblem(result.error.message);
  }

  function start(event: FormEvent): void {
    event.preventDefault();
    if (!epochsFine) {
      setProblem(`Epochs must be a whole number from 1 to ${MOST_EPOCHS}.`);
      return;
    }
    void run(() => client.command('startTraining', { symbol, epochs: epochCount }));
  }

  const control = (name: Control): void => void run(() => client.command(name, {}));

  return (
    <form className="training-controls" onSubmit={start} aria-label="Training">
      <div className="training-head">
        <strong>{status?.modelId ?? 'Model'}</strong>
        <span className="dim">{status?.symbol ?? symbol}</span>
        <ModeBadge mode={bootstrap.mode} />
        <span className="spacer" />
        <span className={state === 'failed' ? 'down' : state === 'running' ? 'up' : 'dim'} data-testid="training-state">
          {STATE_TEXT[state]}
        </span>
      </div>
      <div className="training-buttons">
        <label className="training-epochs">
          <span className="dim">Epochs</span>
          <input
            className="input num"
            inputMode="numeric"
            autoComplete="off"
            value={epochs}
            disabled={active}
            aria-invalid={!epochsFine}
            onChange={(event) => update({ epochs: event.target.value.replace(/\D/g, '').slice(0, 3) })}
            data-testid="training-epochs"
          />
        </label>
        {!active && (
          <Button type="submit" tone="primary" disabled={pending} data-testid="training-start">
            Start training {symbol}
          </Button>
        )}
        {active && state !== 'paused' && (
          <Button onClick={() => control('pauseTraining')} disabled={pending || state !== 'running'} data-testid="training-pause">
            Pause
          </Button>
        )}
        {state === 'paused' && (
          <Button tone="primary" onClick={() => control('resumeTraining')} disabled={pending} data-testid="training-resume">
            Resume
          </Button>
        )}
        {active && (
          <Button onClick={() => control('stopTraining')} disabled={pending || state === 'stopping'} data-testid="training-stop">
            Stop
          </Button>
        )}
      </div>
      {status !== undefined && status.totalSteps > 0 && <Progress status={status} />}
      {state === 'preparing' && <div className="indeterminate" role="progressbar" aria-label="Preparing samples" />}
      {problem !== undefined && (
        <p role="alert" className="down" data-testid="training-problem">
          {problem}
        </p>
      )}
      {problem === undefined && status?.message !== undefined && (
        <p className={state === 'failed' ? 'down' : 'dim'} role="status" data-testid="training-message">
          {status.message}
        </p>
      )}
    </form>
  );
}

function Progress({ status }: { readonly status: TrainingStatus }) {
  const share = Math.min(1, status.step / status.totalSteps);
  const { samples, samplesPerSecond } = status;
  return (
    <>
      <div
        className="progress"
        role="progressbar"
        aria-label="Training progress"
        aria-valuemin={0}
        aria-valuemax={status.totalSteps}
        aria-valuenow={status.step}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      <div className="training-figures num">
        <span data-testid="training-progress">
          {formatShare(share, 0)} <span className="dim">step</span> {formatNumber(status.step, 0)} /{' '}
          {formatNumber(status.totalSteps, 0)}
        </span>
        {samplesPerSecond !== undefined && (
          <span data-testid="training-speed">
            {formatNumber(samplesPerSecond, 0)} <span className="dim">samples/s</span>
          </span>
        )}
        {samples !== undefined && (
          <span
            className="training-samples"
            data-testid="training-samples"
            title="Stretches of candles that it learns from: those inside annotated trades, those outside of them, and those held out for scoring"
          >
            <Count value={samples.annotated} of="in trades" />
            <Count value={samples.hold} of="outside" />
            <Count value={samples.heldOut} of={`held out (${samples.heldOutAnnotated} in trades)`} />
          </span>
        )}
      </div>
    </>
  );
}

function Count({ value, of }: { readonly value: number; readonly of: string }) {
  return (
    <span>
      {formatNumber(value, 0)} <span className="dim">{of}</span>
    </span>
  );
}
