import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { BybitHttp } from './http.ts';
import { type BybitName, bybitNameOf, candidateOf, instrumentFrom } from './symbols.ts';
import { bybitProtocol } from './ws.ts';

/**
 * Bybit v5: spot, linear and inverse perpetuals over REST (`https://api.bybit.com`) and one WebSocket address for each
 * category (`wss://stream.bybit.com/v5/public`, to which the category is added).
 */
export function createBybitMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new BybitHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = {
    nameOf: bybitNameOf,
    ask: (name: BybitName) => http.instrument(name.kind, name.venueSymbol),
    instrumentFrom,
    candidateOf,
  };
  const catalogue = {
    instruments: instrumentsBySymbol(source, ERRORS),
    symbols: listedSymbols(
      (['spot', 'linear', 'inverse'] as const).map((kind) => () => http.instruments(kind)),
      source,
    ),
  };
  return marketDataOf('bybit', http, bybitProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
