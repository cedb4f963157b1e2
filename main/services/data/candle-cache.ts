import type { Candle } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';

/** The newest closed candles of one symbol and timeframe, ascending and without duplicates. */
export class CandleCache {
  readonly #capacity: number;
  #candles: Candle[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get candles(): readonly Candle[] {
    return this.#candles;
  }

  get newest(): Candle | undefined {
    return this.#candles.at(-1);
  }

  /** Takes over what the store has; a candle that was closed while it was being read is newer, and stays. */
  refresh(stored: readonly Candle[]): void {
    const newest = stored.at(-1)?.openTime ?? Number.NEGATIVE_INFINITY;
    const since = this.#candles.filter((candle) => candle.openTime > newest);
    this.#candles = [...stored, ...since].slice(-this.#capacity);
  }

  /** Appends a candle that is newer than all, or replaces the one with its open time. An older unknown one is left to the store. */
  put(candle: Candle): void {
    const newest = this.#candles.at(-1);
    if (newest === undefined || candle.openTime > newest.openTime) {
      this.#candles.push(candle);
      // Trimmed in blocks, so that the cost of moving the rest is paid rarely.
      if (this.#candles.length > this.#capacity * 1.25) this.#candles = this.#candles.slice(-this.#capacity);
      return;
    }
    const index = this.#candles.findLastIndex((known) => known.openTime === candle.openTime);
    if (index >= 0) this.#candles[index] = candle;
  }
}

export function candleCaches(capacity: number): Readonly<Record<Timeframe, CandleCache>> {
  const cache = (): CandleCache => new CandleCache(capacity);
  return { '1s': cache(), '1m': cache(), '5m': cache(), '15m': cache(), '1h': cache(), '4h': cache(), '1d': cache() };
}
