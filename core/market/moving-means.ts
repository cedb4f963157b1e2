import type { EpochMs } from '../base/clock.ts';

/**
 * Time-weighted means of one sampled value over several trailing windows.
 *
 * A sample holds from its time until the next one; the mean over a window W at the newest sample's time t is
 * ∫ x over (t − W, t] divided by the part of it that is known. Unknown spans (`addUnknown`, and before the first
 * sample) have no weight. Each mean is summed anew from the samples in its window, so rounding never accumulates.
 * A sample may carry what its value is made from, so that it can be made anew from another point of view (`revalue`).
 */
export class MovingMeans<Source = never> {
  readonly #windowsMs: readonly number[];
  readonly #longestMs: number;
  /** Rings; their length is a power of two. */
  #times = new Float64Array(1024);
  #values = new Float64Array(1024);
  #sources: (Source | undefined)[] = [];
  /** Index of the oldest sample, and how many there are. */
  #start = 0;
  #count = 0;

  /** `windowsMs` ascending. */
  constructor(windowsMs: readonly number[]) {
    this.#windowsMs = windowsMs;
    this.#longestMs = windowsMs[windowsMs.length - 1] ?? 0;
  }

  /** Adds a sample; times must not go back (a sample that does replaces all that is later). */
  add(time: EpochMs, value: number, source?: Source): void {
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
    this.#sources[slot] = source;
  }

  /** Values every kept sample that has a source anew; NaN makes it unknown. */
  revalue(valueOf: (source: Source) => number): void {
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#slot(i);
      const source = this.#sources[slot];
      if (source !== undefined) this.#values[slot] = valueOf(source);
    }
  }

  /** From `time` on the value is not known, until the next sample. */
  addUnknown(time: EpochMs): void {
    this.add(time, Number.NaN);
  }

  /** Writes the mean over each window to `out`. The newest value stands in where nothing of a window is known; 0 without any. */
  means(out: Float64Array): void {
    const windows = this.#windowsMs;
    const times = this.#times;
    const values = this.#values;
    const wrap = times.length - 1;
    const newestSlot = (this.#start + this.#count - 1) & wrap;
    const newest = this.#count === 0 ? Number.NaN : (values[newestSlot] as number);
    const now = this.#count === 0 ? 0 : (times[newestSlot] as number);
    // Back in time once: a window ends within one sample's span, and the shorter ones have ended before it.
    let area = 0;
    let known = 0;
    let until = now;
    let w = 0;
    let start = now - (windows[0] ?? 0);
    for (let i = this.#count - 2; i >= 0; i--) {
      const slot = (this.#start + i) & wrap;
      const from = times[slot] as number;
      const value = values[slot] as number;
      const isKnown = !Number.isNaN(value);
      while (from <= start) {
        const span = until - start;
        out[w] = isKnown ? meanOf(area + value * span, known + span, newest) : meanOf(area, known, newest);
        if (++w === windows.length) return;
        start = now - (windows[w] as number);
      }
      if (isKnown) {
        area += value * (until - from);
        known += until - from;
      }
      until = from;
    }
    for (; w < windows.length; w++) out[w] = meanOf(area, known, newest);
  }

  #slot(offset: number): number {
    return (this.#start + offset) & (this.#times.length - 1);
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const values = new Float64Array(this.#times.length * 2);
    const sources: (Source | undefined)[] = [];
    for (let i = 0; i < this.#count; i++) {
      times[i] = this.#times[this.#slot(i)] as number;
      values[i] = this.#values[this.#slot(i)] as number;
      sources[i] = this.#sources[this.#slot(i)];
    }
    this.#times = times;
    this.#values = values;
    this.#sources = sources;
    this.#start = 0;
  }
}

function meanOf(area: number, known: number, newest: number): number {
  if (known > 0) return area / known;
  return Number.isNaN(newest) ? 0 : newest;
}
