import { expect } from 'vitest';
import type { Instrument } from '../../../core/market/instrument.ts';
import { numbersOf } from '../conformance/market-script.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { candleFromJson, candleRows, tradeFromJson } from './parse.ts';
import { deribitNameOf, instrumentFrom } from './symbols.ts';
import { DERIBIT, BTC, SOL } from './fixtures/conformance.ts';

/** The channel's rules are those of perpetuals; amounts are base units. */
const OPTION: Instrument = { ...SOL, tickSize: '0.0001', lotSize: '0.1' };

interface Notification {
  readonly channel: string;
  readonly data: {
    readonly type?: string;
    readonly instrument_name?: string;
    readonly bids?: readonly RecordedLevel[];
    readonly asks?: readonly RecordedLevel[];
  };
}
type RecordedLevel = readonly [action: string, price: number, amount: number];
interface Normalized {
  readonly type: string;
  readonly id?: string;
  readonly price?: number;
  readonly amount?: number;
  readonly side?: string;
  readonly timestamp: string;
  readonly bids?: readonly { readonly price: number; readonly amount: number }[];
  readonly asks?: readonly { readonly price: number; readonly amount: number }[];
}

const RECORDINGS: readonly Recording[] = [
  {
    title: 'six option books chain without a gap and equal a naive book at every update',
    files: ['cryptofeed/deribit_options_a.jsonl.gz'],
    test(linesOf) {
      const messages = linesOf('cryptofeed/deribit_options_a.jsonl.gz')
        .map((line) => JSON.parse(line) as { t: string; data?: string })
        .filter(({ t, data }) => t === 'recv' && data?.includes('"channel":"book.') === true)
        .map(({ data = '' }) => data);
      const names = new Set(messages.map((text) => (JSON.parse(text) as { params: Notification }).params.data.instrument_name));
      let changes = 0;
      let books = 0;
      for (const venueSymbol of names) {
        if (venueSymbol === undefined) continue;
        const bench = new WireBench({ ...DERIBIT, instrument: { ...OPTION, venueSymbol } });
        const naive = { bids: new Map<number, number>(), asks: new Map<number, number>() };
        for (const text of messages.filter((message) => message.includes(`book.${venueSymbol}.raw`))) {
          const { data } = (JSON.parse(text) as { params: Notification }).params;
          for (const side of ['bids', 'asks'] as const) {
            for (const [action, price, amount] of data[side] ?? []) {
              if (action === 'delete') naive[side].delete(price);
              else naive[side].set(price, amount);
            }
          }
          if (data.type === 'change') changes++;
          bench.feed(text.replace('.raw"', '.100ms"'));
          const sorted = (side: 'bids' | 'asks', sign: number): number[][] => [...naive[side]].sort(([x], [y]) => sign * (x - y));
          expect(numbersOf(bench.sync.book)).toEqual({ bids: sorted('bids', -1), asks: sorted('asks', 1) });
        }
        expect([bench.states, bench.sync.gaps, bench.unreadable, bench.odd]).toEqual([['syncing', 'live'], 0, [], []]);
        books++;
      }
      expect([books, changes]).toEqual([6, 4]);
    },
  },
  {
    title: 'recorded single messages say what an independent reader makes of them',
    files: ['tardis_node/deribit_a.jsonl'],
    test(linesOf) {
      let trades = 0;
      let books = 0;
      for (const line of linesOf('tardis_node/deribit_a.jsonl')) {
        const { message, normalized } = JSON.parse(line) as { message: { params: Notification }; normalized: Normalized[] };
        const [kind, venueSymbol = ''] = message.params.channel.split('.');
        if (kind !== 'book' && kind !== 'trades') continue;
        const inverse = venueSymbol.endsWith('-PERPETUAL');
        const bench = new WireBench({
          ...DERIBIT,
          instrument: inverse ? { ...BTC, venueSymbol, tickSize: '0.05', lotSize: '1' } : { ...OPTION, venueSymbol },
        });
        bench.feed(JSON.stringify(message).replace('.raw"', '.100ms"'));
        expect([bench.unreadable, bench.odd]).toEqual([[], []]);
        if (kind === 'trades') {
          const expected = normalized.filter(({ type }) => type === 'trade');
          expect(bench.trades.map(({ price, quantity, side, tsEvent }) => [price, quantity, side, tsEvent])).toEqual(
            expected.map(({ price = 0, amount = 0, side, timestamp }) => [price, amount / price, side, Date.parse(timestamp)]),
          );
          trades += bench.trades.length;
        } else {
          const [expected] = normalized;
          const pairs = (side: Normalized['bids']): number[][] => (side ?? []).map(({ price, amount }) => [price, amount]);
          expect(numbersOf(bench.sync.book)).toEqual({ bids: pairs(expected?.bids), asks: pairs(expected?.asks) });
          expect(bench.eventTimes).toEqual([Date.parse(expected?.timestamp ?? '')]);
          expect(bench.sync.state).toBe('live');
          books++;
        }
      }
      expect([trades, books]).toEqual([3, 2]);
    },
  },
  {
    title: 'BTC-PERPETUAL: book, trades, candles and instrument as published',
    files: ['nautilus/fixtures_deribit.jsonl'],
    test(linesOf) {
      const published = new Map<string, unknown>();
      for (const line of linesOf('nautilus/fixtures_deribit.jsonl')) {
        const { file, message } = JSON.parse(line) as { file: string; message: unknown };
        published.set(file.split('/').at(-1) ?? '', typeof message === 'string' ? JSON.parse(message) : message);
      }
      const result = (file: string): unknown => (published.get(file) as { result: unknown }).result;
      const bench = new WireBench(DERIBIT);
      for (const file of [
        'ws_subscribe_response.json',
        'ws_book_snapshot.json',
        'ws_book_delta.json',
        'ws_test_request.json',
        'ws_trades.json',
        'ws_chart.json',
      ])
        bench.feed(JSON.stringify(published.get(file)));
      expect([bench.states, bench.unreadable, bench.odd, bench.sent.length]).toEqual([['syncing', 'live'], [], [], 1]);
      expect(numbersOf(bench.sync.book)).toEqual({
        bids: [
          [42500, 950],
          [42499.5, 500],
          [42499, 750],
          [42498.5, 300],
          [42498, 800],
        ],
        asks: [
          [42501.5, 700],
          [42502, 400],
          [42502.5, 900],
          [42503, 550],
        ],
      });
      expect(bench.trades.map(({ id, quantity }) => [id, quantity])).toEqual([
        [271252854, 10 / 92294.5],
        [271252855, 750 / 92288.5],
      ]);
      expect(bench.klines.map(({ candle: { openTime, volume } }) => [openTime, volume])).toEqual([[1767200040000, 0.95978896]]);
      expect(instrumentFrom(result('http_get_instrument.json'), BTC.symbol, deribitNameOf(BTC.symbol)!)).toEqual(BTC);

      const rows = candleRows(result('http_get_tradingview_chart_data.json'));
      const candles = rows.ok ? rows.value.map((row) => candleFromJson(row)) : [];
      expect(candles.map((read) => read.ok && [read.value.openTime, read.value.volume])).toEqual([
        [1766483460000, 2.94375216],
        [1766483520000, 2.85806724],
        [1766483580000, 0.23097259],
        [1766483640000, 0.09570527],
        [1766483700000, 0.1018798],
      ]);
      // The sequence of an instrument's trades has no holes, those of combinations included.
      for (const file of ['http_get_last_trades.json', 'http_get_last_trades_perpetual_with_combo_tags.json']) {
        const trades = (result(file) as { trades: unknown[] }).trades.map((row) => tradeFromJson(row, 'inverse', 0));
        const ids = trades.map((read) => (read.ok ? read.value.id : Number.NaN));
        expect(ids.length).toBeGreaterThan(4);
        expect(ids).toEqual(ids.map((_, i) => (ids[0] as number) + i));
      }
    },
  },
];

runVenueConformance(DERIBIT, RECORDINGS);
