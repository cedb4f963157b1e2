import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BookState } from '../../../core/contracts/market-views.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import { depthFromJson, snapshotFromJson, tradeFromJson } from './parse.ts';
import { BookSync, type SequenceRule } from '../session/book-sync.ts';
import { bookLotOf } from '../session/steps.ts';
import type { JsonObject } from '../session/wire-values.ts';
import { FUTURES_RULE, SPOT_RULE } from './sync.ts';

const RECORDINGS = new URL('../../../../shared/data/market/', import.meta.url);
const TICK = decimalStep('0.01') as DecimalStep;
const LOT = bookLotOf(decimalStep('0.00001') as DecimalStep);

/** How a recording's numbers are read, and its diffs chained. */
interface Market {
  readonly tick: DecimalStep;
  readonly lot: DecimalStep;
  readonly rule: SequenceRule;
}
const SPOT: Market = { tick: TICK, lot: LOT, rule: SPOT_RULE };
const USDM: Market = { tick: TICK, lot: bookLotOf(decimalStep('0.001') as DecimalStep), rule: FUTURES_RULE };
const COINM_CONTRACT = { kind: 'inverse', contractMultiplier: '100' } as const;
const COINM: Market = {
  tick: decimalStep('0.1') as DecimalStep,
  lot: bookLotOf(decimalStep('1') as DecimalStep),
  rule: FUTURES_RULE,
};

const has = (path: string): boolean => existsSync(new URL(path, RECORDINGS));
const lines = (path: string): string[] =>
  gunzipSync(readFileSync(new URL(path, RECORDINGS)))
    .toString()
    .trimEnd()
    .split('\n');

interface TopOfBook {
  readonly bid: string;
  readonly bidQuantity: string;
  readonly ask: string;
  readonly askQuantity: string;
}

const numbers = (top: TopOfBook): number[] => [top.bid, top.bidQuantity, top.ask, top.askQuantity].map(Number);

/** Feeds a recording (`<receive ns> <message>` a line) through the byte parser and the sync machine. */
function replay(paths: readonly string[], skipLine?: (depthIndex: number) => boolean, { tick, lot, rule }: Market = SPOT) {
  const book = new L2Book({ tickSize: stepsToNumber(1, tick), lotSize: stepsToNumber(1, lot), bucketWidth: 10 });
  const states: BookState[] = [];
  const sync = new BookSync(book, rule, (state) => states.push(state));
  const parser = new DepthParser();
  const delta = emptyDelta();
  const envelope: StreamEnvelope = { stream: '', dataStart: 0 };
  const rebuilt = new Map<number, number[]>();
  const tickers = new Map<number, number[]>();
  let deltas = 0;
  let slowPath = 0;
  sync.connected();
  for (const line of paths.flatMap(lines)) {
    const text = line.slice(line.indexOf(' ') + 1);
    if (text.startsWith('{"lastUpdateId"')) {
      const snapshot = snapshotFromJson(JSON.parse(text), tick, lot);
      if (!snapshot.ok) throw new Error(snapshot.error.message);
      sync.onSnapshot(snapshot.value);
    } else if (text.includes('@bookTicker"')) {
      const { data } = JSON.parse(text) as { data: { u: number; b: string; B: string; a: string; A: string } };
      tickers.set(data.u, numbers({ bid: data.b, bidQuantity: data.B, ask: data.a, askQuantity: data.A }));
    } else if (text.includes('@depth@')) {
      if (skipLine?.(deltas++) === true) continue;
      const message = Buffer.from(text);
      if (!readEnvelope(message, envelope) || !parser.parse(message, envelope.dataStart, tick, lot, delta)) {
        slowPath++;
        const parsed = depthFromJson((JSON.parse(text) as { data: JsonObject }).data, tick, lot, delta);
        if (!parsed.ok) throw new Error(parsed.error.message);
      }
      sync.onDelta(delta);
    }
    if (sync.state === 'live') rebuilt.set(sync.lastId, [book.bestBid, book.bestBidQuantity, book.bestAsk, book.bestAskQuantity]);
  }
  return { sync, states, rebuilt, tickers, slowPath, deltas };
}

