import { MarketStructure } from '../../core/analysis/pivots/market-structure.ts';
import { SplitMix32 } from '../../core/base/rng.ts';
import { type CandleColumns, candleColumns } from '../../core/market/candle.ts';
import { type BenchReport, measure, perCpuSecond } from '../bench-runner.ts';

/** A month of one-second candles. */
const CANDLES = 30 * 86_400;
const RUNS = 5;
/** What start-up analysis may cost: the month within half a second. */
const LIMIT_PER_SECOND = 5e6;

/** Market structure, five levels, over a month of one-second candles that walk at random, some of which stand still; by CPU time. */
export async function benchPivots(report: BenchReport): Promise<void> {
  const candles = randomWalk();
  let found = 0;
  const perSecondOurs = await measure({ runs: RUNS }, () =>
    perCpuSecond(CANDLES, () => {
      const structure = new MarketStructure({ lengthMs: 1_000 });
      structure.pushColumns(candles);
      found = structure.levels[4]?.count ?? 0;
    }),
  );
  if (found === 0) throw new Error('no pivot of level 5 in a month of seconds: this measured nothing');
  report.row({
    metric: 'pivotsPerSecond',
    value: perSecondOurs,
    unit: 'candles/s',
    peer: 'limit 5 M/s',
    peerValue: LIMIT_PER_SECOND,
  });
}

function randomWalk(): CandleColumns {
  const rng = new SplitMix32(20_210_419);
  const columns = candleColumns(CANDLES);
  let close = 2_000;
  for (let i = 0; i < CANDLES; i++) {
    const open = close;
    const moves = rng.next() < 0.8;
    if (moves) close = Math.max(1, close + rng.next() - 0.5);
    columns.openTime[i] = 1_600_000_000_000 + 1_000 * i;
    columns.open[i] = open;
    columns.high[i] = Math.max(open, close) + (moves ? 0.2 * rng.next() : 0);
    columns.low[i] = Math.min(open, close) - (moves ? 0.2 * rng.next() : 0);
    columns.close[i] = close;
  }
  return columns;
}
