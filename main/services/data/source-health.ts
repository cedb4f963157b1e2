import type { VenueHealth } from '../../../core/contracts/system.ts';
import type { SessionHealth } from '../../ports/venue.ts';
import type { Source, Waiting } from './followed-symbol.ts';

/** Of an instrument that no session follows yet. */
export const NOT_CONNECTED: SessionHealth = {
  connection: 'connecting',
  book: 'empty',
  bookReason: 'not connected yet',
  latencyMsP50: undefined,
  lastMessageWallMs: undefined,
  messagesPerSecond: 0,
  resyncs: 0,
  gaps: 0,
  lastError: undefined,
};

/**
 * How one source stands, for the window.
 * @param speed market seconds per wall second: latencies are measured in market time and told in wall milliseconds
 */
export function sourceHealth(followed: Waiting, source: Source, speed: number, wallNow: number): VenueHealth {
  const { link, name } = source;
  const { instrument } = source;
  const health = instrument === undefined ? undefined : link.health(instrument);
  const status = source.status();
  const offset = link.clockOffset;
  const lastError = health?.lastError ?? link.failure(name.symbol)?.message;
  // A venue's clock that is ahead makes its messages look younger than they are.
  const wallLatency = (latency: number): number => (latency + (offset ?? 0)) / speed;
  return {
    venue: name.venue,
    followed: followed.request.symbol,
    symbol: name.symbol,
    primary: source === followed.sources[0],
    connection: health?.connection ?? (lastError === undefined ? 'connecting' : 'closed'),
    book: health?.book ?? status.state,
    bookReason: health?.bookReason ?? status.reason,
    messagesPerSecond: health?.messagesPerSecond ?? 0,
    resyncs: health?.resyncs ?? 0,
    gaps: health?.gaps ?? 0,
    rotations: health?.rotations ?? 0,
    backfilledTrades: health?.backfilledTrades ?? 0,
    missedTrades: health?.missedTrades ?? 0,
    ...(health?.latencyMsP50 === undefined ? {} : { latencyMsP50: wallLatency(health.latencyMsP50) }),
    ...(health?.latencyMsP99 === undefined ? {} : { latencyMsP99: wallLatency(health.latencyMsP99) }),
    ...(health?.lastMessageWallMs === undefined ? {} : { dataAgeMs: Math.max(0, wallNow - health.lastMessageWallMs) }),
    ...(health?.tradeHole === undefined ? {} : { tradeHole: health.tradeHole }),
    ...(offset === undefined ? {} : { clockOffsetMs: offset / speed }),
    ...(lastError === undefined ? {} : { lastError }),
  };
}
