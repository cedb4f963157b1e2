import { expect } from 'vitest';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { BookText, RestMessages, VenueConformance } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import {
  answer,
  dealsFrame,
  depthFrame,
  FUTURES_DEAL,
  FUTURES_DEAL_ALONE,
  FUTURES_KLINE,
  FUTURES_KLINES,
  FUTURES_PONG,
  FUTURES_SUBSCRIBED,
  FUTURES_TRADES,
  INSTRUMENTS,
  KLINE_FRAME,
  PONG,
  SPOT_KLINES,
  SPOT_TRADES,
  SUBSCRIBED,
  UNKNOWN_CONTRACT,
} from './fixtures/messages.ts';
import { MexcHttp } from './http.ts';
import { createMexcMarketData } from './market-data.ts';
import { DealIds } from './parse.ts';
import { mexcProtocol } from './ws.ts';

const SPOT: Instrument = {
  venue: 'mexc',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.00001',
  minNotional: '1',
  contractMultiplier: '1',
};
const LINEAR: Instrument = {
  ...SPOT,
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTC_USDT',
  kind: 'linear',
  base: 'BTC',
  tickSize: '0.1',
  lotSize: '1',
  minNotional: '0',
  contractMultiplier: '0.0001',
};
const INVERSE: Instrument = {
  ...LINEAR,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTC_USD',
  kind: 'inverse',
  quote: 'USD',
  tickSize: '0.5',
  minNotional: '100',
  contractMultiplier: '100',
};

/** Versions: three to an update, so that ranges are exercised. */
const fromVersion = (ordinal: number): number => ordinal * 3 - 2;
const toVersion = (ordinal: number): number => ordinal * 3;

const ids = new DealIds();
const deal = (price: number, quantity: number, side: 'buy' | 'sell', tsEvent: number): Omit<Trade, 'tsReceived'> => ({
  id: ids.idOf(tsEvent, price, quantity, side),
  price,
  quantity,
  side,
  tsEvent,
});
const told = { buyVolume: 0, tradeCount: 0, filled: false };
const spotCandle = { openTime: 1723161240000, open: 2302, high: 2302.5, low: 2301.5, close: 2302.37, volume: 12.345, ...told };
const candle = { openTime: 1723161240000, open: 61730, high: 61740, low: 61728.5, close: 61737.6, volume: 12.345, ...told };

const REST: RestMessages = {
  serverTime: 1723161255000,
  instruments: [SPOT, LINEAR, INVERSE],
  unknownSymbol: 'XXX/USDT:USDT',
  answer(url) {
    if (url.pathname === '/api/v3/time') return { serverTime: 1723161255000 };
    if (url.pathname === '/api/v3/klines') return SPOT_KLINES;
    if (url.pathname === '/api/v3/trades') return SPOT_TRADES;
    if (url.pathname.startsWith('/api/v1/contract/kline/')) return FUTURES_KLINES;
    if (url.pathname.startsWith('/api/v1/contract/deals/')) return FUTURES_TRADES;
    if (!/exchangeInfo|contract\/detail/.test(url.pathname)) return undefined;
    return INSTRUMENTS[url.searchParams.get('symbol') ?? ''] ?? UNKNOWN_CONTRACT;
  },
};

const COMMON = {
  create: createMexcMarketData,
  protocol: (http: ConstructorParameters<typeof MexcHttp>[0]) =>
    mexcProtocol({ spot: 'ws://spot.example/ws', futures: 'ws://futures.example/edge' }, new MexcHttp(http)),
};

