import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { BookText, RestMessages } from '../conformance/venue-conformance.ts';
import { idOfText } from '../session/trade-sequence.ts';
import {
  ACK,
  answer,
  CANDLE,
  CANDLES,
  FUTURES_CANDLES,
  FUTURES_TRADE,
  FUTURES_TRADES,
  grant,
  INSTRUMENTS,
  NEXT_FUTURES_TRADE,
  NEXT_TRADE,
  PONG,
  TRADE,
  TRADES,
  UNKNOWN_SYMBOL,
  WELCOME,
} from './fixtures/messages.ts';
import { KucoinHttp } from './http.ts';
import { createKucoinMarketData } from './market-data.ts';
import { kucoinProtocol } from './ws.ts';

const SPOT: Instrument = {
  venue: 'kucoin',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETH-USDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0000001',
  minNotional: '0.1',
  contractMultiplier: '1',
};
const LINEAR: Instrument = {
  ...SPOT,
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'XBTUSDTM',
  kind: 'linear',
  base: 'BTC',
  tickSize: '0.1',
  lotSize: '1',
  minNotional: '0',
  contractMultiplier: '0.001',
};
const INVERSE: Instrument = {
  ...LINEAR,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'XBTUSDM',
  kind: 'inverse',
  quote: 'USD',
  minNotional: '1',
  contractMultiplier: '1',
};

/** Sequences: three to an update on spot, so that ranges are exercised; one on futures. */
const sequenceStart = (ordinal: number): number => 14_701_689_000 + ordinal * 3 - 2;
const sequenceEnd = (ordinal: number): number => 14_701_689_000 + ordinal * 3;
const sequence = (ordinal: number): number => 1_709_400_450_000 + ordinal;

const changes = (levels: BookText['bids'], ordinal: number): unknown =>
  levels.map(([price, quantity]) => [price, quantity, String(sequenceEnd(ordinal))]);
const told = { buyVolume: 0, tradeCount: 0, filled: false };
const spotCandle = { openTime: 1723161240000, open: 2302, high: 2302.5, low: 2301.5, close: 2302.37, volume: 12.345, ...told };
const candle = { openTime: 1723161240000, open: 61730, high: 61740, low: 61728.5, close: 61737.6, volume: 12.345, ...told };

const REST: RestMessages = {
  serverTime: 1723161255000,
  instruments: [SPOT, LINEAR, INVERSE],
  unknownSymbol: 'XXX/USDT',
  answer(url, origin) {
    if (url.pathname === '/api/v1/bullet-public') return grant(origin.replace('http', 'ws'));
    if (url.pathname === '/api/v1/timestamp') return answer(1723161255000);
    if (url.pathname === '/api/v1/market/candles') return CANDLES;
    if (url.pathname === '/api/v1/kline/query') return FUTURES_CANDLES;
    if (url.pathname === '/api/v1/market/histories') return TRADES;
    if (url.pathname === '/api/v1/trade/history') return FUTURES_TRADES;
    if (!/symbols|contracts/.test(url.pathname)) return undefined;
    return INSTRUMENTS[url.pathname] ?? UNKNOWN_SYMBOL;
  },
};

const COMMON = {
  create: createKucoinMarketData,
  protocol: (http: ConstructorParameters<typeof KucoinHttp>[0]) => kucoinProtocol(new KucoinHttp(http)),
  silent: [WELCOME, ACK, PONG],
  alive: { frame: PONG, probe: '"ping"' },
  recordings: [],
};

runVenueConformance({
  ...COMMON,
  name: 'KuCoin spot',
  instrument: SPOT,
  book: {
    delta: (ordinal, time, { bids, asks }) =>
      JSON.stringify({
        topic: '/market/level2:ETH-USDT',
        type: 'message',
        subject: 'trade.l2update',
        data: {
          changes: { asks: changes(asks, ordinal), bids: changes(bids, ordinal) },
          sequenceEnd: sequenceEnd(ordinal),
          sequenceStart: sequenceStart(ordinal),
          symbol: 'ETH-USDT',
          time,
        },
      }),
    restSnapshot: (ordinal, { bids, asks }) =>
      answer({ time: 1723161255000, sequence: String(sequenceEnd(ordinal)), bids, asks }),
    opening: [WELCOME],
  },
  trades: [
    {
      frame: TRADE,
      expected: [{ id: idOfText('11067996711960577'), price: 2302.37, quantity: 0.25, side: 'buy', tsEvent: 1723161255342 }],
    },
    {
      frame: NEXT_TRADE,
      expected: [{ id: idOfText('11067996711960579'), price: 2302.36, quantity: 1.5, side: 'sell', tsEvent: 1723161255343 }],
    },
  ],
  klines: [{ frame: CANDLE, candle: spotCandle, closed: false, timeframe: '1m' }],
  rest: {
    ...REST,
    snapshotPath: '/api/v1/market/orderbook/level2_100',
    candles: {
      instrument: SPOT,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [
        spotCandle,
        { ...spotCandle, openTime: 1723161300000, open: 2302.37, high: 2303, low: 2302, close: 2302.5, volume: 5 },
      ],
    },
  },
});

const numbers = (levels: BookText['bids']): unknown => levels.map(([price, quantity]) => [price, Number(quantity)]);
const future = { price: 61737.6, quantity: 55, tsEvent: 1723161255342 };

runVenueConformance({
  ...COMMON,
  name: 'KuCoin futures',
  instrument: { ...LINEAR, contractMultiplier: '1' },
  book: {
    delta(ordinal, time, { bids, asks }) {
      const [[price, quantity] = ['0', '0']] = [...bids, ...asks];
      return JSON.stringify({
        topic: '/contractMarket/level2:XBTUSDTM',
        type: 'message',
        subject: 'level2',
        sn: sequence(ordinal),
        data: {
          sequence: sequence(ordinal),
          change: `${price},${bids.length > 0 ? 'buy' : 'sell'},${quantity}`,
          timestamp: time,
        },
      });
    },
    restSnapshot: (ordinal, { bids, asks }) =>
      answer({
        sequence: sequence(ordinal),
        symbol: 'XBTUSDTM',
        bids: numbers(bids),
        asks: numbers(asks),
        ts: 1723161255000000000,
      }),
    opening: [WELCOME],
  },
  trades: [
    { frame: FUTURES_TRADE, expected: [{ ...future, id: idOfText('1794100537695'), side: 'sell' }] },
    { frame: NEXT_FUTURES_TRADE, expected: [{ ...future, id: idOfText('1794100537697'), side: 'buy' }] },
  ],
  klines: [],
  rest: {
    ...REST,
    snapshotPath: '/api/v1/level2/snapshot',
    candles: {
      instrument: LINEAR,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [candle, { ...candle, openTime: 1723161300000, open: 61737.6, high: 61738, low: 61700, close: 61710, volume: 5 }],
    },
  },
});
