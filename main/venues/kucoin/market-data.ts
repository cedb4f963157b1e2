import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { KucoinHttp } from './http.ts';
import { candidateOf, instrumentFrom, type KucoinName, kucoinNameOf } from './symbols.ts';
import { kucoinProtocol } from './ws.ts';

/**
 * KuCoin: spot over REST (`https://api.kucoin.com`), linear and inverse perpetuals over REST of a host of their own
 * (`lanes.futures`: `https://api-futures.kucoin.com`). The WebSocket servers of both are named by REST, anew for each
 * connection, so `streamUrl` is not used.
 */
export function createKucoinMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, lanes, requestTimeoutMs, wall } = options;
  const http = new KucoinHttp({ restUrl, futuresRestUrl: lanes?.futures?.restUrl, timeoutMs: requestTimeoutMs, wall });
  const source = { nameOf: kucoinNameOf, ask: (name: KucoinName) => http.instrument(name), instrumentFrom, candidateOf };
  const catalogue = {
    instruments: instrumentsBySymbol(source, ERRORS),
    symbols: listedSymbols(
      [true, false].map((isSpot) => () => http.instruments(isSpot)),
      source,
    ),
  };
  return marketDataOf('kucoin', http, kucoinProtocol(http, options.rotateAfterMs), catalogue, options);
}
