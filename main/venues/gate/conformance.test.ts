import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import {
  bookMessage,
  CANDLE,
  CANDLE_CLOSED,
  CANDLES,
  NEXT_TRADE,
  PAIRS,
  PONG,
  RECENT_TRADES,
  SUBSCRIBED,
  TRADE,
} from './fixtures/messages.ts';
import { GateHttp } from './http.ts';
import { createGateMarketData } from './market-data.ts';
import { gateProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'gate',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETH_USDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '3',
  contractMultiplier: '1',
};
const DOGE: Instrument = {
  ...ETH,
  symbol: 'DOGE/USDT',
  venueSymbol: 'DOGE_USDT',
  base: 'DOGE',
  tickSize: '0.00001',
  lotSize: '0.01',
};

/** Update ids: three to an update, so that ranges are exercised. */
const firstId = (ordinal: number): number => ordinal * 3 - 2;
const finalId = (ordinal: number): number => ordinal * 3;
const candle = {
  openTime: 1723161240000,
  open: 2302,
  high: 2302.5,
  low: 2301.5,
  close: 2302.37,
  volume: 12.345,
  buyVolume: 0,
  tradeCount: 0,
  filled: false,
};

runVenueConformance({
  name: 'Gate',
  create: createGateMarketData,
  protocol: (http) => gateProtocol('ws://stream.example/ws/v4/', new GateHttp(http)),
  instrument: ETH,
  book: {
    delta: (ordinal, time, { bids, asks }) => bookMessage('ETH_USDT', firstId(ordinal), finalId(ordinal), time, bids, asks),
    restSnapshot: (ordinal, { bids, asks }) => ({
      id: finalId(ordinal),
      current: 1723161255123,
      update: 1723161255121,
      bids,
      asks,
    }),
    opening: [SUBSCRIBED],
  },
  trades: [
    { frame: TRADE, expected: [{ id: 309143071, price: 2302.37, quantity: 0.25, side: 'sell', tsEvent: 1723161255342 }] },
    { frame: NEXT_TRADE, expected: [{ id: 309143079, price: 2302.38, quantity: 1.5, side: 'buy', tsEvent: 1723161255343 }] },
  ],
  klines: [
    { frame: CANDLE, candle, closed: false, timeframe: '1m' },
    { frame: CANDLE_CLOSED, candle, closed: true, timeframe: '1m' },
  ],
  alive: { frame: PONG, probe: 'spot.ping' },
  silent: [PONG, SUBSCRIBED],
  rest: {
    snapshotPath: '/api/v4/spot/order_book',
    serverTime: 1723161255000,
    instruments: [ETH, DOGE],
    unknownSymbol: 'OLD/USDT',
    answer(url) {
      const path = url.pathname.replace('/api/v4/spot/', '');
      if (path === 'time') return { server_time: 1723161255000 };
      if (path === 'candlesticks') return CANDLES;
      if (path === 'trades') return RECENT_TRADES;
      return PAIRS[path.replace('currency_pairs/', '')];
    },
    candles: {
      instrument: ETH,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [candle, { ...candle, openTime: 1723161300000, open: 2302.37, high: 2303, low: 2302, close: 2302.1, volume: 5 }],
    },
  },
  recordings: [],
});
