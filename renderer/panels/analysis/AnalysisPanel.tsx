import './analysis.css';
import { useState } from 'react';
import {
  ANALYSIS_MODULES,
  type AnalysisModuleId,
  type AnalysisModuleView,
  type DirectionalView,
} from '../../../core/contracts/analysis.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatHeld, formatShare } from '../../ui/format.ts';
import { Toggle } from '../../ui/Toggle.tsx';
import { FeatureRow } from './FeatureRow.tsx';
import { useAnalysis } from './use-analysis.ts';

/** What the analysis modules know of the selected symbol, and which of them are loaded. */
export function AnalysisPanel() {
  const symbol = useSelection((state) => state.symbol);
  const analysis = useAnalysis(symbol);
  if (analysis === undefined) return <EmptyState title="Waiting for the analysis…">It reports twice a second.</EmptyState>;
  const loaded = analysis.view.modules.filter(({ state }) => state !== 'off');
  return (
    <div className="panel analysis" data-testid="analysis">
      <div className="analysis-bar" role="group" aria-label="Analysis modules">
        {analysis.view.modules.map((module) => (
          <ModuleSwitch key={module.id} module={module} />
        ))}
      </div>
      {loaded.length === 0 ? (
        <EmptyState title="No analysis module is loaded">
          Load one above; it stays loaded after a restart. At the first start those are loaded that <code>modules</code> in
          config.yaml names, and it names none.
        </EmptyState>
      ) : (
        <div className="analysis-modules">
          {loaded.map((module) => (
            <ModuleCard key={module.id} module={module} courses={analysis.courses} />
          ))}
        </div>
      )}
    </div>
  );
}

function ModuleSwitch({ module: { id, state } }: { readonly module: AnalysisModuleView }) {
  const { client } = useDesk();
  const [isChanging, setChanging] = useState(false);
  const { name, purpose } = ANALYSIS_MODULES[id];
  const isLoaded = state !== 'off' && state !== 'failed';
  async function change(): Promise<void> {
    setChanging(true);
    await runCommand(client, `${name} is as it was`, 'setAnalysisModule', { id, loaded: !isLoaded });
    setChanging(false);
  }
  return (
    <Toggle
      isOn={isLoaded}
      disabled={isChanging}
      title={`${purpose}. ${isLoaded ? 'Loaded; a click gives it up.' : 'Not loaded; a click loads it.'}`}
      onToggle={() => void change()}
      testId={`analysis-switch-${id}`}
    >
      {name}
    </Toggle>
  );
}

interface ModuleCardProps {
  readonly module: AnalysisModuleView;
  readonly courses: (module: AnalysisModuleId, feature: string) => readonly number[];
}

const STATE_WORDS = { off: '', loading: 'reading stored candles…', running: '', failed: 'stopped' } as const;

function ModuleCard({ module: { id, state, reason, features, predictions }, courses }: ModuleCardProps) {
  const { name, purpose } = ANALYSIS_MODULES[id];
  return (
    <section className="analysis-module" aria-label={name} data-testid={`analysis-${id}`} data-state={state}>
      <h3 className="section-title" title={purpose}>
        {name}
        <span className={state === 'failed' ? 'down' : 'dim'}>{STATE_WORDS[state]}</span>
      </h3>
      {state === 'failed' && (
        <p className="analysis-note down" role="alert">
          {reason}. The other modules go on; click its name above to load it again.
        </p>
      )}
      {state === 'running' && features.length === 0 && (
        <p className="analysis-note dim">Nothing to tell of this symbol, or nothing yet.</p>
      )}
      {predictions.map((prediction) => (
        <Prediction key={prediction.horizonMs} prediction={prediction} />
      ))}
      {predictions.length === 0 && features.some(({ id: feature }) => feature === 'record') && (
        <p className="analysis-prediction dim">
          <span>No view now</span>
        </p>
      )}
      {features.length > 0 && (
        <table className="table">
          <tbody>
            {features.map((feature) => (
              <FeatureRow key={feature.id} module={id} feature={feature} course={courses(id, feature.id)} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Prediction({
  prediction: { direction, horizonMs, confidence, calls, basis },
}: {
  readonly prediction: DirectionalView;
}) {
  const title = `${calls} earlier calls of this rule on this symbol were judged after ${formatHeld(horizonMs)}; the confidence is the share of them that came true, each rate being as likely before. Now: ${basis}.`;
  return (
    <p className="analysis-prediction" title={title} data-testid="analysis-prediction">
      <strong className={direction}>
        {direction === 'up' ? '▲' : '▼'} {direction} in {formatHeld(horizonMs)}
      </strong>
      <span className="num">{formatShare(confidence, 0)}</span>
      <span className="dim">
        of {calls} calls; {basis}
      </span>
    </p>
  );
}
