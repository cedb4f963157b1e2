import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { MexcHttp } from './http.ts';
import { candidateOf, instrumentFrom, type MexcName, mexcNameOf } from './symbols.ts';
import { mexcProtocol } from './ws.ts';

/**
 * MEXC: spot over REST (`https://api.mexc.com`) and WebSocket (`wss://wbs-api.mexc.com/ws`), linear and inverse perpetuals
 * over a WebSocket of their own (`lanes.futures`: `wss://contract.mexc.com/edge`) and REST of the same host as spot or, as
 * before 2026, of their own (`https://contract.mexc.com`).
 */
export function createMexcMarketData(options: MarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, lanes, requestTimeoutMs, wall } = options;
  const futuresStreamUrl = lanes?.futures?.streamUrl ?? streamUrl;
  const http = new MexcHttp({ restUrl, futuresRestUrl: lanes?.futures?.restUrl, timeoutMs: requestTimeoutMs, wall });
  const source = { nameOf: mexcNameOf, ask: (name: MexcName) => http.instrument(name), instrumentFrom, candidateOf };
  const catalogue = {
    instruments: instrumentsBySymbol(source, ERRORS),
    symbols: listedSymbols([() => http.spotSymbols(), () => http.contracts()], source),
  };
  const protocol = mexcProtocol({ spot: streamUrl, futures: futuresStreamUrl }, http, options.rotateAfterMs);
  return marketDataOf('mexc', http, protocol, catalogue, options);
}
