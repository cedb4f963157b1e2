import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { KrakenHttp } from './http.ts';
import { candidateOf, instrumentFrom, type KrakenName, krakenNameOf } from './symbols.ts';
import { krakenProtocol } from './ws.ts';

/** Kraken spot: REST (`https://api.kraken.com`) and WebSocket v2 (`wss://ws.kraken.com/v2`). */
export function createKrakenMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new KrakenHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = { nameOf: krakenNameOf, ask: (name: KrakenName) => http.pair(name.pair), instrumentFrom, candidateOf };
  const catalogue = { instruments: instrumentsBySymbol(source, ERRORS), symbols: listedSymbols([() => http.pairs()], source) };
  return marketDataOf('kraken', http, krakenProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
