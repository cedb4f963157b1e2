import { expect } from 'vitest';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { BYBIT, BTC } from './fixtures/conformance.ts';

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

const RECORDINGS: readonly Recording[] = [
  {
    title: 'a snapshot and 49 deltas of XRPUSDT chain without a gap and equal a naive book at every update',
    files: ['nautilus/bybit_2024-12-01_XRPUSDT_ob500.jsonl.gz'],
    test(linesOf) {
      const lines = linesOf('nautilus/bybit_2024-12-01_XRPUSDT_ob500.jsonl.gz');
      const xrp = { ...BTC, symbol: 'XRP/USDT:USDT', venueSymbol: 'XRPUSDT', base: 'XRP', tickSize: '0.0001', lotSize: '1' };
      const bench = new WireBench({ ...BYBIT, instrument: xrp });
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
        const bench = new WireBench({ ...BYBIT, instrument });
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
];

runVenueConformance(BYBIT, RECORDINGS);
