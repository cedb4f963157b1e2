import type { VenueMarketData } from '../../ports/venue.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { KucoinHttp } from './http.ts';
import { instrumentFrom, kucoinNameOf } from './symbols.ts';
import { kucoinProtocol } from './ws.ts';

/**
 * KuCoin: spot over REST (`https://api.kucoin.com`), linear and inverse perpetuals over REST of a host of their own
 * (`lanes.futures`: `https://api-futures.kucoin.com`). The WebSocket servers of both are named by REST, anew for each
 * connection, so `streamUrl` is not used.
 */
export function createKucoinMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, lanes, requestTimeoutMs, wall } = options;
  const http = new KucoinHttp({ restUrl, futuresRestUrl: lanes?.futures?.restUrl, timeoutMs: requestTimeoutMs, wall });
  const instruments = instrumentsBySymbol({ nameOf: kucoinNameOf, ask: (name) => http.instrument(name), instrumentFrom }, ERRORS);
  return marketDataOf('kucoin', http, kucoinProtocol(http, options.rotateAfterMs), instruments, options);
}
