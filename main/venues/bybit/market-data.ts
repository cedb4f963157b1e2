import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { sessionOpener } from '../session/venue-session.ts';
import { ERRORS } from './errors.ts';
import { BybitHttp } from './http.ts';
import { bybitNameOf, instrumentFrom } from './symbols.ts';
import { bybitProtocol } from './ws.ts';

/**
 * Bybit v5: spot, linear and inverse perpetuals over REST (`https://api.bybit.com`) and one WebSocket address for each
 * category (`wss://stream.bybit.com/v5/public`, to which the category is added).
 */
export function createBybitMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new BybitHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = bybitNameOf(symbol);
      const answer = name === undefined ? ok(undefined) : await http.instrument(name.kind, name.venueSymbol);
      if (!answer.ok) return answer;
      const instrument = name === undefined ? undefined : instrumentFrom(answer.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  return {
    venue: 'bybit',
    serverTime: () => http.serverTime(),
    instruments,
    candles: (instrument, timeframe, from, to, limit) => http.candles(instrument, timeframe, from, to, limit),
    open: sessionOpener(bybitProtocol(streamUrl, http, options.rotateAfterMs), {
      ...options,
      connectTimeoutMs: requestTimeoutMs,
      blockedForMs: () => http.blockedForMs,
    }),
  };
}
