import { expect } from 'vitest';
import type { Instrument } from '../../../core/market/instrument.ts';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { VenueConformance } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { idOfText } from '../session/trade-sequence.ts';
import {
  INSTRUMENTS,
  KLINE,
  KLINES,
  PONG,
  RECENT_TRADES,
  SUBSCRIBED,
  TRADE_LINEAR,
  UNKNOWN_SYMBOL,
} from './fixtures/messages.ts';
import { BybitHttp } from './http.ts';
import { createBybitMarketData } from './market-data.ts';
import { bybitProtocol } from './ws.ts';

const BTC: Instrument = {
  venue: 'bybit',
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTCUSDT',
  kind: 'linear',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.1',
  lotSize: '0.001',
  minNotional: '5',
  contractMultiplier: '1',
};
const INVERSE: Instrument = {
  ...BTC,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD',
  kind: 'inverse',
  quote: 'USD',
  lotSize: '1',
  minNotional: '1',
};
const SPOT: Instrument = {
  ...BTC,
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  tickSize: '0.01',
  lotSize: '0.00001',
  minNotional: '1',
};

const json = (levels: readonly (readonly [string, string])[]): string => JSON.stringify(levels);
/** Far from 1, which has a meaning of its own. */
const updateId = (ordinal: number): number => 18_521_288 + ordinal;
const candle = {
  open: 61730,
  high: 61740,
  low: 61728.5,
  close: 61737.6,
  volume: 12.345,
  buyVolume: 0,
  tradeCount: 0,
  filled: false,
};
const message = (type: string, ordinal: number, time: number, bids: string, asks: string): string =>
  `{"topic":"orderbook.200.BTCUSDT","type":"${type}","ts":${time + 3},"data":{"s":"BTCUSDT","b":${bids},"a":${asks},"u":${updateId(ordinal)},"seq":${7_961_638_724 + ordinal * 5}},"cts":${time}}`;

