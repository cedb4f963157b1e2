import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CandleBuilder } from './candle-builder.ts';
import type { Candle } from './candle.ts';

const RECORDINGS = new URL('../../../shared/data/market/', import.meta.url);
const SETS = [
  {
    trades: ['hftbacktest/spot/btcusdt_20240808.gz', 'hftbacktest/spot/btcusdt_20240809.gz'],
    candles: 'derived/spot_btcusdt_1s_from_trades.csv.gz',
  },
  { trades: ['hftbacktest/usdm/ethusdt_20240808.gz'], candles: 'derived/usdm_ethusdt_1s_from_trades.csv.gz' },
];

function lines(path: string): string[] {
  return gunzipSync(readFileSync(new URL(path, RECORDINGS)))
    .toString()
    .trimEnd()
    .split('\n');
}

interface RecordedTrade {
  readonly e: string;
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
  /** USD-M marks insurance-fund and ADL prints, which are no market trades. */
  readonly X?: string;
}

describe.each(SETS)('recorded trades of $candles', { timeout: 60_000 }, (set) => {
  it('build the recorded 1s candles', (context) => {
    if (!existsSync(new URL(set.candles, RECORDINGS))) context.skip('skipped: recordings not present');
    const built: Candle[] = [];
    const builder = new CandleBuilder({
      closeDelayMs: 0,
      timeframes: ['1s'],
      listener: { onClosed: (_, candle) => built.push(candle) },
    });
    let lastTime = 0;
    for (const line of set.trades.flatMap(lines)) {
      if (!line.includes('"e":"trade"')) continue;
      const { data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data: RecordedTrade };
      if (data.e !== 'trade' || (data.X !== undefined && data.X !== 'MARKET')) continue;
      lastTime = Math.max(lastTime, data.T);
      builder.addTrade({
        id: data.t,
        price: Number(data.p),
        quantity: Number(data.q),
        side: data.m ? 'sell' : 'buy',
        tsEvent: data.T,
        tsReceived: data.T,
      });
    }
    builder.advanceTo(lastTime + 1000);
    const expected = lines(set.candles)
      .slice(1)
      .map((row) => row.split(',').map(Number) as [number, number, number, number, number, number, number, number]);
    const traded = built.filter(({ filled }) => !filled);
    expect(builder.lateTrades).toBe(0);
    expect(traded.length).toBe(expected.length);
    expected.forEach(([openTime, open, high, low, close, volume, count, takerBuy], i) => {
      expect(traded[i]).toMatchObject({ openTime, open, high, low, close, tradeCount: count });
      expect(traded[i]?.volume).toBeCloseTo(volume, 8);
      expect(traded[i]?.buyVolume).toBeCloseTo(takerBuy, 8);
    });
    expect(built.length).toBe(((built.at(-1)?.openTime ?? 0) - (built[0]?.openTime ?? 0)) / 1000 + 1);
  });
});
