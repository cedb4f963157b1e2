import type { Rng } from '../../../core/base/rng.ts';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;

/** Half fixed, half random, doubling: many desks that lose one exchange at once do not come back at once. */
export function backoffMs(attempt: number, rng: Rng): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + rng.next() * (ceiling / 2);
}