const SPOT_VENUE: VenueConformance = {
  ...COMMON,
  name: 'MEXC spot',
  instrument: SPOT,
  book: {
    delta: (ordinal, time, { bids, asks }) => depthFrame(time, fromVersion(ordinal), toVersion(ordinal), bids, asks),
    restSnapshot: (ordinal, { bids, asks }) => ({ lastUpdateId: toVersion(ordinal), bids, asks }),
    opening: [SUBSCRIBED],
  },
  trades: [
    {
      frame: dealsFrame(1723161255350, [
        ['2302.37', '0.25', 1, 1723161255342],
        ['2302.36', '1.5', 2, 1723161255343],
        ['2302.36', '1.5', 2, 1723161255343],
      ]),
      expected: [
        deal(2302.37, 0.25, 'buy', 1723161255342),
        deal(2302.36, 1.5, 'sell', 1723161255343),
        deal(2302.36, 1.5, 'sell', 1723161255343),
      ],
    },
  ],
  klines: [{ frame: KLINE_FRAME, candle: spotCandle, closed: false, timeframe: '1m' }],
  alive: { frame: PONG, probe: '"PING"' },
  silent: [PONG, SUBSCRIBED],
  rest: {
    ...REST,
    snapshotPath: '/api/v3/depth',
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
  recordings: [
    {
      title: 'frames encoded with the official schema say what an independent reader makes of them',
      files: ['mexc/reencoded_frames_a.jsonl'],
      test(linesOf) {
        let depths = 0;
        let deals = 0;
        for (const line of linesOf('mexc/reencoded_frames_a.jsonl')) {
          const { hex, decoded } = JSON.parse(line) as Reencoded;
          // The stream of 10 ms, which is read like ours of 100 ms.
          const frame = Buffer.from(hex.replaceAll(hexOf('@10ms@'), hexOf('@100ms@')), 'hex');
          const length = frame[1] as number;
          if (decoded.channel.includes('@10ms@')) frame[1] = length + 1;
          const bench = new WireBench({
            ...SPOT_VENUE,
            instrument: { ...SPOT, venueSymbol: decoded.symbol, tickSize: '0.01', lotSize: '0.00000001' },
          });
          bench.feed(frame);
          expect(bench.unreadable, line).toEqual([]);
          const { publicAggreDeals, publicAggreDepths } = decoded;
          if (publicAggreDeals !== undefined) {
            deals += publicAggreDeals.deals.length;
            expect(bench.trades.map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent])).toEqual(
              publicAggreDeals.deals.map(({ price, quantity, tradeType, time }) => [
                Number(price),
                Number(quantity),
                tradeType === 1 ? 'buy' : 'sell',
                Number(time),
              ]),
            );
          }
          if (publicAggreDepths === undefined) continue;
          depths++;
          expect([bench.lastOutcome, bench.eventTimes]).toEqual(['buffered', [Number(decoded.sendTime)]]);
          const { fromVersion: first, bids = [], asks = [] } = publicAggreDepths;
          bench.sync.onSnapshot({ lastUpdateId: Number(first) - 1, bids: [], asks: [] });
          const sides = (levels: readonly RawLevel[]): number[][] =>
            levels.filter(({ quantity }) => Number(quantity) > 0).map(({ price, quantity }) => [Number(price), Number(quantity)]);
          expect(numbersOf(bench.sync.book)).toEqual({ bids: sides(bids), asks: sides(asks) });
          expect(bench.sync.lastId).toBe(Number(publicAggreDepths.toVersion));
        }
        expect([depths, deals]).toEqual([8, 2]);
      },
    },
  ],
};

