import { type Result, ok } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { sessionOpener } from '../session/venue-session.ts';
import { ERRORS } from './errors.ts';
import { OkxHttp } from './http.ts';
import { instrumentFrom, okxNameOf } from './symbols.ts';
import { okxProtocol } from './ws.ts';

/**
 * OKX v5: spot, linear and inverse perpetuals over REST (`https://www.okx.com`) and two WebSocket addresses
 * (`wss://ws.okx.com:8443/ws/v5`, to which `/public` and `/business` are added).
 */
export function createOkxMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new OkxHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = okxNameOf(symbol);
      const answer = name === undefined ? ok(undefined) : await http.instrument(name.instType, name.venueSymbol);
      if (!answer.ok) return answer;
      const instrument = name === undefined ? undefined : instrumentFrom(answer.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  return {
    venue: 'okx',
    serverTime: () => http.serverTime(),
    instruments,
    candles: (instrument, timeframe, from, to, limit) => http.candles(instrument, timeframe, from, to, limit),
    open: sessionOpener(okxProtocol(streamUrl, http, options.rotateAfterMs), {
      ...options,
      connectTimeoutMs: requestTimeoutMs,
      blockedForMs: () => http.blockedForMs,
    }),
  };
}
