import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { listedSymbols } from '../session/listings.ts';
import { marketDataOf } from '../session/market-data.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { ERRORS } from './errors.ts';
import { BinanceHttp } from './http.ts';
import { marketOf } from './markets.ts';
import { binanceNameOf, candidateOf, instrumentFrom, instrumentsFrom } from './symbols.ts';
import { type BinanceEndpoint, binanceProtocol } from './ws.ts';

export type BinanceMarketDataOptions = MarketDataOptions;

const KINDS = ['spot', 'linear', 'inverse'] as const;

/**
 * Binance's public market data over REST and combined WebSocket streams: spot at the options' own addresses, USD-M and COIN-M
 * perpetuals at those of `lanes.usdm` (`https://fapi.binance.com`, `wss://fstream.binance.com`) and `lanes.coinm`
 * (`https://dapi.binance.com`, `wss://dstream.binance.com`). Without addresses a market's symbols are not known.
 */
export function createBinanceMarketData(options: BinanceMarketDataOptions): VenueMarketData {
  const { requestTimeoutMs, wall } = options;
  const endpoints = new Map<InstrumentKind, BinanceEndpoint>();
  for (const kind of KINDS) {
    const market = marketOf(kind);
    const at = options.lanes?.[market.id] ?? (kind === 'spot' ? options : undefined);
    if (at === undefined) continue;
    const http = new BinanceHttp({ restUrl: at.restUrl, timeoutMs: requestTimeoutMs, wall }, market);
    endpoints.set(kind, { streamUrl: at.streamUrl, http });
  }

  function endpointOf(kind: InstrumentKind): BinanceEndpoint {
    const endpoint = endpoints.get(kind);
    if (endpoint === undefined) throw new Error(`Binance's ${marketOf(kind).id} market has no addresses`);
    return endpoint;
  }

  async function instrumentsOf(kind: InstrumentKind, symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const names = symbols.map((symbol) => binanceNameOf(symbol)?.venueSymbol ?? symbol);
    const answer = await endpointOf(kind).http.exchangeInfo(names);
    if (answer.ok) return instrumentsFrom(answer.value, symbols, kind);
    if (answer.error.code !== 'VENUE_UNKNOWN_SYMBOL' || symbols.length === 1) {
      return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ERRORS.unknownSymbol(symbols) : answer;
    }
    // Binance does not say which of them it does not know.
    const unknown: string[] = [];
    for (const symbol of symbols) {
      const single = await instrumentsOf(kind, [symbol]);
      if (single.ok) continue;
      if (single.error.code !== 'VENUE_UNKNOWN_SYMBOL') return single;
      unknown.push(symbol);
    }
    return ERRORS.unknownSymbol(unknown.length > 0 ? unknown : symbols);
  }

  async function instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>> {
    const kindOf = (symbol: string): InstrumentKind | undefined => binanceNameOf(symbol)?.kind;
    const unknown = symbols.filter((symbol) => {
      const kind = kindOf(symbol);
      return kind === undefined || !endpoints.has(kind);
    });
    if (unknown.length > 0) return ERRORS.unknownSymbol(unknown);
    const found = new Map<string, Instrument>();
    for (const kind of KINDS) {
      const ofKind = symbols.filter((symbol) => kindOf(symbol) === kind);
      if (ofKind.length === 0) continue;
      const answer = await instrumentsOf(kind, ofKind);
      if (!answer.ok) return answer;
      for (const instrument of answer.value) found.set(instrument.symbol, instrument);
    }
    return ok(symbols.map((symbol) => found.get(symbol) as Instrument));
  }

  const symbols = listedSymbols(
    [...endpoints.values()].map((endpoint) => () => endpoint.http.listed()),
    { candidateOf, nameOf: binanceNameOf, instrumentFrom },
  );
  const spot = endpointOf('spot').http;
  const http = {
    get blockedForMs(): number {
      return Math.max(...[...endpoints.values()].map((endpoint) => endpoint.http.blockedForMs));
    },
    serverTime: () => spot.serverTime(),
    candles: ((instrument, ...range) =>
      endpointOf(instrument.kind).http.candles(instrument, ...range)) satisfies VenueMarketData['candles'],
  };
  return marketDataOf('binance', http, binanceProtocol(endpointOf, options.rotateAfterMs), { instruments, symbols }, options);
}
