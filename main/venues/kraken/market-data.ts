import { type Result, ok } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { sessionOpener } from '../session/venue-session.ts';
import { ERRORS } from './errors.ts';
import { KrakenHttp } from './http.ts';
import { instrumentFrom, krakenNameOf } from './symbols.ts';
import { krakenProtocol } from './ws.ts';

/** Kraken spot: REST (`https://api.kraken.com`) and WebSocket v2 (`wss://ws.kraken.com/v2`). */
export function createKrakenMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new KrakenHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = krakenNameOf(symbol);
      const answer = name === undefined ? ok(undefined) : await http.pair(name.pair);
      if (!answer.ok) return answer;
      const instrument = name === undefined ? undefined : instrumentFrom(answer.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  return {
    venue: 'kraken',
    serverTime: () => http.serverTime(),
    instruments,
    candles: (instrument, timeframe, from, to, limit) => http.candles(instrument, timeframe, from, to, limit),
    open: sessionOpener(krakenProtocol(streamUrl, http, options.rotateAfterMs), {
      ...options,
      connectTimeoutMs: requestTimeoutMs,
      blockedForMs: () => http.blockedForMs,
    }),
  };
}
