import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { sessionOpener } from '../session/venue-session.ts';
import { ERRORS } from './errors.ts';
import { CoinbaseHttp } from './http.ts';
import { coinbaseNameOf, instrumentFrom } from './symbols.ts';
import { coinbaseProtocol } from './ws.ts';

/**
 * Coinbase Advanced spot over REST (`https://api.coinbase.com`) and one WebSocket address
 * (`wss://advanced-trade-ws.coinbase.com`).
 */
export function createCoinbaseMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new CoinbaseHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const found: Instrument[] = [];
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const name = coinbaseNameOf(symbol);
      const answer = name === undefined ? ok(undefined) : await http.product(name.venueSymbol);
      if (!answer.ok) return answer;
      const instrument = name === undefined ? undefined : instrumentFrom(answer.value, symbol, name);
      if (instrument === undefined) unknown.push(symbol);
      else found.push(instrument);
    }
    return unknown.length > 0 ? ERRORS.unknownSymbol(unknown) : ok(found);
  }

  return {
    venue: 'coinbase',
    serverTime: () => http.serverTime(),
    instruments,
    candles: (instrument, timeframe, from, to, limit) => http.candles(instrument, timeframe, from, to, limit),
    open: sessionOpener(coinbaseProtocol(streamUrl, http, options.rotateAfterMs), {
      ...options,
      connectTimeoutMs: requestTimeoutMs,
      blockedForMs: () => http.blockedForMs,
    }),
  };
}
