import type { Clock } from '../../../core/base/clock.ts';
import type { Failure, Result } from '../../../core/base/result.ts';
import type { Prediction } from '../../../core/contracts/learning.ts';
import { outcomeSpan, resolveMatured } from '../../../core/learning/outcomes.ts';
import type { CandleColumns } from '../../../core/market/candle.ts';
import type { LearningRepository, MarketRepository } from '../../ports/store.ts';

/** Fetches what the venue has and the store lacks of the 1m candles that opened in [from, to). */
export type EnsureHistory = (symbol: string, timeframe: '1m', from: number, to: number) => Promise<Result<unknown>>;

export interface OutcomeRecorderDeps {
  readonly symbol: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly market: Pick<MarketRepository, 'candleColumns'>;
  readonly learning: Pick<LearningRepository, 'saveOutcomes'>;
  readonly ensureHistory: EnsureHistory;
  /** Called with each prediction whose new outcomes are stored. */
  readonly recorded: (prediction: Prediction) => void;
  readonly report: (failure: Failure, where: string) => void;
}

export interface OutcomeRecorder {
  /** Watches a prediction until every outcome is recorded or known to be unknowable. */
  watch(prediction: Prediction): void;
  /**
   * Records every outcome that has matured by `closedUntil`, the close of the newest candle. `recent` are the candles in memory;
   * what they do not hold is read from the store, after asking the venue for it.
   */
  settle(closedUntil: number, recent: CandleColumns | undefined): Promise<void>;
  /** Predictions that still wait for an outcome. */
  readonly openCount: number;
}

/** How far apart two predictions may be to share one reading of the store. */
const SHARED_READING_MS = 6 * 3_600_000;

/**
 * Follows the predictions of one symbol to their outcomes. A horizon of which a minute is missing in memory, in the store and at
 * the venue keeps no outcome: it is tried again at the next start, in case the minute has turned up by then, and never
 * estimated.
 */
export function createOutcomeRecorder(deps: OutcomeRecorderDeps): OutcomeRecorder {
  const { symbol, clock, market, learning, ensureHistory, recorded, report } = deps;
  const open = new Map<string, Prediction>();
  /** Per prediction, the maturities whose minutes are missing everywhere. */
  const unknowable = new Map<string, Set<number>>();

  /** @returns whether a matured horizon is still without its candles */
  const apply = async (prediction: Prediction, candles: CandleColumns, closedUntil: number): Promise<boolean> => {
    const { prediction: next, resolved, missing } = resolveMatured(prediction, candles, closedUntil, clock.now());
    if (resolved.length > 0) {
      const saved = await learning.saveOutcomes(next);
      if (!saved.ok) {
        // It stays open as it was, and the next minute tries again.
        report(saved.error, `outcomes of prediction ${prediction.id}`);
        return false;
      }
      open.set(next.id, next);
      recorded(next);
      drop(next);
    }
    return missing.length > 0;
  };

  const drop = (prediction: Prediction): void => {
    const lost = unknowable.get(prediction.id);
    if (prediction.horizons.some(({ outcome, maturesAt }) => outcome === undefined && lost?.has(maturesAt) !== true)) return;
    open.delete(prediction.id);
    unknowable.delete(prediction.id);
  };

  const due = (closedUntil: number): Prediction[] =>
    [...open.values()]
      .filter((prediction) => {
        const lost = unknowable.get(prediction.id);
        return prediction.horizons.some(
          ({ outcome, maturesAt }) => outcome === undefined && maturesAt <= closedUntil && lost?.has(maturesAt) !== true,
        );
      })
      .sort((a, b) => a.t - b.t);

  const settleFromStore = async (group: readonly Prediction[], closedUntil: number): Promise<void> => {
    const from = (group[0] as Prediction).t;
    const to = Math.min(closedUntil, outcomeSpan((group.at(-1) as Prediction).t).to);
    const fetched = await ensureHistory(symbol, '1m', from, to);
    if (!fetched.ok) report(fetched.error, `1m candles of ${symbol} for outcomes`);
    const stored = await market.candleColumns(symbol, '1m', from, to);
    if (!stored.ok) return report(stored.error, `1m candles of ${symbol} for outcomes`);
    for (const prediction of group) {
      const missing = await apply(prediction, stored.value, closedUntil);
      // When the venue could not be asked, nothing is known yet: the next minute asks again.
      if (missing && (fetched.ok || !fetched.error.retryable)) giveUp(open.get(prediction.id) ?? prediction, closedUntil);
    }
  };

  const giveUp = (prediction: Prediction, closedUntil: number): void => {
    const lost = unknowable.get(prediction.id) ?? new Set<number>();
    for (const { outcome, maturesAt } of prediction.horizons)
      if (outcome === undefined && maturesAt <= closedUntil) lost.add(maturesAt);
    unknowable.set(prediction.id, lost);
    drop(prediction);
  };

  return {
    get openCount() {
      return open.size;
    },
    watch(prediction) {
      open.set(prediction.id, prediction);
    },
    async settle(closedUntil, recent) {
      const left: Prediction[] = [];
      for (const prediction of due(closedUntil)) {
        if (recent === undefined || (await apply(prediction, recent, closedUntil)))
          left.push(open.get(prediction.id) ?? prediction);
      }
      for (const group of grouped(left)) await settleFromStore(group, closedUntil);
    },
  };
}

/** Splits predictions in order of time where the span of one reading would grow too long. */
function grouped(predictions: readonly Prediction[]): Prediction[][] {
  const groups: Prediction[][] = [];
  for (const prediction of predictions) {
    const group = groups.at(-1);
    if (group !== undefined && prediction.t - (group[0] as Prediction).t <= SHARED_READING_MS) group.push(prediction);
    else groups.push([prediction]);
  }
  return groups;
}
