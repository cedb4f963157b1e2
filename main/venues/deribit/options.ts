import { ok, type Result } from '../../../core/base/result.ts';
import type { ListedOptions, OptionVenue } from '../../ports/options.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { isObject } from '../session/wire-values.ts';
import { DeribitHttp } from './http.ts';
import { optionOf } from './option-quote.ts';
import { followOptionTops, type OptionTopsOptions } from './options-top.ts';

/** Deribit's options: the lists over HTTP, the quotes over a connection of their own. */
export function createDeribitOptions(options: Pick<MarketDataOptions, 'restUrl'> & OptionTopsOptions): OptionVenue {
  const { restUrl, requestTimeoutMs, wall } = options;
  const http = new DeribitHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function list(underlying: string): Promise<Result<ListedOptions, VenueFailure>> {
    const [entries, mid] = await Promise.all([http.options(underlying), http.mid(`${underlying}-PERPETUAL`)]);
    if (!entries.ok) return entries;
    if (!mid.ok) return mid;
    const names = entries.value.flatMap((entry) => {
      if (!isObject(entry) || entry.is_active !== true || typeof entry.instrument_name !== 'string') return [];
      return optionOf(entry.instrument_name)?.underlying === underlying ? [entry.instrument_name] : [];
    });
    return ok({ names, underlyingMid: mid.value });
  }

  return { nameOf: optionOf, list, follow: (names, listener) => followOptionTops(names, listener, options) };
}
