import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { ImportJob, ImportPreview, ImportSpec } from '../../../core/contracts/import.ts';
import { writeParquet } from '../../storage/test-parquet.ts';
import { expectOk, type TestStore, testStore, until } from '../../storage/test-store.ts';
import { FileImports } from './file-imports.ts';

const RECORDED = fileURLToPath(new URL('../../../../shared/data/market/gocryptotrader/', import.meta.url));
const SYMBOL = 'BTC/USDT';
let opened: TestStore;
let folder: string;
let picked: string | undefined;
let imports: FileImports;
let told: unknown[];
let noted: unknown[];

beforeEach(async () => {
  told = [];
  noted = [];
  opened = await testStore();
  folder = await mkdtemp(join(tmpdir(), 'cobalt-import-'));
  imports = new FileImports({
    pickFile: async () =>
      picked === undefined ? undefined : { path: picked, name: basename(picked), bytes: (await stat(picked)).size },
    imports: opened.store.imports,
    onCandles: (symbol, timeframe, from, to) => told.push([symbol, timeframe, from / 1_000, to / 1_000]),
    onStored: async ({ kind, symbol }, from, to) => void noted.push([kind, symbol, from / 1_000, to / 1_000]),
    wall: opened.wall,
    ids: createIdGen(opened.wall, new SplitMix32(3)),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
});
afterEach(async () => {
  await imports.close();
  await opened.remove();
  await rm(folder, { recursive: true, force: true });
});

async function pick(path: string): Promise<string> {
  picked = path;
  const answer = await imports.pick();
  if (!answer.ok || answer.value.file === undefined) throw new Error('nothing was picked');
  return answer.value.file.token;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return pick(path);
}

async function preview(token: string, spec?: ImportSpec): Promise<ImportPreview> {
  const answer = await imports.preview(token, spec);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

async function run(token: string, spec: ImportSpec, skipBadRows = false): Promise<ImportJob> {
  const started = imports.start(token, spec, skipBadRows);
  if (!started.ok) throw new Error(started.error.message);
  const job = (): ImportJob => imports.snapshot().jobs.find((each) => each.id === started.value.jobId) as ImportJob;
  await until(() => job().state !== 'running', 'the import to end');
  return job();
}

const candles: ImportSpec = {
  kind: 'candles',
  symbol: SYMBOL,
  venue: 'binance',
  timeframe: '1m',
  timeUnit: 's',
  mapping: { time: 'time', open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
};
const HEAD = 'time,open,high,low,close,volume\n';
const T = 1_600_000_020;
const stored = async (timeframe: '1m' | '1d' = '1m') =>
  expectOk(await opened.store.market.candlesIn(SYMBOL, timeframe, 0, Number.POSITIVE_INFINITY));

describe('an import of candles', () => {
  it.each([
    ['with names', 'time;open;high;low;close;volume\n', candles.mapping],
    [
      'without names',
      '',
      { time: 'column0', open: 'column1', high: 'column2', low: 'column3', close: 'column4', volume: 'column5' },
    ],
  ])('takes a file with semicolons and decimal commas, %s', async (_, head, mapping) => {
    const rows = Array.from({ length: 30 }, (__, i) => `${T + 60 * i};1234,5;1240,25;1230,75;1235,${i + 10};0,125\n`);
    const token = await file('comma.csv', head + rows.join(''));
    const { detected, columns } = await preview(token);
    expect(columns).toHaveLength(6);
    expect(detected).toMatchObject({ kind: 'candles', timeUnit: 's', timeframe: '1m', decimalMark: ',' });
    const spec: ImportSpec = { ...candles, mapping, decimalMark: ',' };
    expect((await preview(token, spec)).check).toMatchObject({ goodRows: 30, badRows: 0 });
    expect(await run(token, spec)).toMatchObject({ state: 'done', imported: 30 });
    expect((await stored()).slice(0, 2)).toMatchObject([
      { open: 1_234.5, high: 1_240.25, low: 1_230.75, close: 1_235.1, volume: 0.125 },
      { close: 1_235.11 },
    ]);
    // Read with a point, not one of them is taken for something else.
    expect((await preview(token, { ...spec, decimalMark: '.' })).check).toMatchObject({ goodRows: 0, badRows: 30 });
  });

  it('is looked at, checked, stored whole, and changes nothing the second time', async () => {
    const token = await file('a.csv', `${HEAD}${T},10,12,9,11,5\n${T + 120},11,13,10,12,6\n${T + 60},11,11,11,11,0\n`);
    const seen = await preview(token);
    expect(seen).toMatchObject({
      columns: HEAD.trim()
        .split(',')
        .map((name) => ({ name })),
      totalRows: 3,
      detected: { kind: 'candles', timeUnit: 's', timeframe: '1m', mapping: candles.mapping },
    });
    expect(seen.rows[0]).toEqual([String(T), '10', '12', '9', '11', '5']);
    expect((await preview(token, candles)).check).toEqual({
      goodRows: 3,
      badRows: 0,
      duplicates: 0,
      from: T * 1_000,
      to: (T + 120) * 1_000,
      errors: [],
    });
    opened.store.market.appendCandle('bybit', SYMBOL, '1m', { ...(await candleAt(T)), close: 10.5 });
    for (let times = 0; times < 2; times++) {
      expect(await run(token, candles)).toMatchObject({ state: 'done', imported: 3, badRows: 0, rowsRead: 3, totalRows: 3 });
      expect(
        (await stored()).map(({ openTime, close, volume, filled }) => [openTime / 1_000 - T, close, volume, filled]),
      ).toEqual([
        [0, 11, 5, false],
        [60, 11, 0, true],
        [120, 12, 6, false],
      ]);
    }
    expect(told).toEqual(Array(2).fill([SYMBOL, '1m', T, T + 120]));
    expect(noted).toEqual(Array(2).fill(['candles', SYMBOL, T, T + 120]));
    // Live candles go on after what was imported.
    opened.store.market.appendCandle('binance', SYMBOL, '1m', await candleAt(T + 120));
    expectOk(await opened.store.market.flush());
    expect(await stored()).toHaveLength(3);
  });

  it('tells each bad row, and stores nothing unless they may be left out', async () => {
    const rows = [
      `${T},10,12,9,11,5`,
      `${T + 61},10,12,9,11,5`,
      `${T + 120},10,12,x,11,5`,
      `${T + 180},10,12,11,11,5`,
      `${T + 240}`,
      `${T * 1_000},10,12,9,11,5`,
      `${T + 300},10,12,9,11,5`,
      `${T + 300},10,12,9,12,7`,
    ];
    const token = await file('b.csv', `${HEAD}${rows.join('\n')}\n`);
    const { check } = await preview(token, candles);
    expect(check).toMatchObject({ goodRows: 3, badRows: 5, duplicates: 1 });
    expect(check?.errors).toEqual([
      { row: 2, column: 'time', expected: 'the open time of a 1m candle, a multiple of 1m', actual: String(T + 61) },
      { row: 3, column: 'low', expected: 'a price above 0', actual: 'x' },
      { row: 4, column: 'open', expected: 'between low 11 and high 12', actual: '10' },
      { row: 5, column: 'open', expected: 'a price above 0', actual: 'nothing' },
      { row: 6, column: 'time', expected: 'a time in s between 2009 and 2100', actual: String(T * 1_000) },
    ]);
    const refused = await run(token, candles);
    expect(refused).toMatchObject({ state: 'failed', imported: 0, badRows: 5 });
    expect(refused.message).toContain('5 of 8 rows');
    expect(await stored()).toEqual([]);
    expect(await run(token, candles, true)).toMatchObject({ state: 'done', imported: 2, badRows: 5 });
    expect((await stored()).map(({ close }) => close)).toEqual([11, 12]);
  });

  it('says what is wrong with the choice instead of storing something else', async () => {
    const token = await file('c.csv', `${HEAD}${T},10,12,9,11,5\n`);
    const refusal = async (spec: ImportSpec): Promise<string> => {
      const answer = await imports.preview(token, spec);
      return answer.ok ? 'accepted' : answer.error.message;
    };
    expect(await refusal({ ...candles, timeframe: '5m' })).toContain('Import 1m candles');
    expect(await refusal({ ...candles, mapping: { ...candles.mapping, low: 'lowest' } })).toContain('no column "lowest"');
    expect(await refusal({ ...candles, mapping: { time: 'time' } })).toContain('open, high, low, close');
    picked = join(folder, 'c.xlsx');
    await writeFile(picked, 'x');
    expect(await imports.pick()).toMatchObject({ ok: false, error: { code: 'WRONG_FORMAT' } });
    expect(await imports.preview('file_unknown', undefined)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_FILE' } });
    const empty = await imports.preview(await file('empty.csv', ''), undefined);
    expect(empty).toMatchObject({ ok: false, error: { code: 'EMPTY_FILE' } });
    const bytes = await file('bytes.csv', String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)).repeat(20));
    const unread = await imports.preview(bytes, undefined);
    expect(unread.ok ? '' : unread.error.message).toMatch(/^bytes\.csv could not be read as CSV: it is no text of rows/);
    const broken = await pick(await broke('d.parquet'));
    expect(await imports.preview(broken, undefined)).toMatchObject({ ok: false, error: { code: 'STORE_FAILED' } });
  });

  it('reads Parquet with its own types, and can be cancelled without a trace', async () => {
    const path = join(folder, 'big.parquet');
    await writeParquet(
      path,
      `SELECT to_timestamp(${T} + 60 * i) AT TIME ZONE 'UTC' AS "timestamp", 10.0 AS o, 12.0 AS h, 9.0 AS l, 11.0 AS c, i::DOUBLE AS v FROM range(50000) t(i)`,
    );
    const token = await pick(path);
    const { detected, totalRows } = await preview(token);
    expect(totalRows).toBe(50_000);
    expect(detected).toEqual({
      kind: 'candles',
      timeUnit: 'iso',
      decimalMark: '.',
      timeframe: '1m',
      mapping: { time: 'timestamp', open: 'o', high: 'h', low: 'l', close: 'c', volume: 'v' },
    });
    const spec = { ...candles, timeUnit: 'iso' as const, mapping: detected.mapping };
    const started = imports.start(token, spec, false);
    const id = started.ok ? started.value.jobId : '';
    await until(() => (imports.snapshot().jobs[0]?.rowsRead ?? 0) > 0, 'the first rows');
    expect((await imports.cancel(id)).ok).toBe(true);
    expect(imports.snapshot().jobs[0]).toMatchObject({ state: 'cancelled', imported: 0 });
    expect(await stored()).toEqual([]);
    expect(await run(token, spec)).toMatchObject({ state: 'done', imported: 50_000 });
    const all = await stored();
    expect(all).toHaveLength(50_000);
    expect(all[49_999]).toMatchObject({ openTime: (T + 60 * 49_999) * 1_000, volume: 49_999 });
  });
});

describe('files of others', () => {
  it('daily candles with volume first and close before low, without a header', async (context) => {
    const path = `${RECORDED}binance_BTCUSDT_24h_2019_01_01_2020_01_01.csv`;
    if (!existsSync(path)) return context.skip('skipped: recordings not present');
    const token = await pick(path);
    expect((await preview(token)).detected).toMatchObject({
      kind: 'candles',
      timeUnit: 's',
      timeframe: '1d',
      mapping: { time: 'column0' },
    });
    const mapping = { time: 'column0', volume: 'column1', open: 'column2', high: 'column3', low: 'column4', close: 'column5' };
    const spec: ImportSpec = { ...candles, timeframe: '1d', mapping };
    // The file repeats the close where the high belongs, so that its falling days cannot be right.
    const { check } = await preview(token, spec);
    expect(check).toMatchObject({ goodRows: 189, badRows: 176, duplicates: 0 });
    expect(check?.errors[0]).toEqual({
      row: 3,
      column: 'column2',
      expected: 'between low 3730 and high 3766.78',
      actual: '3857.57',
    });
    expect(await run(token, spec)).toMatchObject({ state: 'failed', imported: 0 });
    expect(await run(token, spec, true)).toMatchObject({ state: 'done', imported: 189 });
    expect((await stored('1d'))[0]).toMatchObject({
      openTime: 1_546_300_800_000,
      open: 3701.23,
      high: 3797.14,
      low: 3642,
      close: 3797.14,
    });
  });

  it('trades without ids and sides, the same twice', async (context) => {
    const path = `${RECORDED}binance_BTCUSDT_24h-trades_2020_11_16.csv`;
    if (!existsSync(path)) return context.skip('skipped: recordings not present');
    const token = await pick(path);
    expect((await preview(token)).detected).toMatchObject({ kind: 'trades', timeUnit: 's' });
    const trades: ImportSpec = {
      kind: 'trades',
      symbol: SYMBOL,
      venue: 'binance',
      timeUnit: 's',
      mapping: { time: 'column0', price: 'column1', quantity: 'column2' },
    };
    for (let times = 0; times < 2; times++) expect(await run(token, trades)).toMatchObject({ state: 'done', imported: 1_000 });
    const sided = await preview(token, { ...trades, mapping: { ...trades.mapping, side: 'column3' } });
    expect(sided.check).toMatchObject({ goodRows: 0, badRows: 1_000 });
    expect(sided.check?.errors).toHaveLength(50);
    expect(sided.check?.errors[0]).toEqual({ row: 1, column: 'column3', expected: 'buy or sell', actual: 'ANY' });
  });
});

async function broke(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, 'this is no Parquet');
  return path;
}

async function candleAt(second: number) {
  const openTime = second * 1_000;
  return { openTime, open: 11, high: 13, low: 10, close: 12, volume: 6, buyVolume: 0, tradeCount: 0, filled: false };
}
