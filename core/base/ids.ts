import type { Clock } from './clock.ts';
import type { Rng } from './rng.ts';

/** Makes identifiers that are unique and sort by the time they were made. */
export interface IdGen {
  next(prefix: string): string;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const MOST_PER_MS = 32 ** 4;

/**
 * `prefix_` + 10 characters of time + 4 of counter + 8 of randomness, in Crockford base 32.
 * The counter keeps ids made within one millisecond apart and in order.
 */
export function createIdGen(clock: Pick<Clock, 'now'>, rng: Rng): IdGen {
  let counter = 0;
  let lastMs = -1;
  return {
    next(prefix) {
      let now = Math.max(clock.now(), lastMs);
      counter = now === lastMs ? counter + 1 : 0;
      // A counter that is full borrows the next millisecond; to start over within this one would break the order.
      if (counter === MOST_PER_MS) {
        now++;
        counter = 0;
      }
      lastMs = now;
      let random = '';
      for (let i = 0; i < 8; i++) random += ALPHABET[Math.floor(rng.next() * 32)];
      return `${prefix}_${base32(now, 10)}${base32(counter, 4)}${random}`;
    },
  };
}

function base32(value: number, width: number): string {
  let digits = '';
  let rest = value;
  for (let i = 0; i < width; i++) {
    digits = ALPHABET[rest % 32] + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}
