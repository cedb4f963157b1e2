import type { VenueMarketData } from '../../ports/venue.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { GateHttp } from './http.ts';
import { gateNameOf, instrumentFrom } from './symbols.ts';
import { gateProtocol } from './ws.ts';

/** Gate spot over REST (`https://api.gateio.ws`) and one WebSocket address (`wss://api.gateio.ws/ws/v4/`). */
export function createGateMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new GateHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const instruments = instrumentsBySymbol(
    { nameOf: gateNameOf, ask: (name) => http.pair(name.venueSymbol), instrumentFrom },
    ERRORS,
  );
  return marketDataOf('gate', http, gateProtocol(options.streamUrl, http, options.rotateAfterMs), instruments, options);
}
