import type { Cancel, Clock } from '../../core/base/clock.ts';
import type { Result } from '../../core/base/result.ts';
import type { HostClock } from './host-clock.ts';

const SAMPLES = 5;
const SYNC_EVERY_WALL_MS = 30_000;
/** An answer slower than this tells too little about the moment at which it was given. */
const SLOWEST_ROUND_TRIP_MS = 1_000;

/**
 * Sets the market clock by the venue's: of several requests the quickest is believed, and the venue is taken to have
 * answered half-way through it (Cristian's algorithm; the error is at most half of that round trip).
 * @param first nothing was timed by this clock yet, so it may be set back
 * @returns the correction in market milliseconds, or undefined when the venue did not answer
 */
export async function syncClock(
  clock: HostClock,
  serverTime: () => Promise<Result<number>>,
  first = false,
): Promise<number | undefined> {
  let best: { readonly roundTripMs: number; readonly receivedAt: number; readonly serverTime: number } | undefined;
  for (let i = 0; i < SAMPLES; i++) {
    const sentAt = performance.now();
    const answer = await serverTime();
    const receivedAt = performance.now();
    if (!answer.ok) break;
    const roundTripMs = receivedAt - sentAt;
    if (roundTripMs <= SLOWEST_ROUND_TRIP_MS && (best === undefined || roundTripMs < best.roundTripMs)) {
      best = { roundTripMs, receivedAt, serverTime: answer.value };
    }
  }
  if (best === undefined) return undefined;
  const elapsed = performance.now() - best.receivedAt + best.roundTripMs / 2;
  const marketNow = best.serverTime + elapsed * clock.rate;
  const correction = marketNow - clock.now();
  if (first) clock.set(marketNow, clock.rate);
  else clock.anchor(marketNow, clock.rate);
  return correction;
}

/**
 * Syncs now and then again every half minute. Answers after the first attempt.
 * The first answer sets the clock even back: a machine whose own clock is ahead would otherwise stand still until its time came.
 */
export async function keepInSync(clock: HostClock, wall: Clock, serverTime: () => Promise<Result<number>>): Promise<Cancel> {
  let synced = false;
  const sync = async (): Promise<void> => {
    if ((await syncClock(clock, serverTime, !synced)) !== undefined) synced = true;
  };
  await sync();
  return wall.every(SYNC_EVERY_WALL_MS, () => void sync());
}