describe('recorded Binance spot BTC/USDT', { timeout: 120_000 }, () => {
  const path = 'hftbacktest/spot/btcusdt_20240808.gz';
  /** Goes on where the first ends, without a snapshot of its own. */
  const continuation = 'hftbacktest/spot/btcusdt_20240809.gz';

  it('rebuilds the best bid and ask that the exchange printed, at every update id both name', (context) => {
    if (!has(path) || !has(continuation)) context.skip('skipped: recordings not present');
    const { sync, states, rebuilt, tickers, slowPath } = replay([path, continuation]);
    expect(states).toEqual(['syncing', 'live']);
    expect([sync.state, sync.gaps, slowPath]).toEqual(['live', 0, 0]);
    let shared = 0;
    for (const [id, top] of tickers) {
      const ours = rebuilt.get(id);
      if (ours === undefined) continue;
      shared++;
      expect(ours, `at update ${id}`).toEqual(top);
    }
    expect(shared).toBe(1072);
  });

  it('has the derived top of book after every update', (context) => {
    const derived = 'derived/spot_btcusdt_tob.csv.gz';
    if (!has(path) || !has(continuation) || !has(derived)) context.skip('skipped: recordings not present');
    const { rebuilt } = replay([path, continuation]);
    let compared = 0;
    for (const row of lines(derived).slice(1)) {
      const [id, , bid, bidQuantity, ask, askQuantity] = row.split(',').map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const ours = rebuilt.get(id);
      if (ours === undefined) continue;
      compared++;
      expect(ours).toEqual([bid, bidQuantity, ask, askQuantity]);
    }
    expect(compared).toBe(rebuilt.size);
    expect(compared).toBeGreaterThan(3000);
  });

  it('goes stale at the very update after a lost one and does not come back without a snapshot', (context) => {
    if (!has(path)) context.skip('skipped: recordings not present');
    const { sync, states, rebuilt } = replay([path], (index) => index === 1000);
    expect(states).toEqual(['syncing', 'live', 'stale', 'resyncing']);
    expect(sync.gaps).toBe(1);
    expect(rebuilt.size).toBeLessThan(1000);
  });

  it('never goes live on a recording that has no snapshot', (context) => {
    if (!has(continuation)) context.skip('skipped: recordings not present');
    const { sync, states, rebuilt } = replay([continuation]);
    expect(states).toEqual(['syncing']);
    expect(sync.state).toBe('syncing');
    expect(rebuilt.size).toBe(0);
  });
});

describe.each([
  {
    name: 'USD-M ETH/USDT',
    market: USDM,
    paths: ['hftbacktest/usdm/ethusdt_20240808.gz'],
    derived: 'derived/usdm_ethusdt_tob.csv.gz',
    shared: 551,
    updates: 6580,
  },
  {
    name: 'COIN-M BTC/USD',
    market: COINM,
    // The second goes on where the first ends, without a snapshot of its own.
    paths: ['hftbacktest/cm/btcusd_perp_20240808.gz', 'hftbacktest/cm/btcusd_perp_20240809.gz'],
    derived: 'derived/cm_btcusd_perp_tob.csv.gz',
    shared: 1_885,
    updates: 44_771,
  },
])('recorded Binance $name', { timeout: 60_000 }, ({ market, paths, derived, shared, updates }) => {
  it('rebuilds the best bid and ask that the exchange printed, at every update id both name', (context) => {
    if (![...paths, derived].every(has)) context.skip('skipped: recordings not present');
    const { sync, states, rebuilt, tickers, slowPath } = replay(paths, undefined, market);
    expect(states).toEqual(['syncing', 'live']);
    expect([sync.state, sync.gaps, slowPath]).toEqual(['live', 0, 0]);
    let compared = 0;
    for (const [id, top] of tickers) {
      const ours = rebuilt.get(id);
      if (ours === undefined) continue;
      compared++;
      expect(ours, `at update ${id}`).toEqual(top);
    }
    // As many as a count of the ids in the files alone gives.
    expect(compared).toBe(shared);

    let derivedRows = 0;
    for (const row of lines(derived).slice(1)) {
      const [id = Number.NaN, , ...rest] = row.split(',').map(Number);
      const ours = rebuilt.get(id);
      if (ours === undefined) continue;
      derivedRows++;
      if (!rest.slice(0, 4).every((value, i) => value === ours[i])) expect(ours, `at update ${id}`).toEqual(rest.slice(0, 4));
    }
    expect([derivedRows, rebuilt.size]).toEqual([updates, updates]);
  });

  it('goes stale at the very update after a lost one', (context) => {
    if (!paths.every(has)) context.skip('skipped: recordings not present');
    const { sync, states } = replay(paths, (index) => index === 1000, market);
    expect(states).toEqual(['syncing', 'live', 'stale', 'resyncing']);
    expect(sync.gaps).toBe(1);
  });

  it('reads every trade, whose ids leave no hole', (context) => {
    if (!paths.every(has)) context.skip('skipped: recordings not present');
    const contract = market === COINM ? COINM_CONTRACT : ({ kind: 'linear', contractMultiplier: '1' } as const);
    let last = -1;
    let holes = 0;
    for (const line of paths.flatMap(lines)) {
      if (!line.includes('@trade"')) continue;
      const { data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data: JsonObject };
      const trade = tradeFromJson(data, 0, contract);
      if (!trade.ok) throw new Error(trade.error.message);
      if (last >= 0 && trade.value.id !== last + 1) holes++;
      last = trade.value.id;
      const amount = market === COINM ? (Number(data.q) * 100) / Number(data.p) : Number(data.q);
      if (trade.value.quantity !== amount) expect(trade.value.quantity, `of trade ${last}`).toBe(amount);
    }
    expect([last > 0, holes]).toEqual([true, 0]);
  });
});

