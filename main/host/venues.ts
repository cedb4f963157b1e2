import type { VenueId } from '../../core/market/instrument.ts';
import type { VenueMarketData } from '../ports/venue.ts';
import { createBinanceMarketData } from '../venues/binance/market-data.ts';
import { createBitfinexMarketData } from '../venues/bitfinex/market-data.ts';
import { createBybitMarketData } from '../venues/bybit/market-data.ts';
import { createCoinbaseMarketData } from '../venues/coinbase/market-data.ts';
import { createDeribitMarketData } from '../venues/deribit/market-data.ts';
import { createGateMarketData } from '../venues/gate/market-data.ts';
import { createHtxMarketData } from '../venues/htx/market-data.ts';
import { createKrakenMarketData } from '../venues/kraken/market-data.ts';
import { createKucoinMarketData } from '../venues/kucoin/market-data.ts';
import { createMexcMarketData } from '../venues/mexc/market-data.ts';
import { createOkxMarketData } from '../venues/okx/market-data.ts';
import type { MarketDataOptions } from '../venues/session/market-data-options.ts';

/** Each venue's public market data. */
export const MARKET_DATA: Readonly<Record<VenueId, (options: MarketDataOptions) => VenueMarketData>> = {
  binance: createBinanceMarketData,
  bybit: createBybitMarketData,
  deribit: createDeribitMarketData,
  mexc: createMexcMarketData,
  okx: createOkxMarketData,
  kraken: createKrakenMarketData,
  coinbase: createCoinbaseMarketData,
  kucoin: createKucoinMarketData,
  gate: createGateMarketData,
  bitfinex: createBitfinexMarketData,
  htx: createHtxMarketData,
};
