import { expect } from 'vitest';
import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { BookText, VenueConformance } from '../conformance/venue-conformance.ts';
import { WireBench } from '../conformance/wire-bench.ts';
import {
  answer,
  bookMessage,
  CANDLE,
  CANDLES,
  checksumOfText,
  HEARTBEAT,
  PAIRS,
  PONG,
  RECENT_TRADES,
  STATUS,
  SUBSCRIBED,
  TRADES,
  UNKNOWN_SYMBOL,
} from './fixtures/messages.ts';
import { KrakenHttp } from './http.ts';
import { createKrakenMarketData } from './market-data.ts';
import { candleFromRow, tradeFromRow } from './parse.ts';
import { krakenProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'kraken',
  symbol: 'ETH/USD',
  venueSymbol: 'ETH/USD',
  kind: 'spot',
  base: 'ETH',
  quote: 'USD',
  tickSize: '0.01',
  lotSize: '0.00000001',
  minNotional: '0.5',
  contractMultiplier: '1',
};
const BTC: Instrument = { ...ETH, symbol: 'BTC/USD', venueSymbol: 'BTC/USD', base: 'BTC', tickSize: '0.1' };

type Levels = BookText['bids'];

/** The script's prices: twelve ticks on each side of 200.00. */
const prices = (sign: number): string[] => Array.from({ length: 12 }, (_, i) => ((20_000 + sign * (i + 1)) / 100).toFixed(2));

/**
 * An update of the script with all that lies below the ten best levels: the checksum does not cover it, so no reader of
 * Kraken's stream could notice that an update down there is lost.
 */
function withDepths(changes: Levels, after: Levels, sign: number): Levels {
  const covered = after.slice(0, 10);
  const last = covered.length < 10 ? undefined : covered.at(-1)?.[0];
  const kept = new Map(after.slice(10));
  const below = prices(sign)
    .filter((price) =>
      last === undefined ? !after.some(([known]) => known === price) : sign * (Number(price) - Number(last)) > 0,
    )
    .map((price) => [price, kept.get(price) ?? '0'] as const);
  return [...below, ...changes].map(([price, quantity]) => [price, quantity === '0' ? '0.00000000' : quantity] as const);
}

const iso = (time: number): string => new Date(time).toISOString().replace('Z', '178Z');
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

const VENUE: VenueConformance = {
  name: 'Kraken',
  create: createKrakenMarketData,
  protocol: (http) => krakenProtocol('ws://stream.example/v2', new KrakenHttp(http)),
  instrument: ETH,
  book: {
    delta: (_ordinal, time, changes, after) =>
      bookMessage(
        'update',
        'ETH/USD',
        iso(time),
        withDepths(changes.bids, after.bids, -1),
        withDepths(changes.asks, after.asks, 1),
        checksumOfText(after.asks, after.bids),
      ),
    snapshot: (_ordinal, time, { bids, asks }) =>
      bookMessage('snapshot', 'ETH/USD', iso(time), bids, asks, checksumOfText(asks, bids)),
    opening: [STATUS, SUBSCRIBED],
  },
  trades: [
    {
      frame: TRADES,
      expected: [
        { id: 4665906, price: 2302.37, quantity: 0.25, side: 'buy', tsEvent: 1723161255342 },
        { id: 4665907, price: 2302.3, quantity: 1.5, side: 'sell', tsEvent: 1723161255343 },
      ],
    },
  ],
  klines: [{ frame: CANDLE, candle, closed: false, timeframe: '1m' }],
  alive: { frame: PONG, probe: '"ping"' },
  silent: [PONG, HEARTBEAT, STATUS, SUBSCRIBED],
  rest: {
    serverTime: 1723161255000,
    instruments: [ETH, BTC],
    unknownSymbol: 'XXX/USD',
    answer(url) {
      if (url.pathname === '/0/public/Time') return answer({ unixtime: 1723161255, rfc1123: 'Thu,  8 Aug 24 23:54:15 +0000' });
      if (url.pathname === '/0/public/OHLC') return CANDLES;
      if (url.pathname === '/0/public/Trades') return RECENT_TRADES;
      if (url.pathname !== '/0/public/AssetPairs') return undefined;
      return PAIRS[url.searchParams.get('pair') ?? ''] ?? UNKNOWN_SYMBOL;
    },
    candles: {
      instrument: ETH,
      timeframe: '1m',
      from: 1723161240000,
      to: 1723161360000,
      expected: [candle, { ...candle, openTime: 1723161300000, open: 2302.37, high: 2303, low: 2302, close: 2302.1, volume: 5 }],
    },
  },
  recordings: [
    {
      title: 'five recorded books of v1, told as v2 would, have the venue’s checksum at every update',
      files: ['cryptofeed/kraken_v1_a.jsonl.gz'],
      test(linesOf) {
        const recorded = recordedBooks(linesOf('cryptofeed/kraken_v1_a.jsonl.gz'));
        let checked = 0;
        for (const { instrument, frames } of recorded) {
          const bench = new WireBench({ ...VENUE, instrument });
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
          const bench = new WireBench({ ...VENUE, instrument });
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
        const bench = new WireBench({ ...VENUE, instrument: BTC });
        for (const name of ['ws_trade_update.json', 'ws_ohlc_update.json', 'ws_pong.json', 'ws_subscribe_response.json']) {
          bench.feed(JSON.stringify(messages.get(name)));
        }
        expect([bench.unreadable, bench.odd, bench.klines.length]).toEqual([[], [], 1]);
        expect(bench.trades.map(({ id, price, quantity, side }) => [id, price, quantity, side])).toEqual([
          [10218208, 105944.2, 0.00027625, 'buy'],
          [10218209, 105910.5, 0.0001246, 'sell'],
        ]);
        for (const row of messages.get('http_trades.json')?.result.XBTUSDT ?? [undefined])
          expect(tradeFromRow(row).ok).toBe(true);
        for (const row of messages.get('http_ohlc.json')?.result.XBTUSDT ?? [undefined]) expect(candleFromRow(row).ok).toBe(true);
      },
    },
  ],
};

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

runVenueConformance(VENUE);
