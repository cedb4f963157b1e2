import type { StructureLevelView } from '../../../core/contracts/structure.ts';
import { PIVOT_LEVEL_NUMBERS } from '../../../core/contracts/structure.ts';
import { type Timeframe, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { formatShare } from '../../ui/format.ts';
import type { StructureViews } from './use-structure.ts';

/** With fewer there are not two highs and two lows to compare. */
const PIVOTS_FOR_A_TREND = 4;

export const TREND_MARKS = {
  up: { mark: '▲', text: 'up', tone: 'up' },
  down: { mark: '▼', text: 'down', tone: 'down' },
  sideways: { mark: '▬', text: 'sideways', tone: 'dim' },
} as const;

export function hasTrend({ count }: StructureLevelView): boolean {
  return count >= PIVOTS_FOR_A_TREND;
}

interface TrendMatrixProps {
  readonly views: StructureViews;
  readonly shown: Timeframe;
  readonly onShow: (timeframe: Timeframe) => void;
}

/** Trend of every timeframe and level; a row puts its timeframe on the chart. */
export function TrendMatrix({ views, shown, onShow }: TrendMatrixProps) {
  return (
    <table className="table structure-matrix" aria-label="Trends by timeframe and level" data-testid="structure-matrix">
      <thead>
        <tr>
          <th scope="col">Trend</th>
          {PIVOT_LEVEL_NUMBERS.map((level) => (
            <th
              key={level}
              scope="col"
              className="right"
              title={`Level ${level}: ${level === 1 ? 'swings of candles' : `swings among the pivots of level ${level - 1}`}`}
            >
              L{level}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {TIMEFRAMES.map((timeframe) => (
          <tr key={timeframe} className={timeframe === shown ? 'structure-shown' : undefined}>
            <th scope="row">
              <button
                type="button"
                aria-pressed={timeframe === shown}
                title={`Show ${timeframe} candles on the chart`}
                onClick={() => onShow(timeframe)}
                data-testid={`structure-${timeframe}`}
              >
                {timeframe}
              </button>
            </th>
            {PIVOT_LEVEL_NUMBERS.map((number, i) => {
              const view = views[timeframe];
              const level = view?.levels[i];
              return (
                <td key={number} className="right" data-testid={`trend-${timeframe}-${number}`}>
                  {view?.ready === false ? <span className="dim">…</span> : <TrendCell level={level} />}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TrendCell({ level }: { readonly level: StructureLevelView | undefined }) {
  if (level === undefined || !hasTrend(level)) {
    const count = level?.count ?? 0;
    const title = count === 0 ? 'No pivot of this level yet' : `${count} of the ${PIVOTS_FOR_A_TREND} pivots that a trend takes`;
    return (
      <span className="dim" title={title}>
        –
      </span>
    );
  }
  const { mark, text, tone } = TREND_MARKS[level.trend];
  const share = formatShare(level.trendStrength, 0);
  const title =
    level.trend === 'sideways' ? 'Highs and lows do not move the same way' : `${share} of the last six steps go ${text}`;
  return (
    <span className={`structure-trend ${tone}`} title={title} aria-label={`${text} ${level.trend === 'sideways' ? '' : share}`}>
      {level.trend !== 'sideways' && <span className="structure-share">{share}</span>}
      <span aria-hidden="true">{mark}</span>
    </span>
  );
}
