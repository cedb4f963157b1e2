import type { VenueMarketData } from '../../ports/venue.ts';
import { instrumentsBySymbol, marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { CoinbaseHttp } from './http.ts';
import { coinbaseNameOf, instrumentFrom } from './symbols.ts';
import { coinbaseProtocol } from './ws.ts';

/**
 * Coinbase Advanced spot over REST (`https://api.coinbase.com`) and one WebSocket address
 * (`wss://advanced-trade-ws.coinbase.com`).
 */
export function createCoinbaseMarketData(options: MarketDataOptions): VenueMarketData {
  const http = new CoinbaseHttp({ restUrl: options.restUrl, timeoutMs: options.requestTimeoutMs, wall: options.wall });
  const instruments = instrumentsBySymbol(
    { nameOf: coinbaseNameOf, ask: (name) => http.product(name.venueSymbol), instrumentFrom },
    ERRORS,
  );
  return marketDataOf('coinbase', http, coinbaseProtocol(options.streamUrl, http, options.rotateAfterMs), instruments, options);
}
