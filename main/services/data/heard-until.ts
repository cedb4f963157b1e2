import type { Clock } from '../../../core/base/clock.ts';
import type { SessionHealth } from '../../ports/venue.ts';

/** Market time up to which the venue was heard; undefined while it is not. */
export function heardUntilOf({
  health,
  clock,
  wall,
  silenceMs,
  speed,
}: {
  readonly health: () => SessionHealth;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly silenceMs: number;
  readonly speed: () => number;
}): number | undefined {
  const { connection, lastMessageWallMs } = health();
  if (connection !== 'open' || lastMessageWallMs === undefined) return undefined;
  const silentMs = wall.now() - lastMessageWallMs;
  return silentMs < silenceMs ? clock.now() - silentMs * speed() : undefined;
}
