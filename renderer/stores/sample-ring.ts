/** The newest `capacity` samples of a figure; older ones are overwritten. */
export class SampleRing {
  readonly #samples: Float64Array;
  #next = 0;
  #size = 0;

  constructor(capacity: number) {
    this.#samples = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  push(value: number): void {
    this.#samples[this.#next] = value;
    this.#next = (this.#next + 1) % this.#samples.length;
    this.#size = Math.min(this.#size + 1, this.#samples.length);
  }

  /** `back` samples before the newest, which is 0; `undefined` when it is gone or never was. */
  at(back: number): number | undefined {
    if (back < 0 || back >= this.#size) return undefined;
    const { length } = this.#samples;
    return this.#samples[(this.#next - 1 - back + 2 * length) % length];
  }

  /** Oldest first. */
  values(): number[] {
    return Array.from({ length: this.#size }, (_, i) => this.at(this.#size - 1 - i) ?? 0);
  }
}
