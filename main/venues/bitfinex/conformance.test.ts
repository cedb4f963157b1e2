import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import {
  bookSnapshot,
  bookUpdate,
  CANDLE,
  CANDLES,
  CANDLES_BEFORE,
  CONFIGURED,
  HEARTBEAT,
  INFO,
  NEXT_TRADE,
  PAIRS,
  PONG,
  SUBSCRIBED,
  SUBSCRIBED_CANDLES,
  SUBSCRIBED_TRADES,
  TRADE,
  TRADE_AGAIN,
  TRADES_BEFORE,
  UNSUBSCRIBED,
} from './fixtures/messages.ts';
import { BitfinexHttp } from './http.ts';
import { createBitfinexMarketData } from './market-data.ts';
import { bitfinexProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'bitfinex',
  symbol: 'ETH/USD',
  venueSymbol: 'tETHUSD',
  kind: 'spot',
  base: 'ETH',
  quote: 'USD',
  tickSize: '0.00000001',
  lotSize: '0.00000001',
  minNotional: '0',
  contractMultiplier: '1',
};
const BTC: Instrument = { ...ETH, symbol: 'BTC/USDT', venueSymbol: 'tBTCUST', base: 'BTC', quote: 'USDT' };
const DOGE: Instrument = { ...ETH, symbol: 'DOGE/USD', venueSymbol: 'tDOGE:USD', base: 'DOGE' };

const candle = {
  openTime: 1723161240000,
  open: 2302,
  high: 2302.5,
  low: 2301.5,
  close: 2302.4,
  volume: 12.345,
  buyVolume: 0,
  tradeCount: 0,
  filled: false,
};

runVenueConformance({
  name: 'Bitfinex',
  create: createBitfinexMarketData,
  protocol: (http) => bitfinexProtocol('ws://stream.example/ws/2', new BitfinexHttp(http)),
  instrument: ETH,
  book: {
    delta: (ordinal, time, { bids, asks }) => bookUpdate(ordinal, time, bids, asks),
    snapshot: (ordinal, time, { bids, asks }) => bookSnapshot(ordinal, time, bids, asks),
    opening: [INFO, CONFIGURED, SUBSCRIBED, SUBSCRIBED_TRADES, SUBSCRIBED_CANDLES],
  },
  trades: [
    { frame: TRADE, expected: [{ id: 1128060969, price: 2302.4, quantity: 0.25, side: 'sell', tsEvent: 1723161255342 }] },
    { frame: NEXT_TRADE, expected: [{ id: 1128060975, price: 2302.5, quantity: 1.5, side: 'buy', tsEvent: 1723161255343 }] },
  ],
  klines: [{ frame: CANDLE, candle, closed: false, timeframe: '1m' }],
  alive: { frame: PONG, probe: '"ping"' },
  silent: [INFO, CONFIGURED, PONG, HEARTBEAT, UNSUBSCRIBED, TRADES_BEFORE, TRADE_AGAIN, CANDLES_BEFORE],
  rest: {
    serverTime: 'untold',
    instruments: [ETH, BTC, DOGE],
    unknownSymbol: 'XXX/USD',
    answer(url) {
      if (url.pathname === '/v2/conf/pub:list:pair:exchange') return PAIRS;
      if (url.pathname.startsWith('/v2/candles/')) return CANDLES;
      return url.pathname.startsWith('/v2/trades/') ? [] : undefined;
    },
    candles: {
      instrument: ETH,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [candle, { ...candle, openTime: 1723161300000, open: 2302.4, high: 2303, low: 2302, close: 2302.1, volume: 5 }],
    },
  },
  recordings: [],
});
