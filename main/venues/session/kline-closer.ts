import type { Candle } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Link, Track } from './stream-protocol.ts';

interface Newest {
  readonly candle: Candle;
  readonly closed: boolean;
}

/** Passes a venue's candles on where the venue does not say that one is closed: it is when the next one begins. */
export class KlineCloser {
  readonly #link: Link;
  readonly #timeframe: Timeframe;
  readonly #newest = new Map<Track, Newest>();

  constructor(link: Link, timeframe: Timeframe) {
    this.#link = link;
    this.#timeframe = timeframe;
  }

  /** `closed`: the venue said so, for those that do at times. */
  onCandle(track: Track, candle: Candle, closed = false): void {
    const before = this.#newest.get(track);
    if (before !== undefined && !before.closed && before.candle.openTime < candle.openTime) {
      this.#link.onKline(track, before.candle, true, this.#timeframe);
    }
    this.#link.onKline(track, candle, closed, this.#timeframe);
    if (before === undefined || before.candle.openTime <= candle.openTime) this.#newest.set(track, { candle, closed });
  }
}
