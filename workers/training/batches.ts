import { nextInt, SplitMix32 } from '../../core/base/rng.ts';

/**
 * The order in which an epoch visits `count` examples: a permutation that depends on the seed and the epoch alone, so that training
 * which goes on from a checkpoint sees what it would have seen.
 */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  // The multiplier is odd, so epochs of one seed never share a state; SplitMix32 scatters neighbours.
  const rng = new SplitMix32((Math.imul(epoch + 1, 0x85ebca6b) ^ seed) | 0);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = nextInt(rng, i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** Fills `rows` with the examples of one batch of the epoch; the last batch is filled up from the epoch's beginning. */
export function batchRows(order: Uint32Array, batch: number, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) rows[i] = order[(batch * rows.length + i) % order.length] as number;
}
