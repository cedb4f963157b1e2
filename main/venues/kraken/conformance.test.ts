import { expect } from 'vitest';
import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { Recording } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import { bookMessage, checksumOfText } from './fixtures/messages.ts';
import { candleFromRow, tradeFromRow } from './parse.ts';
import { KRAKEN, ETH, BTC, type Levels } from './fixtures/conformance.ts';

type V1Level = readonly [price: string, quantity: string, time: string, republished?: string];
type V1Book = Readonly<Partial<Record<'a' | 'b' | 'as' | 'bs', readonly V1Level[]>>> & { readonly c?: string };

/** v1 snapshots carry no checksum: they get the one that v2 would send. */
function recordedBooks(lines: readonly string[]): { instrument: Instrument; frames: string[] }[] {
  const decimals = new Map<string, number>();
  const frames = new Map<string, string[]>();
  for (const line of lines) {
    const { t, data } = JSON.parse(line) as { t: string; data: string };
    if (t === 'http') {
      const { result } = JSON.parse(data) as { result: Record<string, { wsname: string; pair_decimals: number }> };
      for (const { wsname, pair_decimals } of Object.values(result)) decimals.set(wsname, pair_decimals);
    }
    if (t !== 'recv' || !data.startsWith('[') || !data.includes('"book-1000"')) continue;
    const message = JSON.parse(data) as unknown[];
    const symbol = String(message.at(-1));
    const parts = message.slice(1, -2) as V1Book[];
    const bids = parts.flatMap((part) => part.b ?? part.bs ?? []);
    const asks = parts.flatMap((part) => part.a ?? part.as ?? []);
    const pairs = (levels: readonly V1Level[]): Levels => levels.map(([price, quantity]) => [price, quantity] as const);
    const type = parts[0]?.as === undefined ? 'update' : 'snapshot';
    const sum = type === 'snapshot' ? checksumOfText(pairs(asks), pairs(bids)) : Number(parts.at(-1)?.c);
    const times = [...bids, ...asks].filter(([, , , republished]) => republished === undefined).map(([, , time]) => time);
    const [seconds = '0', micros = '0'] = (times.sort().at(-1) ?? '').split('.');
    const time = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${micros}Z`;
    const list = frames.get(symbol) ?? [];
    list.push(bookMessage(type, symbol, time, pairs(bids), pairs(asks), sum));
    frames.set(symbol, list);
  }
  return [...frames].map(([symbol, list]) => ({
    instrument: { ...ETH, symbol, venueSymbol: symbol, tickSize: `0.${'1'.padStart(decimals.get(symbol) ?? 0, '0')}` },
    frames: list,
  }));
}

const RECORDINGS: readonly Recording[] = [
  {
    title: 'five recorded books of v1, told as v2 would, have the venue’s checksum at every update',
    files: ['cryptofeed/kraken_v1_a.jsonl.gz'],
    test(linesOf) {
      const recorded = recordedBooks(linesOf('cryptofeed/kraken_v1_a.jsonl.gz'));
      let checked = 0;
      for (const { instrument, frames } of recorded) {
        const bench = new WireBench({ ...KRAKEN, instrument });
        for (const frame of frames) {
          bench.feed(frame);
          expect(bench.lastOutcome, `${instrument.symbol}: ${bench.sync.reason}`).toBe('applied');
          checked++;
        }
        expect([bench.states, bench.unreadable, bench.odd]).toEqual([['syncing', 'live'], [], []]);
      }
      expect([recorded.length, checked]).toEqual([5, 2_554]);
    },
  },
  {
    title: 'a lost update of a recorded book is noticed',
    files: ['cryptofeed/kraken_v1_a.jsonl.gz'],
    test(linesOf) {
      for (const { instrument, frames } of recordedBooks(linesOf('cryptofeed/kraken_v1_a.jsonl.gz'))) {
        const bench = new WireBench({ ...KRAKEN, instrument });
        bench.feed(frames[0] as string, ...frames.slice(5));
        expect(bench.sync.state, instrument.symbol).toBe('resyncing');
        expect(bench.sync.reason).toMatch(/checksum \d+, Kraken says \d+/);
      }
    },
  },
  {
    title: 'recorded trades and candles are read',
    files: ['nautilus/fixtures_kraken.jsonl'],
    test(linesOf) {
      const messages = new Map(
        linesOf('nautilus/fixtures_kraken.jsonl')
          .map((line) => JSON.parse(line) as { file: string; message: { result: Record<string, unknown[]> } })
          .map(({ file, message }) => [file.split('/').at(-1), message]),
      );
      const bench = new WireBench({ ...KRAKEN, instrument: BTC });
      for (const name of ['ws_trade_update.json', 'ws_ohlc_update.json', 'ws_pong.json', 'ws_subscribe_response.json']) {
        bench.feed(JSON.stringify(messages.get(name)));
      }
      expect([bench.unreadable, bench.odd, bench.klines.length]).toEqual([[], [], 1]);
      expect(bench.trades.map(({ id, price, quantity, side }) => [id, price, quantity, side])).toEqual([
        [10218208, 105944.2, 0.00027625, 'buy'],
        [10218209, 105910.5, 0.0001246, 'sell'],
      ]);
      for (const row of messages.get('http_trades.json')?.result.XBTUSDT ?? [undefined]) expect(tradeFromRow(row).ok).toBe(true);
      for (const row of messages.get('http_ohlc.json')?.result.XBTUSDT ?? [undefined]) expect(candleFromRow(row).ok).toBe(true);
    },
  },
];

runVenueConformance(KRAKEN, RECORDINGS);
