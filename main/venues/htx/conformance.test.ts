import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import {
  answer,
  bookAnswer,
  bookUpdate,
  candle,
  CANDLES,
  PING,
  PONG,
  RECENT_TRADES,
  SUBSCRIBED,
  SYMBOLS,
  TRADES,
} from './fixtures/messages.ts';
import { HtxHttp } from './http.ts';
import { createHtxMarketData } from './market-data.ts';
import { htxProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'htx',
  symbol: 'ETH/USDT',
  venueSymbol: 'ethusdt',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '10',
  contractMultiplier: '1',
};
const DOGE: Instrument = {
  ...ETH,
  symbol: 'DOGE/USDT',
  venueSymbol: 'dogeusdt',
  base: 'DOGE',
  tickSize: '0.000001',
  lotSize: '0.01',
};

/** Ids rise by leaps, as the venue's do. */
const seqNum = (ordinal: number): number => 104_998_984_000 + ordinal * 17;
const minute = {
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
  name: 'HTX',
  create: createHtxMarketData,
  protocol: (http) => htxProtocol('ws://stream.example', new HtxHttp(http)),
  instrument: ETH,
  book: {
    delta: (ordinal, time, { bids, asks }) => bookUpdate('ethusdt', seqNum(ordinal - 1), seqNum(ordinal), time, bids, asks),
    snapshot: (ordinal, time, { bids, asks }) => bookAnswer('ethusdt', seqNum(ordinal), time, bids, asks),
    opening: [SUBSCRIBED],
  },
  trades: [
    {
      frame: TRADES,
      expected: [
        { id: 103627913547, price: 2302.37, quantity: 0.00018, side: 'buy', tsEvent: 1723161255342 },
        { id: 103627913548, price: 2302.36, quantity: 1.5, side: 'sell', tsEvent: 1723161255343 },
      ],
    },
  ],
  klines: [{ frame: candle(1723161240), candle: minute, closed: false, timeframe: '1m' }],
  alive: { frame: PONG, probe: '"ping"' },
  silent: [PING, PONG, SUBSCRIBED],
  rest: {
    serverTime: 1723161255000,
    instruments: [ETH, DOGE],
    unknownSymbol: 'OLD/USDT',
    answer(url) {
      if (url.pathname === '/v1/common/timestamp') return answer(1723161255000);
      if (url.pathname === '/market/history/kline') return answer(CANDLES);
      if (url.pathname === '/market/history/trade') return answer(RECENT_TRADES);
      if (url.pathname !== '/v1/settings/common/market-symbols') return undefined;
      const entry = SYMBOLS[url.searchParams.get('symbols') ?? ''];
      return answer(entry === undefined ? [] : [entry]);
    },
    candles: {
      instrument: ETH,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [minute, { ...minute, openTime: 1723161300000, open: 2302.37, high: 2303, low: 2302, close: 2302.1, volume: 5 }],
    },
  },
  recordings: [],
});
