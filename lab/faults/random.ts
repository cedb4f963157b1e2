import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import { type Fault, MOMENTS, SPELLS } from './fault.ts';

const KINDS = [...MOMENTS, 'close-at', ...SPELLS] as const;
const LEAD_MS = 5_000;
/** Market milliseconds from one fault to the next, in the mean. */
export const RANDOM_EVERY_MS = 15_000;
const LASTS_MS_MIN = 1_000;
const LASTS_MS_MAX = 25_000;
const SLOW_MS_MAX = 3_000;
const SKEW_MS_MAX = 10_000;
const MESSAGES_MAX = 2_000;

/** A script of `count` faults of every kind over the venues; the same arguments give the same script. */
export function randomFaults(count: number, seed: number, base: number, venues: readonly string[]): Fault[] {
  const rng = new SplitMix32(seed);
  const faults: Fault[] = [];
  let at = base + LEAD_MS;
  for (let i = 0; i < count; i++) {
    const kind = KINDS[nextInt(rng, KINDS.length)] as Fault['kind'];
    const venue = venues[nextInt(rng, venues.length)];
    const lasts = LASTS_MS_MIN + nextInt(rng, LASTS_MS_MAX - LASTS_MS_MIN);
    const size = rng.next();
    faults.push({
      kind,
      venue,
      at,
      durationMs: (SPELLS as readonly string[]).includes(kind) ? lasts : 0,
      byMs:
        kind === 'slow' ? Math.round(size * SLOW_MS_MAX) : kind === 'skew' ? Math.round((2 * size - 1) * SKEW_MS_MAX) : undefined,
      count: kind === 'close-at' ? 1 + Math.floor(size * MESSAGES_MAX) : undefined,
    });
    at += Math.round(2 * RANDOM_EVERY_MS * rng.next());
  }
  return faults;
}
