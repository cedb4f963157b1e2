import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { isObject } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { DeribitHttp } from './http.ts';
import { candidateOf, deribitNameOf, instrumentFrom } from './symbols.ts';
import { deribitProtocol } from './ws.ts';

/**
 * Deribit's perpetuals, inverse and linear, over HTTP (`https://www.deribit.com`) and one WebSocket address
 * (`wss://www.deribit.com/ws/api/v2`).
 */
export function createDeribitMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new DeribitHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const listed = new Map<string, unknown>();
    for (const currency of new Set(symbols.map((symbol) => deribitNameOf(symbol)?.settlement))) {
      if (currency === undefined) continue;
      const answer = await http.futures(currency);
      if (!answer.ok) return answer;
      for (const entry of answer.value) if (isObject(entry)) listed.set(String(entry.instrument_name), entry);
    }
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = deribitNameOf(symbol);
      const instrument = name === undefined ? undefined : instrumentFrom(listed.get(name.venueSymbol), symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  const symbols = listedSymbols([() => http.futures('any')], { candidateOf, nameOf: deribitNameOf, instrumentFrom });
  return marketDataOf(
    'deribit',
    http,
    deribitProtocol(streamUrl, http, options.rotateAfterMs),
    { instruments, symbols },
    options,
  );
}
