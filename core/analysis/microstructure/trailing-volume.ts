import type { EpochMs } from '../../base/clock.ts';

const SLOT_MS = 60_000;

/**
 * Volume traded in a trailing window, in slots of a minute, and how much of the window was watched. Only time that is over counts:
 * what was traded since the last `advance` is not in it yet.
 */
export class TrailingVolume {
  readonly #slots: number;
  /** Of each slot: which minute it holds, what was traded in it, and how long it was watched. */
  readonly #minute: Float64Array;
  readonly #volume: Float64Array;
  readonly #watchedMs: Float64Array;
  #since = Number.NaN;
  #traded = 0;

  /** `windowMs`: a whole number of minutes. */
  constructor(windowMs: number) {
    if (!(windowMs >= SLOT_MS) || windowMs % SLOT_MS !== 0)
      throw new RangeError(`a window of ${windowMs} ms is not whole minutes`);
    this.#slots = windowMs / SLOT_MS;
    this.#minute = new Float64Array(this.#slots).fill(-1);
    this.#volume = new Float64Array(this.#slots);
    this.#watchedMs = new Float64Array(this.#slots);
  }

  add(volume: number): void {
    this.#traded += volume;
  }

  /** It is now `t`: all from the last call until now is over. What came before the first call was not watched. */
  advance(t: EpochMs): void {
    const since = this.#since;
    if (since === since && t > since) {
      const minute = Math.floor(since / SLOT_MS);
      const slot = minute % this.#slots;
      if (this.#minute[slot] !== minute) {
        this.#minute[slot] = minute;
        this.#volume[slot] = 0;
        this.#watchedMs[slot] = 0;
      }
      (this.#volume[slot] as number) += this.#traded;
      (this.#watchedMs[slot] as number) += t - since;
    }
    this.#since = t;
    this.#traded = 0;
  }

  /** Volume per ms of watched time; NaN before `leastMs` were watched. Costs as much as the window has minutes. */
  rate(leastMs: number): number {
    const oldest = Math.floor(this.#since / SLOT_MS) - this.#slots;
    let volume = 0;
    let watchedMs = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if ((this.#minute[slot] as number) <= oldest) continue;
      volume += this.#volume[slot] as number;
      watchedMs += this.#watchedMs[slot] as number;
    }
    return watchedMs >= leastMs && watchedMs > 0 ? volume / watchedMs : Number.NaN;
  }
}
