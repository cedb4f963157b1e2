import { aggregateCandles } from './candle-aggregation.ts';
import type { Candle } from './candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from './timeframe.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];
const COARSER = TIMEFRAMES.filter((timeframe) => TIMEFRAME_MS[timeframe] > MINUTE_MS);

export interface ClosedCandle {
  readonly timeframe: Timeframe;
  readonly candle: Candle;
}

/**
 * Closed minutes, told in time order → closed candles of every coarser timeframe. Minutes that are never told are left
 * out, not filled: a period whose last minutes are missing closes when a later one is told.
 */
export class MinuteRollup {
  readonly #forming = new Map<Timeframe, Candle>();

  /** @param partials the part before the next minute of the candles that run then */
  seed(partials: Partial<Record<Timeframe, Candle | undefined>>): void {
    this.#forming.clear();
    for (const timeframe of COARSER) {
      const partial = partials[timeframe];
      if (partial !== undefined) this.#forming.set(timeframe, partial);
    }
  }

  /** What closes with this minute, itself included: by end time, finer ones first. */
  add(minute: Candle): ClosedCandle[] {
    const overdue: ClosedCandle[] = [];
    const closed: ClosedCandle[] = [{ timeframe: '1m', candle: minute }];
    for (const timeframe of COARSER) {
      const openTime = openTimeOf(minute.openTime, timeframe);
      let before = this.#forming.get(timeframe);
      if (before !== undefined && before.openTime !== openTime) {
        overdue.push({ timeframe, candle: before });
        before = undefined;
      }
      const [candle = minute] = aggregateCandles(before === undefined ? [minute] : [before, minute], timeframe);
      const isOver = minute.openTime + MINUTE_MS === openTime + TIMEFRAME_MS[timeframe];
      if (isOver) {
        closed.push({ timeframe, candle });
        this.#forming.delete(timeframe);
      } else this.#forming.set(timeframe, candle);
    }
    return [...overdue, ...closed];
  }

  /** The running candle, up to the newest minute. */
  forming(timeframe: Timeframe): Candle | undefined {
    return this.#forming.get(timeframe);
  }
}
