import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { OkxHttp } from './http.ts';
import { candidateOf, instrumentFrom, type OkxName, okxNameOf } from './symbols.ts';
import { okxProtocol } from './ws.ts';

/**
 * OKX v5: spot, linear and inverse perpetuals over REST (`https://www.okx.com`) and two WebSocket addresses
 * (`wss://ws.okx.com:8443/ws/v5`, to which `/public` and `/business` are added).
 */
export function createOkxMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new OkxHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = {
    nameOf: okxNameOf,
    ask: (name: OkxName) => http.instrument(name.instType, name.venueSymbol),
    instrumentFrom,
    candidateOf,
  };
  const catalogue = {
    instruments: instrumentsBySymbol(source, ERRORS),
    symbols: listedSymbols(
      (['SPOT', 'SWAP'] as const).map((type) => () => http.instruments(type)),
      source,
    ),
  };
  return marketDataOf('okx', http, okxProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
