import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { GateHttp } from './http.ts';
import { candidateOf, type GateName, gateNameOf, instrumentFrom } from './symbols.ts';
import { gateProtocol } from './ws.ts';

/** Gate spot over REST (`https://api.gateio.ws`) and one WebSocket address (`wss://api.gateio.ws/ws/v4/`). */
export function createGateMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new GateHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = { nameOf: gateNameOf, ask: (name: GateName) => http.pair(name.venueSymbol), instrumentFrom, candidateOf };
  const catalogue = { instruments: instrumentsBySymbol(source, ERRORS), symbols: listedSymbols([() => http.pairs()], source) };
  return marketDataOf('gate', http, gateProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
