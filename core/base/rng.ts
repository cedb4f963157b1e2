/** The only source of randomness for everything outside a host. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
}

/**
 * SplitMix32: 32 bits of state, passes PractRand to far beyond what a simulated minute needs, and any seed is a good seed.
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), 32-bit finaliser by Ettinger.
 */
export class SplitMix32 implements Rng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 4294967296;
  }
}

/** A uniform integer in [0, bound). */
export function nextInt(rng: Rng, bound: number): number {
  return Math.floor(rng.next() * bound);
}

/** A standard normal variate (Box–Muller; one of the pair is thrown away, so that draws stay independent of call order). */
export function nextNormal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng.next()));
  return radius * Math.cos(2 * Math.PI * rng.next());
}