const VENUE: VenueConformance = {
  name: 'Bybit',
  create: createBybitMarketData,
  protocol: (http) => bybitProtocol('ws://stream.example/v5/public', new BybitHttp(http)),
  instrument: BTC,
  book: {
    delta: (ordinal, time, { bids, asks }) => message('delta', ordinal, time, json(bids), json(asks)),
    snapshot: (ordinal, time, { bids, asks }) => message('snapshot', ordinal, time, json(bids), json(asks)),
    opening: [SUBSCRIBED],
  },
  trades: [
    {
      frame: TRADE_LINEAR,
      expected: [
        {
          id: idOfText('11111111-aaaa-5bbb-8ccc-000000000001'),
          price: 61737.6,
          quantity: 0.02,
          side: 'buy',
          tsEvent: 1723161255342,
        },
        {
          id: idOfText('11111111-aaaa-5bbb-8ccc-000000000002'),
          price: 61737.5,
          quantity: 1.5,
          side: 'sell',
          tsEvent: 1723161255343,
        },
      ],
    },
  ],
  klines: [{ frame: KLINE, candle: { ...candle, openTime: 1723161240000 }, closed: false, timeframe: '1m' }],
  alive: { frame: PONG, probe: '"ping"' },
  silent: [PONG, SUBSCRIBED],
  rest: {
    serverTime: 1723161255000,
    instruments: [BTC, INVERSE, SPOT],
    unknownSymbol: 'XXX/USDT:USDT',
    answer(url) {
      const category = url.searchParams.get('category') ?? '';
      if (url.pathname === '/v5/market/time') return { retCode: 0, retMsg: 'OK', result: {}, time: 1723161255000 };
      if (url.pathname === '/v5/market/kline') return KLINES;
      if (url.pathname === '/v5/market/recent-trade') return RECENT_TRADES;
      if (url.pathname !== '/v5/market/instruments-info') return undefined;
      return INSTRUMENTS[`${category} ${url.searchParams.get('symbol')}`] ?? UNKNOWN_SYMBOL;
    },
    candles: {
      instrument: BTC,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [
        { ...candle, openTime: 1723161240000 },
        { ...candle, openTime: 1723161300000, open: 61737.6, high: 61738, low: 61700, close: 61710, volume: 5 },
      ],
    },
  },
  recordings: [
    {
      title: 'a snapshot and 49 deltas of XRPUSDT chain without a gap and equal a naive book at every update',
      files: ['nautilus/bybit_2024-12-01_XRPUSDT_ob500.jsonl.gz'],
      test(linesOf) {
        const lines = linesOf('nautilus/bybit_2024-12-01_XRPUSDT_ob500.jsonl.gz');
        const xrp = { ...BTC, symbol: 'XRP/USDT:USDT', venueSymbol: 'XRPUSDT', base: 'XRP', tickSize: '0.0001', lotSize: '1' };
        const bench = new WireBench({ ...VENUE, instrument: xrp });
        const naive = { b: new Map<number, number>(), a: new Map<number, number>() };
        for (const line of lines) {
          const { type, data } = JSON.parse(line) as { type: string; data: Record<'b' | 'a', [string, string][]> };
          for (const side of ['b', 'a'] as const) {
            if (type === 'snapshot') naive[side].clear();
            for (const [price, size] of data[side]) {
              if (Number(size) === 0) naive[side].delete(Number(price));
              else naive[side].set(Number(price), Number(size));
            }
          }
          // The archive has 500 levels; the live topic is the one of 200.
          bench.feed(line.replace('orderbook.500.', 'orderbook.200.'));
          const sorted = (side: 'b' | 'a', sign: number): number[][] => [...naive[side]].sort(([x], [y]) => sign * (x - y));
          expect(numbersOf(bench.sync.book)).toEqual({ bids: sorted('b', -1), asks: sorted('a', 1) });
        }
        expect([lines.length, bench.states, bench.sync.gaps, bench.unreadable, bench.odd]).toEqual([
          50,
          ['syncing', 'live'],
          0,
          [],
          [],
        ]);
      },
    },
    {
      title: 'recorded single messages of v5 say what an independent reader makes of them',
      files: ['tardis_node/bybit_a.jsonl', 'tardis_node/bybit-spot_a.jsonl'],
      test(linesOf) {
        let trades = 0;
        let books = 0;
        for (const line of ['tardis_node/bybit_a.jsonl', 'tardis_node/bybit-spot_a.jsonl'].flatMap(linesOf)) {
          const { message: raw, normalized, exchange } = JSON.parse(line) as Recorded;
          const [kind, ...rest] = String(raw.topic).split('.');
          const venueSymbol = rest.at(-1) ?? '';
          if (kind !== 'publicTrade' && kind !== 'orderbook') continue;
          const inverse = venueSymbol.endsWith('USD');
          const instrument = {
            ...BTC,
            venueSymbol,
            kind: exchange === 'bybit-spot' ? ('spot' as const) : inverse ? ('inverse' as const) : ('linear' as const),
            tickSize: '0.01',
            lotSize: '0.000001',
          };
          const bench = new WireBench({ ...VENUE, instrument });
          bench.feed(JSON.stringify(raw).replace(/orderbook\.\d+\./, 'orderbook.200.'));
          expect([bench.unreadable, bench.odd]).toEqual([[], []]);
          if (kind === 'publicTrade') {
            expect(bench.trades.map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent])).toEqual(
              normalized.map(({ price = 0, amount = 0, side, timestamp }) => [
                price,
                inverse ? amount / price : amount,
                side,
                Date.parse(timestamp),
              ]),
            );
            trades += bench.trades.length;
          } else if (raw.type === 'snapshot') {
            const [book] = normalized;
            // Top-of-book messages are normalised to another form; their books are as good.
            const expected =
              book?.bids === undefined ? raw.data?.b?.map((level) => Number(level[0])) : book.bids.map(({ price }) => price);
            expect(numbersOf(bench.sync.book).bids.map(([price]) => price)).toEqual(expected);
            expect(bench.eventTimes).toEqual([Date.parse(book?.timestamp ?? '')]);
            books++;
          } else expect(bench.sync.state).toBe('syncing');
        }
        expect(trades).toBeGreaterThan(3);
        expect(books).toBe(2);
      },
    },
  ],
};

interface Recorded {
  readonly exchange: string;
  readonly message: {
    readonly topic?: string;
    readonly type?: string;
    readonly data?: { readonly b?: readonly (readonly [string, string])[] };
  };
  readonly normalized: readonly {
    readonly price?: number;
    readonly amount?: number;
    readonly side?: string;
    readonly timestamp: string;
    readonly bids?: readonly { readonly price: number }[];
  }[];
}

runVenueConformance(VENUE);
