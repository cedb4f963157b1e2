import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MarketStructure } from './market-structure.ts';
import { type OracleCandle, oracleStructure } from './structure-oracle.fixture.ts';

const RECORDINGS = new URL('../../../../shared/data/market/candles/binance_spot_2021_selskas/', import.meta.url);
const MINUTE = 60_000;

/** Binance spot, 2 April to 14 May 2021, with the outages of 20 and 25 April. The figures stand in docs/market-structure.md. */
const SETS = [
  { file: 'BTCUSDT-1m.csv.gz', candles: 61_272, counts: [12_974, 1_598, 193, 26, 3] },
  { file: 'ETHUSDT-1m.csv.gz', candles: 61_273, counts: [13_052, 1_537, 198, 20, 0] },
];

function read(file: string): OracleCandle[] {
  const rows = gunzipSync(readFileSync(new URL(file, RECORDINGS)))
    .toString()
    .trimEnd()
    .split('\n')
    .slice(1);
  return rows.map((row) => {
    const [openTime, , high, low, close] = row.split(',').map(Number) as [number, number, number, number, number];
    return { openTime, high, low, close };
  });
}

describe.each(SETS)('recorded minutes of $file', { timeout: 60_000 }, ({ file, candles: expected, counts }) => {
  it('have these pivots on each level, and a day of them those of the definition', (context) => {
    if (!existsSync(new URL(file, RECORDINGS))) context.skip('skipped: recordings not present');
    const candles = read(file);
    expect(candles).toHaveLength(expected);
    const structure = new MarketStructure({ lengthMs: MINUTE });
    for (const { openTime, high, low, close } of candles) structure.push(openTime, high, low, close);
    expect(structure.levels.map((level) => level.count)).toEqual(counts);
    for (const level of structure.levels) {
      for (let i = Math.max(level.first, 1); i < level.count; i++) expect(level.confirmedAt(i)).toBeGreaterThan(level.time(i));
    }

    // The outage of 20 April is in it.
    const from = candles.findIndex(({ openTime }) => openTime >= Date.UTC(2021, 3, 19, 12));
    const day = candles.slice(from, from + 1_440);
    const ofDay = new MarketStructure({ lengthMs: MINUTE });
    for (const { openTime, high, low, close } of day) ofDay.push(openTime, high, low, close);
    oracleStructure(day, MINUTE, 2).forEach(({ pivots, trend }, position) => {
      const level = ofDay.levels[position] as MarketStructure['levels'][number];
      expect(
        Array.from({ length: level.count }, (_, i) => [level.time(i), level.price(i), level.confirmedAt(i), level.label(i)]),
      ).toEqual(pivots.map((pivot) => [pivot.time, pivot.price, pivot.confirmedAt, pivot.label]));
      expect(level.trend).toBe(trend);
    });
  });
});
