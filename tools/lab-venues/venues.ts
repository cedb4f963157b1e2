import { createBinanceMarketData } from '../../main/venues/binance/market-data.ts';
import { createBybitMarketData } from '../../main/venues/bybit/market-data.ts';
import { createDeribitMarketData } from '../../main/venues/deribit/market-data.ts';
import { createMexcMarketData } from '../../main/venues/mexc/market-data.ts';
import type { BenchVenue } from './lab-bench.ts';

export const BINANCE: BenchVenue = {
  venue: 'binance',
  kind: 'spot',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  streamPath: '',
  create: createBinanceMarketData,
  wake: '/api/v3/time',
};

export const BYBIT: BenchVenue = {
  venue: 'bybit',
  kind: 'spot',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  streamPath: '/v5/public',
  create: createBybitMarketData,
  wake: '/v5/market/orderbook?category=spot&symbol=ETHUSDT',
};

export const DERIBIT: BenchVenue = {
  venue: 'deribit',
  kind: 'inverse',
  symbol: 'ETH/USD:ETH',
  venueSymbol: 'ETH-PERPETUAL',
  streamPath: '/ws/api/v2',
  create: createDeribitMarketData,
  wake: '/api/v2/public/get_order_book?instrument_name=ETH-PERPETUAL',
};

export const MEXC: BenchVenue = {
  venue: 'mexc',
  kind: 'spot',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  streamPath: '/ws',
  create: createMexcMarketData,
  wake: '/api/v3/depth?symbol=ETHUSDT&limit=5',
};
