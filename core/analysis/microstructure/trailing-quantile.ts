/** Bits of the mantissa that tell bins apart: 64 bins an octave, each at most 1/64 of its lower edge wide. */
const SUB_BITS = 6;
const LOWEST_EXPONENT = -14;
const OCTAVES = 48;
const BINS = OCTAVES << SUB_BITS;
const SHIFT = 20 - SUB_BITS;
/** The first bin's exponent and mantissa bits: values below its edge count in it, values beyond the last bin's in that. */
const FIRST = (1_023 + LOWEST_EXPONENT) << SUB_BITS;

// A number's own bits say its bin, exactly and without a logarithm (as in Tene's HdrHistogram).
const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
/** Which half holds sign and exponent. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

function binOf(value: number): number {
  number[0] = value;
  const bin = ((words[HIGH] as number) >>> SHIFT) - FIRST;
  return bin < 0 ? 0 : bin < BINS ? bin : BINS - 1;
}

function lowerEdge(bin: number): number {
  words[HIGH] = (bin + FIRST) << SHIFT;
  words[1 - HIGH] = 0;
  return number[0] as number;
}

/**
 * A quantile of the last N positive values, exact but for the width of a bin (at most 1.6 % below the value itself), between 2⁻¹⁴ and
 * 2³⁴. Each value's bin is kept in a ring and counted in a histogram; the bin of the quantile's rank moves along as values come and
 * go. O(1) a value, bounded by the number of bins; nothing is allocated.
 */
export class TrailingQuantile {
  readonly #p: number;
  readonly #ring: Uint16Array;
  readonly #counts = new Uint32Array(BINS);
  #at = 0;
  #count = 0;
  /** The bin that holds the value of the quantile's rank, and how many values are in the bins below it. */
  #bin = 0;
  #below = 0;

  /** `p` in (0, 1]; `window`: N. */
  constructor(p: number, window: number) {
    this.#p = p;
    this.#ring = new Uint16Array(window);
  }

  /** Values in the window. */
  get count(): number {
    return this.#count;
  }

  /** Lower edge of the bin that holds the value of rank ⌈p·count⌉ (nearest rank); NaN without values. */
  get value(): number {
    return this.#count === 0 ? Number.NaN : lowerEdge(this.#bin);
  }

  /** Whether `value` is at `value` or above. */
  reaches(value: number): boolean {
    return this.#count > 0 && binOf(value) >= this.#bin;
  }

  add(value: number): void {
    const bin = binOf(value);
    const counts = this.#counts;
    if (this.#count === this.#ring.length) {
      const oldest = this.#ring[this.#at] as number;
      (counts[oldest] as number)--;
      if (oldest < this.#bin) this.#below--;
    } else this.#count++;
    this.#ring[this.#at] = bin;
    this.#at = this.#at + 1 === this.#ring.length ? 0 : this.#at + 1;
    (counts[bin] as number)++;
    if (bin < this.#bin) this.#below++;
    const rank = Math.ceil(this.#p * this.#count);
    while (rank <= this.#below) this.#below -= counts[--this.#bin] as number;
    while (rank > this.#below + (counts[this.#bin] as number)) this.#below += counts[this.#bin++] as number;
  }
}
