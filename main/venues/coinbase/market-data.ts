import type { VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { CoinbaseHttp } from './http.ts';
import { candidateOf, type CoinbaseName, coinbaseNameOf, instrumentFrom } from './symbols.ts';
import { coinbaseProtocol } from './ws.ts';

/**
 * Coinbase Advanced spot over REST (`https://api.coinbase.com`) and one WebSocket address
 * (`wss://advanced-trade-ws.coinbase.com`).
 */
export function createCoinbaseMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new CoinbaseHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const source = {
    nameOf: coinbaseNameOf,
    ask: (name: CoinbaseName) => http.product(name.venueSymbol),
    instrumentFrom,
    candidateOf,
  };
  const catalogue = { instruments: instrumentsBySymbol(source, ERRORS), symbols: listedSymbols([() => http.products()], source) };
  return marketDataOf('coinbase', http, coinbaseProtocol(options.streamUrl, http, options.rotateAfterMs), catalogue, options);
}
