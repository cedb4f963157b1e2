import type { EpochMs } from '../base/clock.ts';

/**
 * Time-weighted means of one sampled value over several trailing windows.
 *
 * A sample holds from its time until the next one; the mean over a window W at the newest sample's time t is
 * ∫ x over (t − W, t] divided by the part of it that is known. Unknown spans (`addUnknown`, and before the first
 * sample) have no weight. Each mean is summed anew from the samples in its window, so rounding never accumulates.
 */
export class MovingMeans {
  readonly #windowsMs: readonly number[];
  readonly #longestMs: number;
  readonly #areas: Float64Array;
  readonly #known: Float64Array;
  #times = new Float64Array(1024);
  #values = new Float64Array(1024);
  /** Index of the oldest sample, and how many there are. */
  #start = 0;
  #count = 0;

  /** `windowsMs` ascending. */
  constructor(windowsMs: readonly number[]) {
    this.#windowsMs = windowsMs;
    this.#longestMs = windowsMs[windowsMs.length - 1] ?? 0;
    this.#areas = new Float64Array(windowsMs.length);
    this.#known = new Float64Array(windowsMs.length);
  }

  /** Adds a sample; times must not go back (a sample that does replaces all that is later). */
  add(time: EpochMs, value: number): void {
    while (this.#count > 0 && (this.#times[this.#slot(this.#count - 1)] as number) >= time) this.#count--;
    // Of the samples older than the longest window only the newest still reaches into it.
    while (this.#count > 1 && (this.#times[this.#slot(1)] as number) <= time - this.#longestMs) {
      this.#start = this.#slot(1);
      this.#count--;
    }
    if (this.#count === this.#times.length) this.#grow();
    const slot = this.#slot(this.#count++);
    this.#times[slot] = time;
    this.#values[slot] = value;
  }

  /** From `time` on the value is not known, until the next sample. */
  addUnknown(time: EpochMs): void {
    this.add(time, Number.NaN);
  }

  /** Writes the mean over each window to `out`. The newest value stands in where nothing of a window is known; 0 without any. */
  means(out: Float64Array): void {
    const windows = this.#windowsMs;
    this.#areas.fill(0);
    this.#known.fill(0);
    const newest = this.#count === 0 ? Number.NaN : (this.#values[this.#slot(this.#count - 1)] as number);
    const now = this.#count === 0 ? 0 : (this.#times[this.#slot(this.#count - 1)] as number);
    let until = now;
    for (let i = this.#count - 2; i >= 0; i--) {
      const slot = this.#slot(i);
      const from = this.#times[slot] as number;
      const value = this.#values[slot] as number;
      if (!Number.isNaN(value)) {
        for (let w = windows.length - 1; w >= 0; w--) {
          const windowStart = now - (windows[w] as number);
          if (until <= windowStart) break;
          const span = until - Math.max(from, windowStart);
          (this.#areas[w] as number) += value * span;
          (this.#known[w] as number) += span;
        }
      }
      until = from;
    }
    for (let w = 0; w < windows.length; w++) {
      const known = this.#known[w] as number;
      out[w] = known > 0 ? (this.#areas[w] as number) / known : Number.isNaN(newest) ? 0 : newest;
    }
  }

  #slot(offset: number): number {
    return (this.#start + offset) % this.#times.length;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const values = new Float64Array(this.#times.length * 2);
    for (let i = 0; i < this.#count; i++) {
      times[i] = this.#times[this.#slot(i)] as number;
      values[i] = this.#values[this.#slot(i)] as number;
    }
    this.#times = times;
    this.#values = values;
    this.#start = 0;
  }
}
