import { useMemo } from 'react';
import { ACTIONS, DIRECTIONS, type HorizonForecast, type Prediction } from '../../../core/contracts/learning.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useCheckpoints } from '../../stores/checkpoints.ts';
import { type HorizonTally, tallyHorizons, useForecasts } from '../../stores/forecasts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatReturn, formatShare } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';

const ACTION_TONES = ['down', 'dim', 'up'] as const;
const ARROWS: Readonly<Record<(typeof DIRECTIONS)[number], string>> = { down: '▼ down', flat: '■ flat', up: '▲ up' };

/** The newest prediction, and how often each horizon was right lately. */
export function Forecast() {
  const { bootstrap } = useDesk();
  const predictions = useForecasts((state) => state.predictions);
  const hasModel = useCheckpoints((state) => state.checkpoints?.some((checkpoint) => checkpoint.active) === true);
  const tallies = useMemo(() => tallyHorizons(predictions ?? []), [predictions]);
  const newest = predictions?.[0];
  return (
    <section aria-label="Latest prediction" data-testid="forecast">
      <h3 className="section-title">
        Latest prediction
        {newest !== undefined && (
          <>
            <span className="num">{formatClock(newest.t)}</span>
            <ModeBadge mode={bootstrap.mode} />
          </>
        )}
      </h3>
      {newest === undefined ? (
        <EmptyState title="No prediction yet">
          {hasModel
            ? 'The next one comes when the running minute closes.'
            : 'Train a model, or promote a checkpoint: it then predicts at every closed minute.'}
        </EmptyState>
      ) : (
        <Summary prediction={newest} tallies={tallies} count={predictions?.length ?? 0} />
      )}
    </section>
  );
}

function Summary({
  prediction,
  tallies,
  count,
}: {
  readonly prediction: Prediction;
  readonly tallies: readonly HorizonTally[];
  readonly count: number;
}) {
  return (
    <div className="forecast">
      <div className="forecast-actions" role="group" aria-label="Action probabilities">
        {ACTIONS.map((action, index) => {
          const probability = prediction.actionProbabilities[index] ?? 0;
          return (
            <div key={action} className={`forecast-action forecast-${ACTION_TONES[index]}`} data-testid={`probability-${action}`}>
              <span className="forecast-share" style={{ transform: `scaleX(${probability})` }} />
              <span>{action}</span>
              <span className="num">{formatShare(probability, 0)}</span>
            </div>
          );
        })}
      </div>
      <div className="checkpoints-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Horizon</th>
              <th scope="col">Direction</th>
              <th scope="col" className="right">
                Expected
              </th>
              <th scope="col" className="right" title={`Of the newest ${count} predictions, where the outcome is known`}>
                Hit / miss
              </th>
            </tr>
          </thead>
          <tbody>
            {prediction.horizons.map((forecast) => (
              <HorizonRow
                key={forecast.horizonMin}
                forecast={forecast}
                tally={tallies.find((tally) => tally.horizonMin === forecast.horizonMin)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function HorizonRow({ forecast, tally }: { readonly forecast: HorizonForecast; readonly tally: HorizonTally | undefined }) {
  const [down, flat, up] = forecast.probabilities;
  const likeliest = up >= down && up >= flat ? 2 : down >= flat ? 0 : 1;
  const direction = DIRECTIONS[likeliest];
  const known = tally === undefined ? 0 : tally.hits + tally.misses;
  return (
    <tr
      data-testid={`horizon-${forecast.horizonMin}`}
      title={`P(down) ${formatShare(down, 0)}, P(flat) ${formatShare(flat, 0)}, P(up) ${formatShare(up, 0)}`}
    >
      <td className="num">{forecast.horizonMin} min</td>
      <td className={direction === 'up' ? 'up' : direction === 'down' ? 'down' : 'dim'}>
        {ARROWS[direction]} <span className="num">{formatShare(forecast.probabilities[likeliest], 0)}</span>
      </td>
      <td className={`num right ${forecast.expectedReturn > 0 ? 'up' : forecast.expectedReturn < 0 ? 'down' : ''}`}>
        {formatReturn(forecast.expectedReturn)}
      </td>
      <td className="num right" data-testid={`tally-${forecast.horizonMin}`}>
        {known === 0 || tally === undefined ? (
          <span className="dim">none known</span>
        ) : (
          <>
            {tally.hits} / {tally.misses} <span className="dim">{formatShare(tally.hits / known, 0)}</span>
          </>
        )}
      </td>
    </tr>
  );
}
