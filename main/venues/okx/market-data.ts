import type { VenueMarketData } from '../../ports/venue.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { OkxHttp } from './http.ts';
import { okxNameOf, instrumentFrom } from './symbols.ts';
import { okxProtocol } from './ws.ts';

/**
 * OKX v5: spot, linear and inverse perpetuals over REST (`https://www.okx.com`) and two WebSocket addresses
 * (`wss://ws.okx.com:8443/ws/v5`, to which `/public` and `/business` are added).
 */
export function createOkxMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new OkxHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const instruments = instrumentsBySymbol(
    { nameOf: okxNameOf, ask: (name) => http.instrument(name.instType, name.venueSymbol), instrumentFrom },
    ERRORS,
  );
  return marketDataOf('okx', http, okxProtocol(options.streamUrl, http, options.rotateAfterMs), instruments, options);
}
