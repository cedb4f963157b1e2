import type { Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { BinanceHttp } from './http.ts';
import { instrumentsFrom, venueSymbolOf } from './symbols.ts';
import { binanceProtocol } from './ws.ts';

export type BinanceMarketDataOptions = MarketDataOptions;

/** Binance spot: public market data over REST and combined WebSocket streams. */
export function createBinanceMarketData(options: BinanceMarketDataOptions): VenueMarketData {
  const { restUrl, streamUrl, requestTimeoutMs, wall } = options;
  const http = new BinanceHttp({ restUrl, timeoutMs: requestTimeoutMs, wall });

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const names = symbols.map(venueSymbolOf);
    const notSpot = symbols.filter((_, i) => names[i] === undefined);
    if (notSpot.length > 0) return ERRORS.unknownSymbol(notSpot);
    const answer = await http.exchangeInfo(names);
    if (answer.ok) return instrumentsFrom(answer.value, symbols);
    if (answer.error.code !== 'VENUE_UNKNOWN_SYMBOL' || symbols.length === 1) {
      return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ERRORS.unknownSymbol(symbols) : answer;
    }
    // Binance does not say which of them it does not know.
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const single = await instruments([symbol]);
      if (single.ok) continue;
      if (single.error.code !== 'VENUE_UNKNOWN_SYMBOL') return single;
      unknown.push(symbol);
    }
    return ERRORS.unknownSymbol(unknown.length > 0 ? unknown : symbols);
  }

  return marketDataOf('binance', http, binanceProtocol(streamUrl, http, options.rotateAfterMs), instruments, options);
}
