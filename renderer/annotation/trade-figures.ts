import { type Annotation, annotationProfitPct } from '../../core/contracts/annotations.ts';
import { type ChartCandle, indexAtOrBefore } from '../charts/candle-series.ts';

export interface TradeFigures {
  /** Percent of the entry price, before fees. */
  readonly profitPct: number;
  readonly heldMs: number;
  /** The furthest that the market went against the trade while it was held, in percent of the entry price, at least 0. */
  readonly worstPct: number | undefined;
  /** Profit over that furthest move against it; undefined when there was none, or the candles are not all there. */
  readonly rewardRisk: number | undefined;
}

/** What an annotated trade amounts to, measured on ascending `candles`. The entry candle's own range counts too. */
export function tradeFigures(
  annotation: Pick<Annotation, 'direction' | 'entry' | 'exit'>,
  candles: readonly ChartCandle[],
): TradeFigures {
  const { direction, entry, exit } = annotation;
  const profitPct = annotationProfitPct(annotation);
  const heldMs = exit.time - entry.time;
  const first = indexAtOrBefore(candles, entry.time);
  const last = indexAtOrBefore(candles, exit.time);
  if (first < 0) return { profitPct, heldMs, worstPct: undefined, rewardRisk: undefined };
  let worst = entry.price;
  for (let i = first; i <= last; i++) {
    const { low, high } = candles[i] as ChartCandle;
    worst = direction === 'long' ? Math.min(worst, low) : Math.max(worst, high);
  }
  const worstPct = (100 * Math.abs(worst - entry.price)) / entry.price;
  return { profitPct, heldMs, worstPct, rewardRisk: worstPct === 0 ? undefined : profitPct / worstPct };
}
