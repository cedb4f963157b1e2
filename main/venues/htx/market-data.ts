import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { HtxHttp } from './http.ts';
import { candidateOf, type HtxName, htxNameOf, instrumentFrom } from './symbols.ts';
import { htxProtocol } from './ws.ts';

/**
 * HTX (Huobi) spot over REST (`https://api.huobi.pro`) and two WebSocket addresses (`wss://api.huobi.pro`, to which `/feed` and
 * `/ws` are added).
 */
export function createHtxMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new HtxHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = { nameOf: htxNameOf, ask: (name: HtxName) => http.symbol(name.venueSymbol), instrumentFrom, candidateOf };
  const catalogue = { instruments: instrumentsBySymbol(source, ERRORS), symbols: listedSymbols([() => http.symbols()], source) };
  return marketDataOf('htx', http, htxProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
