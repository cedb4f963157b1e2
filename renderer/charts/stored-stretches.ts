const RETRY_MS = 3_000;

export interface StretchOptions<T> {
  /** Stretch n covers [n, n + 1) · lengthMs. */
  readonly lengthMs: number;
  /** How many are kept. */
  readonly most: number;
  /** Undefined when it could not be read; it is tried again when it is needed a while later. */
  readonly read: (from: number, to: number) => Promise<T | undefined>;
  readonly onChange: () => void;
  /** Any steady clock, ms. */
  readonly now?: () => number;
}

/** What is stored of the time before a moment, read in stretches when they come into view; those looked at last are kept. */
export class StoredStretches<T> {
  readonly #options: StretchOptions<T>;
  readonly #now: () => number;
  /** By stretch number, the one used last at the end. */
  readonly #known = new Map<number, T>();
  readonly #reading = new Set<number>();
  readonly #failedAt = new Map<number, number>();
  /** Counts the beginnings: what was asked for before is not taken any more. */
  #round = 0;

  constructor(options: StretchOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Forgets everything, also what is on its way. */
  clear(): void {
    this.#round++;
    this.#known.clear();
    this.#reading.clear();
    this.#failedAt.clear();
  }

  /** Reads what of [from, to) lies before `until`, newest first. `until` stays the same from one `clear` to the next. */
  cover(from: number, to: number, until: number): void {
    const { lengthMs } = this.#options;
    const first = Math.floor(from / lengthMs);
    for (let number = Math.ceil(Math.min(to, until) / lengthMs) - 1; number >= first && number >= 0; number--) {
      const known = this.#known.get(number);
      if (known !== undefined) {
        this.#known.delete(number);
        this.#known.set(number, known);
      } else if (
        !this.#reading.has(number) &&
        this.#now() - (this.#failedAt.get(number) ?? Number.NEGATIVE_INFINITY) >= RETRY_MS
      ) {
        void this.#read(number, Math.min((number + 1) * lengthMs, until));
      }
    }
  }

  /** The stretch that holds `time`; undefined while it is not known. */
  at(time: number): T | undefined {
    return this.#known.get(Math.floor(time / this.#options.lengthMs));
  }

  get isReading(): boolean {
    return this.#reading.size > 0;
  }

  async #read(number: number, to: number): Promise<void> {
    const round = this.#round;
    this.#reading.add(number);
    const stretch = await this.#options.read(number * this.#options.lengthMs, to);
    if (round !== this.#round) return;
    this.#reading.delete(number);
    if (stretch === undefined) this.#failedAt.set(number, this.#now());
    else {
      this.#known.set(number, stretch);
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= this.#options.most) break;
        this.#known.delete(oldest);
      }
    }
    this.#options.onChange();
  }
}