interface RawLevel {
  readonly price: string;
  readonly quantity: string;
}
interface Reencoded {
  readonly hex: string;
  readonly decoded: {
    readonly channel: string;
    readonly symbol: string;
    readonly sendTime: string;
    readonly publicAggreDepths?: {
      readonly bids?: readonly RawLevel[];
      readonly asks?: readonly RawLevel[];
      readonly fromVersion: string;
      readonly toVersion: string;
    };
    readonly publicAggreDeals?: { readonly deals: readonly (RawLevel & { readonly tradeType: number; readonly time: string })[] };
  };
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

const sold = { price: 61737.6, quantity: 55, side: 'sell', tsEvent: 1723161255342 } as const;
const numbers = (side: BookText['bids']): unknown => side.map(([price, quantity]) => [Number(price), Number(quantity), 3]);

const FUTURES_VENUE: VenueConformance = {
  ...COMMON,
  name: 'MEXC futures',
  instrument: { ...LINEAR, contractMultiplier: '1' },
  book: {
    delta: (ordinal, time, { bids, asks }) =>
      JSON.stringify({
        channel: 'push.depth',
        data: {
          asks: numbers(asks),
          bids: numbers(bids),
          begin: fromVersion(ordinal),
          end: toVersion(ordinal),
          version: toVersion(ordinal),
        },
        symbol: 'BTC_USDT',
        ts: time,
      }),
    restSnapshot: (ordinal, { bids, asks }) =>
      answer({ asks: numbers(asks), bids: numbers(bids), version: toVersion(ordinal), timestamp: 1723161255000 }),
    opening: [FUTURES_SUBSCRIBED],
  },
  trades: [
    {
      frame: FUTURES_DEAL,
      expected: [
        { ...sold, id: 13_064_218_826 },
        { ...sold, id: 13_064_218_827 },
      ],
    },
    {
      frame: FUTURES_DEAL_ALONE,
      expected: [{ id: 13_064_218_828, price: 61738, quantity: 10, side: 'buy', tsEvent: 1723161255400 }],
    },
  ],
  klines: [{ frame: FUTURES_KLINE, candle: { ...candle, volume: 123_450 }, closed: false, timeframe: '1m' }],
  alive: { frame: FUTURES_PONG, probe: '"ping"' },
  silent: [FUTURES_PONG, FUTURES_SUBSCRIBED],
  rest: {
    ...REST,
    snapshotPath: '/api/v1/contract/depth/BTC_USDT',
    candles: {
      instrument: LINEAR,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [candle, { ...candle, openTime: 1723161300000, open: 61737.6, high: 61738, low: 61700, close: 61710, volume: 5 }],
    },
  },
  recordings: [
    {
      title: 'recorded single messages of the futures say what an independent reader makes of them',
      files: ['tardis_node/mexc-futures_a.jsonl', 'crypto_msg_parser/mexc_a.jsonl'],
      test(linesOf) {
        const bench = new WireBench({ ...FUTURES_VENUE, instrument: { ...LINEAR, contractMultiplier: '1' } });
        for (const line of linesOf('tardis_node/mexc-futures_a.jsonl')) {
          const { message, normalized } = JSON.parse(line) as { message: { channel: string }; normalized: readonly Normalized[] };
          if (message.channel !== 'push.deal' && message.channel !== 'push.depth') continue;
          const before = bench.trades.length;
          bench.feed(JSON.stringify(message));
          if (message.channel === 'push.depth') expect(bench.lastOutcome).toBe('buffered');
          else {
            expect(
              bench.trades.slice(before).map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent]),
            ).toEqual(normalized.map(({ price, amount, side, timestamp }) => [price, amount, side, Date.parse(timestamp)]));
          }
        }
        expect([bench.trades.length, bench.eventTimes, bench.unreadable]).toEqual([2, [1587442022003], []]);
        const inverse = new WireBench({ ...FUTURES_VENUE, instrument: INVERSE });
        for (const line of linesOf('crypto_msg_parser/mexc_a.jsonl')) {
          const { raw } = JSON.parse(line) as { raw: string };
          // Of 2022: deals had no ids then.
          if (raw.includes('"BTC_USD"')) inverse.feed(raw.replace('"M":1', '"M":1,"i":"1"'));
        }
        expect(inverse.trades.map(({ price, quantity }) => [price, quantity])).toEqual([[39885.5, 800 / 39885.5]]);
        expect([inverse.eventTimes, inverse.unreadable]).toEqual([[1622723010000], []]);
      },
    },
  ],
};

interface Normalized {
  readonly price: number;
  readonly amount: number;
  readonly side: string;
  readonly timestamp: string;
}

runVenueConformance(SPOT_VENUE);
runVenueConformance(FUTURES_VENUE);
