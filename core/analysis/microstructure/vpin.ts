import type { EpochMs } from '../../base/clock.ts';
import { TrailingVolume } from './trailing-volume.ts';

export interface VpinOptions {
  /** n: buckets that the mean is taken over. */
  readonly buckets?: number;
  /** n buckets hold as much as is traded in this time at the rate of the trailing window. */
  readonly spanMs?: number;
  /** The trailing window: whole minutes. */
  readonly windowMs?: number;
  /** Watched time before the first bucket begins. */
  readonly leastMs?: number;
}

const BUCKETS = 50;
const SPAN_MS = 600_000;
const WINDOW_MS = 3_600_000;
const LEAST_MS = 120_000;

/**
 * Volume-synchronised probability of informed trading (Easley, López de Prado & O'Hara 2012, "Flow Toxicity and Liquidity in a
 * High-frequency World"): the mean over the last n = 50 volume buckets of |bought − sold| / V. Venues say which side took, so
 * volume is counted to its side as told; the paper's bulk classification, which estimates it from prices, is not needed.
 *
 * **The bucket's volume V.** The paper takes 1/50 of an average day's volume, known a day after a start. Here it is 1/50 of what is
 * traded in ten minutes at the mean rate of the trailing hour (or as much of it as was watched, two minutes at least), so that the
 * figure is known some twelve minutes after a start. V is set when a bucket begins, from seconds that were over by then, and stands
 * until the bucket is full. Where the trailing hour has no volume, V stays.
 *
 * A trade larger than what is left of the bucket goes on in the next ones. O(1) a trade that ends no bucket; one that does costs
 * n + the window's minutes.
 */
export class Vpin {
  readonly #spanMs: number;
  readonly #leastMs: number;
  readonly #trailing: TrailingVolume;
  /** |bought − sold| / V of the last n full buckets; a ring. */
  readonly #imbalances: Float64Array;
  #at = 0;
  #full = 0;
  /** V; NaN before the first bucket. */
  #volume = Number.NaN;
  #bought = 0;
  #sold = 0;
  #value = Number.NaN;

  constructor({ buckets = BUCKETS, spanMs = SPAN_MS, windowMs = WINDOW_MS, leastMs = LEAST_MS }: VpinOptions = {}) {
    this.#imbalances = new Float64Array(buckets);
    this.#spanMs = spanMs;
    this.#leastMs = leastMs;
    this.#trailing = new TrailingVolume(windowMs);
  }

  /** In [0, 1]; NaN before n buckets were full. */
  get value(): number {
    return this.#value;
  }

  /** V of the bucket in progress, base units; NaN before the first one. */
  get bucketVolume(): number {
    return this.#volume;
  }

  /** It is now `t`, ms; to be called whenever a second has begun. */
  advance(t: EpochMs): void {
    this.#trailing.advance(t);
    if (this.#volume !== this.#volume) this.#renewVolume();
  }

  /** `quantity` in base units, as of all trades; `bought`: the taker bought. */
  add(quantity: number, bought: boolean): void {
    this.#trailing.add(quantity);
    const volume = this.#volume;
    if (volume !== volume) return;
    const room = volume - this.#bought - this.#sold;
    if (quantity < room) {
      if (bought) this.#bought += quantity;
      else this.#sold += quantity;
      return;
    }
    const difference = bought ? this.#bought + room - this.#sold : this.#sold + room - this.#bought;
    this.#push(Math.min(1, Math.abs(difference) / volume));
    this.#renewVolume();
    // Buckets that this trade fills alone are of one side; more than n of them leave nothing of before.
    const rest = Math.max(0, quantity - room);
    const whole = Math.floor(rest / this.#volume);
    for (let i = Math.min(whole, this.#imbalances.length); i > 0; i--) this.#push(1);
    const left = Math.max(0, rest - whole * this.#volume);
    this.#bought = bought ? left : 0;
    this.#sold = bought ? 0 : left;
    this.#value = this.#mean();
  }

  #push(imbalance: number): void {
    this.#imbalances[this.#at] = imbalance;
    this.#at = this.#at + 1 === this.#imbalances.length ? 0 : this.#at + 1;
    this.#full++;
  }

  #renewVolume(): void {
    const volume = (this.#trailing.rate(this.#leastMs) * this.#spanMs) / this.#imbalances.length;
    if (volume > 0) this.#volume = volume;
  }

  /** Summed anew each time, so that rounding never accumulates. */
  #mean(): number {
    const imbalances = this.#imbalances;
    if (this.#full < imbalances.length) return Number.NaN;
    let sum = 0;
    for (let i = 0; i < imbalances.length; i++) sum += imbalances[i] as number;
    return sum / imbalances.length;
  }
}
