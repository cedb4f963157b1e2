import type { EpochMs } from '../base/clock.ts';
import type { DirectionalView, Feature } from '../contracts/analysis.ts';
import { feature } from './module.ts';

/** Fewer calls say next to nothing: with 30 the share of hits is still uncertain by 9 percentage points (one standard deviation). */
const LEAST = 30;
const KEPT = 1_000;

export interface TrackRecordOptions {
  readonly horizonMs: number;
  /** Calls that the confidence is measured by: the newest so many, and how many there must be. */
  readonly kept?: number;
  readonly least?: number;
}

/**
 * How often the calls of one rule on one symbol came true: the confidence of its next one.
 *
 * A call is noted at the price of its time and judged by the first price at or after its horizon; it came true when the price has moved
 * its way (one that stands still has not). While one is open no other is noted, so that they do not overlap and one move counts once.
 * A price that comes later than two horizons (an outage) judges nothing: that call is forgotten.
 * The confidence is (hits + 1) / (calls + 2), the mean of what is known of the rule's rate after them, every rate being as likely before
 * (Laplace's rule of succession). Nothing is known of a call's future when it is made: live and stored prices are told alike.
 */
export class TrackRecord {
  readonly horizonMs: number;
  readonly #least: number;
  readonly #ring: Uint8Array;
  #count = 0;
  #hits = 0;
  #at = Number.NaN;
  #price = Number.NaN;
  #direction = 0;

  constructor({ horizonMs, kept = KEPT, least = LEAST }: TrackRecordOptions) {
    this.horizonMs = horizonMs;
    this.#least = least;
    this.#ring = new Uint8Array(kept);
  }

  /** Calls that were judged and are kept. */
  get calls(): number {
    return Math.min(this.#count, this.#ring.length);
  }

  get hits(): number {
    return this.#hits;
  }

  /** NaN before enough calls were judged. */
  get confidence(): number {
    return this.calls < this.#least ? Number.NaN : (this.#hits + 1) / (this.calls + 2);
  }

  /**
   * The price at `t`, which does not go back, and what the rule says there: 1 up, −1 down, 0 nothing. To be told of every price, those
   * without a call too.
   */
  step(t: EpochMs, price: number, direction: -1 | 0 | 1): void {
    if (this.#direction !== 0 && t >= this.#at + this.horizonMs) {
      if (t <= this.#at + 2 * this.horizonMs) this.#judge((price - this.#price) * this.#direction > 0 ? 1 : 0);
      this.#direction = 0;
    }
    if (direction !== 0 && this.#direction === 0) {
      this.#direction = direction;
      this.#at = t;
      this.#price = price;
    }
  }

  /** The view of a rule that says `direction` now; none when it says nothing or its confidence is not known. */
  views(direction: -1 | 0 | 1, basis: string): DirectionalView[] {
    const { confidence, calls, horizonMs } = this;
    if (direction === 0 || Number.isNaN(confidence)) return [];
    return [{ direction: direction > 0 ? 'up' : 'down', horizonMs, confidence, calls, basis }];
  }

  /** The record itself: what the confidence of a next view would be, or how many calls are missing. */
  feature(): Feature {
    const { calls, hits } = this;
    const hint = `Calls of this module's rule that came true, of the last ${calls}; a prediction is shown from ${this.#least} calls on`;
    return feature('record', 'Calls that came true', calls === 0 ? Number.NaN : (100 * hits) / calls, '%', 1, {
      hint,
      ...(calls < this.#least ? { text: `${hits} of ${calls}` } : {}),
    });
  }

  #judge(hit: 0 | 1): void {
    const slot = this.#count % this.#ring.length;
    if (this.#count >= this.#ring.length) this.#hits -= this.#ring[slot] as number;
    this.#ring[slot] = hit;
    this.#hits += hit;
    this.#count++;
  }
}
