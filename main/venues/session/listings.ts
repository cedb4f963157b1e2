import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { isObject, type JsonObject } from './wire-values.ts';

/** How a venue's list is read. */
interface ListingSource<Name> {
  /** The unified symbol that an entry would have by its coins, whether or not it can be followed. */
  candidateOf(entry: JsonObject): string | undefined;
  nameOf(symbol: string): Name | undefined;
  instrumentFrom(entry: JsonObject, symbol: string, name: Name): Instrument | undefined;
}

type List = () => Promise<Result<readonly unknown[], VenueFailure>>;

/** `ETH/USDT`, `ETH/USDT:USDT` from coins as the venue tells them; undefined when one is no text. `settle` undefined is spot. */
export function unifiedSymbol(base: unknown, quote: unknown, settle?: unknown): string | undefined {
  if (typeof base !== 'string' || typeof quote !== 'string') return undefined;
  if (settle === undefined) return `${base}/${quote}`;
  return typeof settle === 'string' ? `${base}/${quote}:${settle}` : undefined;
}

/**
 * What a venue trades, from its lists: those entries of which the connector itself can make an instrument by the symbol alone, so
 * that everything listed can be followed. Sorted, each once. Of several lists those that fail are left out as long as one
 * answers; when none does, the first one's failure is the answer.
 */
export function listedSymbols<Name>(lists: readonly List[], source: ListingSource<Name>): VenueMarketData['symbols'] {
  return async () => {
    const answers = await Promise.all(lists.map((list) => list()));
    const symbols = new Set<string>();
    let failed: Result<string[], VenueFailure> | undefined;
    let answered = false;
    for (const answer of answers) {
      if (!answer.ok) {
        failed ??= answer;
        continue;
      }
      answered = true;
      for (const entry of answer.value) {
        const symbol = isObject(entry) ? followable(entry, source) : undefined;
        if (symbol !== undefined) symbols.add(symbol);
      }
    }
    return answered || failed === undefined ? ok([...symbols].sort()) : failed;
  };
}

function followable<Name>(entry: JsonObject, source: ListingSource<Name>): string | undefined {
  const symbol = source.candidateOf(entry);
  const name = symbol === undefined ? undefined : source.nameOf(symbol);
  if (symbol === undefined || name === undefined) return undefined;
  return source.instrumentFrom(entry, symbol, name) === undefined ? undefined : symbol;
}
