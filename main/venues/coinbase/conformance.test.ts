import { expect } from 'vitest';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { candleFromJson, tradeFromJson } from './parse.ts';
import { coinbaseNameOf, instrumentFrom } from './symbols.ts';
import { COINBASE, BTC } from './fixtures/conformance.ts';

interface OldFeed {
  readonly type: string;
  readonly product_id: string;
  readonly time?: string;
  readonly bids?: readonly [string, string][];
  readonly asks?: readonly [string, string][];
  readonly changes?: readonly [string, string, string][];
}

const RECORDINGS: readonly Recording[] = [
  {
    title: 'messages of every channel as published: book, trades at the taker’s side, candles and product',
    files: ['nautilus/fixtures_coinbase.jsonl'],
    test(linesOf) {
      const published = new Map<string, unknown>();
      for (const line of linesOf('nautilus/fixtures_coinbase.jsonl')) {
        const { file, message: content } = JSON.parse(line) as { file: string; message: unknown };
        published.set(file.split('/').at(-1) ?? '', typeof content === 'string' ? JSON.parse(content) : content);
      }
      const bench = new WireBench(COINBASE);
      for (const file of ['ws_l2_data_snapshot.json', 'ws_l2_data_update.json']) bench.feed(JSON.stringify(published.get(file)));
      expect(numbersOf(bench.sync.book)).toEqual({
        bids: [
          [68900, 2],
          [68899.5, 0.75],
          [68899, 2.3],
        ],
        asks: [
          [68901.5, 1.2],
          [68902, 0.8],
        ],
      });
      expect([bench.states, bench.eventTimes]).toEqual([
        ['syncing', 'live'],
        [Date.UTC(2026, 3, 7, 14, 30, 0, 123), Date.UTC(2026, 3, 7, 14, 30, 1, 456)],
      ]);
      // Its number, 5, does not follow 1: three messages are missing, and no book of the connection is to be believed.
      bench.feed(JSON.stringify(published.get('ws_market_trades.json')));
      expect([bench.sync.state, bench.trades.map(({ id, side }) => [id, side])]).toEqual([
        'resyncing',
        [
          [995098700, 'sell'],
          [995098701, 'buy'],
        ],
      ]);
      expect([bench.unreadable, bench.odd]).toEqual([[], []]);

      // Trades at the best ask were bought by the taker.
      const ticker = published.get('http_ticker.json') as { best_ask: string; trades: { price: string }[] };
      const trades = ticker.trades.map((row) => tradeFromJson(row, 0));
      const bought = trades.filter((read) => read.ok && read.value.price === Number(ticker.best_ask));
      expect(bought.length).toBe(2);
      expect(bought.every((read) => read.ok && read.value.side === 'buy')).toBe(true);
      expect(trades.map((read) => read.ok && read.value.id)).toEqual([995098663, 995098662, 995098661]);

      const candles = (published.get('http_candles.json') as { candles: unknown[] }).candles.map((row) => candleFromJson(row));
      expect(candles.map((read) => read.ok && [read.value.openTime, read.value.close])).toEqual([
        [1712192400000, 66181.6],
        [1712188800000, 66314.59],
      ]);
      const name = coinbaseNameOf('BTC/USD');
      expect(name && instrumentFrom(published.get('http_product.json'), 'BTC/USD', name)).toEqual(BTC);
    },
  },
  {
    title: 'books of the old feed, put into today’s messages, equal naive ones at every update',
    files: ['cryptofeed/coinbase_pro_2021.jsonl.gz'],
    test(linesOf) {
      const lines = linesOf('cryptofeed/coinbase_pro_2021.jsonl.gz').map(
        (line) => JSON.parse(line) as { t: string; data?: string },
      );
      const messages = lines
        .filter(({ t, data }) => t === 'recv' && data !== undefined && /^\{"type":"(snapshot|l2update)"/.test(data))
        .map(({ data = '' }) => JSON.parse(data) as OldFeed);
      const listed = JSON.parse(lines[0]?.data ?? '') as { id: string; base_increment: string; quote_increment: string }[];
      const steps = new Map(listed.map((entry) => [entry.id, entry]));
      let updates = 0;
      for (const product of new Set(messages.map(({ product_id: id }) => id))) {
        const bench = new WireBench({
          ...COINBASE,
          instrument: {
            ...BTC,
            venueSymbol: product,
            tickSize: steps.get(product)?.quote_increment ?? '',
            lotSize: steps.get(product)?.base_increment ?? '',
          },
        });
        const naive = { bid: new Map<number, number>(), offer: new Map<number, number>() };
        let number = 0;
        for (const old of messages.filter(({ product_id: id }) => id === product)) {
          const rows =
            old.type === 'snapshot'
              ? [
                  ...(old.bids ?? []).map(([price, size]) => ['bid', price, size] as const),
                  ...(old.asks ?? []).map(([price, size]) => ['offer', price, size] as const),
                ]
              : (old.changes ?? []).map(([side, price, size]) => [side === 'buy' ? 'bid' : 'offer', price, size] as const);
          for (const [side, price, size] of rows) {
            if (Number(size) === 0) naive[side].delete(Number(price));
            else naive[side].set(Number(price), Number(size));
          }
          bench.feed(
            JSON.stringify({
              channel: 'l2_data',
              timestamp: old.time ?? '2021-04-17T16:43:36Z',
              sequence_num: number++,
              events: [
                {
                  type: old.type === 'snapshot' ? 'snapshot' : 'update',
                  product_id: product,
                  updates: rows.map(([side, price, size]) => ({ side, price_level: price, new_quantity: size })),
                },
              ],
            }),
          );
          const { book } = bench.sync;
          const best = [Math.max(...naive.bid.keys()), Math.min(...naive.offer.keys())];
          expect([book.bestBid, book.bestAsk, book.depth('bid'), book.depth('ask')]).toEqual([
            ...best,
            naive.bid.size,
            naive.offer.size,
          ]);
          updates++;
        }
        const sorted = (side: 'bid' | 'offer', sign: number): number[][] => [...naive[side]].sort(([x], [y]) => sign * (x - y));
        expect(numbersOf(bench.sync.book)).toEqual({ bids: sorted('bid', -1), asks: sorted('offer', 1) });
        expect([bench.states, bench.unreadable, bench.odd]).toEqual([['syncing', 'live'], [], []]);
      }
      expect(updates).toBe(9_729);
    },
  },
];

runVenueConformance(COINBASE, RECORDINGS);
