import type { ReplayedEvent } from '../../../core/recording/recorded-event.ts';

const WINDOW_MS = 60_000;

/**
 * How long after their time trades were received, at most, of late: in market time, and so 60 times as long where the
 * practice market ran 60 times as fast. A candle is not over before.
 */
export class TradeLag {
  #windowFrom = Number.NEGATIVE_INFINITY;
  #now = 0;
  #before = 0;

  get ms(): number {
    return Math.max(this.#now, this.#before);
  }

  add({ tsEvent, tsReceived }: ReplayedEvent): void {
    if (tsReceived >= this.#windowFrom + WINDOW_MS) {
      this.#before = this.#now;
      this.#now = 0;
      this.#windowFrom = tsReceived;
    }
    this.#now = Math.max(this.#now, tsReceived - tsEvent);
  }
}
