import type { Cancel, Clock } from '../../core/base/clock.ts';
import { fail, type Result } from '../../core/base/result.ts';
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

/** Asks a venue for its time. */
export type AskTime = () => Promise<Result<number>>;

/**
 * Syncs now and then again every half minute. Answers after the first attempt, within seconds even when no venue does.
 * The first answer sets the clock even back: a machine whose own clock is ahead would otherwise stand still until its time came.
 * @param venues in order of preference; the first is asked alone, and where it does not answer in time, whichever of the others
 * answers first is the timekeeper from then on
 */
export async function keepInSync(clock: HostClock, wall: Clock, venues: readonly AskTime[]): Promise<Cancel> {
  const asks = venues.map(
    (ask): AskTime =>
      () =>
        answerWithin(wall, SLOWEST_ROUND_TRIP_MS, ask),
  );
  let [timekeeper] = asks;
  let synced = false;
  let isRunning = false;
  const syncWith = async (ask: AskTime): Promise<boolean> => (await syncClock(clock, ask, !synced)) !== undefined;
  const sync = async (): Promise<void> => {
    if (timekeeper === undefined || isRunning) return;
    isRunning = true;
    const before = timekeeper;
    let isDone = await syncWith(before);
    if (!isDone) {
      const next = await firstToAnswer(asks.filter((ask) => ask !== before));
      if (next !== undefined) isDone = await syncWith((timekeeper = next));
    }
    synced ||= isDone;
    isRunning = false;
  };
  await sync();
  return wall.every(SYNC_EVERY_WALL_MS, () => void sync());
}

async function firstToAnswer(asks: readonly AskTime[]): Promise<AskTime | undefined> {
  const answers = asks.map(async (ask) => ((await ask()).ok ? ask : Promise.reject(new Error('no answer'))));
  return Promise.any(answers).catch(() => undefined);
}

/** An answer that takes longer is of no use, so it is not waited for. */
async function answerWithin(wall: Clock, limitMs: number, ask: AskTime): Promise<Result<number>> {
  let cancel = (): void => {};
  const late = new Promise<Result<number>>((resolve) => {
    cancel = wall.after(limitMs, () => resolve(fail('NO_TIME', `The venue did not tell its time within ${limitMs} ms.`)));
  });
  return Promise.race([ask(), late]).finally(() => cancel());
}