describe('recorded spot books of four small symbols', () => {
  const path = 'cryptofeed/binance.jsonl.gz';

  it('bridge from their REST snapshots and have no gap', (context) => {
    if (!has(path)) context.skip('skipped: recordings not present');
    const step = decimalStep('0.00000001') as DecimalStep;
    const books = new Map<string, BookSync>();
    const delta = emptyDelta();
    for (const line of lines(path)) {
      const { t, url, data } = JSON.parse(line) as { t: string; url?: string; data?: string };
      const symbol = /\/depth\?symbol=([A-Z0-9]+)/.exec(url ?? '')?.[1];
      if (t === 'http' && symbol !== undefined && data !== undefined) {
        const snapshot = snapshotFromJson(JSON.parse(data), step, step);
        if (!snapshot.ok) throw new Error(snapshot.error.message);
        syncOf(books, symbol).onSnapshot(snapshot.value);
      } else if (t === 'recv' && data?.includes('"depthUpdate"') === true) {
        const event = (JSON.parse(data) as { data: JsonObject }).data;
        expect(depthFromJson(event, step, step, delta).ok).toBe(true);
        syncOf(books, String(event.s)).onDelta(delta);
      }
    }
    expect([...books.keys()].sort()).toEqual(['BLZETH', 'LRCBTC', 'NKNUSDT', 'RUNEEUR']);
    for (const [symbol, sync] of books) expect([symbol, sync.gaps]).toEqual([symbol, 0]);
    expect([...books.values()].map(({ state }) => state)).toEqual(['live', 'live', 'live', 'live']);
  });

  function syncOf(books: Map<string, BookSync>, symbol: string): BookSync {
    let sync = books.get(symbol);
    if (sync === undefined) {
      sync = new BookSync(new L2Book({ tickSize: 1e-8, lotSize: 1e-8, bucketWidth: 0.0001 }), SPOT_RULE, () => undefined);
      sync.connected();
      books.set(symbol, sync);
    }
    return sync;
  }
});

describe('recorded microsecond timestamps', () => {
  it('of TRX/USDT are told from milliseconds', (context) => {
    const path = 'lasota/test_positive_binance_trade_stream_spot_trxusdt_04-03-2025.csv.gz';
    if (!has(path)) context.skip('skipped: recordings not present');
    const row = lines(path).find((line) => line.includes('trxusdt@trade')) as string;
    const time = Number(row.split(',')[3]);
    expect(time).toBeGreaterThan(1e15);
    const parsed = depthFromJson({ E: time, U: 1, u: 1, b: [], a: [] }, TICK, LOT, emptyDelta());
    expect(parsed.ok && new Date(parsed.value.tsEvent).toISOString().slice(0, 10)).toBe('2025-03-04');
  });
});
