import type { VenueMarketData } from '../../ports/venue.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { KrakenHttp } from './http.ts';
import { krakenNameOf, instrumentFrom } from './symbols.ts';
import { krakenProtocol } from './ws.ts';

/** Kraken spot: REST (`https://api.kraken.com`) and WebSocket v2 (`wss://ws.kraken.com/v2`). */
export function createKrakenMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new KrakenHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const instruments = instrumentsBySymbol({ nameOf: krakenNameOf, ask: (name) => http.pair(name.pair), instrumentFrom }, ERRORS);
  return marketDataOf('kraken', http, krakenProtocol(options.streamUrl, http, options.rotateAfterMs), instruments, options);
}
