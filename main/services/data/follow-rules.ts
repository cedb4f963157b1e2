import type { Failure } from '../../../core/base/result.ts';
import { type SourceName, sourceText, type VenueId } from '../../../core/market/instrument.ts';
import type { FollowRequest } from './watchlist-store.ts';

/** Why a symbol cannot be followed so, beside the other symbols that are followed; undefined when it can. */
export function problemWith(
  symbol: string,
  sources: readonly SourceName[],
  venues: ReadonlyMap<VenueId, unknown>,
  others: readonly FollowRequest[],
): Failure | undefined {
  const [primary] = sources;
  if (primary?.symbol !== symbol) {
    return refusal('PRIMARY_MISMATCH', `The first source of ${symbol} must be ${symbol} on some venue: it makes the candles.`);
  }
  if (!venues.has(primary.venue)) return noVenue(symbol);
  const keys = sources.map(sourceText);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) return refusal('SOURCE_TWICE', `${twice} is listed twice for ${symbol}.`);
  for (const other of others) {
    const shared = other.sources.map(sourceText).find((key) => keys.includes(key));
    if (shared !== undefined) {
      return refusal('SOURCE_TAKEN', `${shared} is merged into ${other.symbol} already; take it out there first.`);
    }
  }
  return undefined;
}

export function unknownSymbol(symbol: string): Failure {
  return refusal(
    'UNKNOWN_SYMBOL',
    `${symbol} is not followed. Follow it in the symbol picker, or list it under "symbols" in config.yaml.`,
  );
}

export function noVenue(symbol: string): Failure {
  return refusal('NO_VENUE', `This market has no venue of those that are listed for ${symbol} itself.`);
}

function refusal(code: string, message: string): Failure {
  return { code, message, retryable: false };
}
