import { BarCursor, computeSet } from '../../core/analysis/indicators/batch.ts';
import { MODEL_INDICATORS } from '../../core/analysis/indicators/model-indicators.ts';
import { defaultParams, indicatorById } from '../../core/analysis/indicators/registry.ts';
import type { Indicator } from '../../core/analysis/indicators/indicator.ts';
import { REFERENCE_LENGTH, REFERENCE_SEED, walk } from '../../core/analysis/indicators/walk.fixture.ts';
import type { CandleColumns } from '../../core/market/candle.ts';
import { type BenchReport, compare, measure } from '../bench-runner.ts';
import { differences } from './indicator-compare.ts';
import { libraryCandles, libraryColumns, type Libraries, loadLibraries } from './indicator-libraries.ts';
import { writeReference } from './indicator-reference.ts';

const RUNS = { runs: 9, warmUps: 2 };
/** What indicatorts has of the set. */
const COMMON = ['sma', 'ema', 'rsi', 'macd', 'bollinger', 'atr'];
/** A model's window, and the candles before it in which the longest mean fades in. */
const WINDOW = 300;
const LEAD = 250;
const TIMEFRAMES = 4;

type Work = () => void;

/**
 * The model's set of indicators over random candles, ours against npm libraries. Before anything is measured every indicator is compared
 * with what the libraries compute; a difference ends the benchmark. With --write-reference their values are written to where the unit
 * tests compare with them.
 */
export async function benchIndicators(report: BenchReport): Promise<void> {
  const libraries = await loadLibraries();
  if (process.argv.includes('--write-reference')) writeReference(libraries);
  const columns = walk(1, 20_000);
  const checked = walk(REFERENCE_SEED, REFERENCE_LENGTH);
  const wrong = libraryColumns(libraries, checked).flatMap((theirs) => differences(checked, theirs).slice(0, 1));
  if (wrong.length > 0) throw new Error(`indicators differ:\n${wrong.join('\n')}`);

  const count = columns.openTime.length;
  const perCandle = (work: Work) => () => {
    const startedAt = performance.now();
    work();
    return ((performance.now() - startedAt) * 1e6) / count;
  };
  const row = async (metric: string, ours: Work, peer: string, theirs: Work): Promise<void> => {
    const figures = await compare(RUNS, perCandle(ours), perCandle(theirs));
    report.row({ metric, value: figures.ours, unit: 'ns/candle', peer, peerValue: figures.peer, better: 'lower' });
  };
  const closed = streaming(columns, create());
  await row(
    'indicatorsNsPerCandle, the whole set, live',
    closed,
    'trading-signals 8.3.0',
    signalsStreaming(libraries, columns, true),
  );
  const common = streaming(columns, create(COMMON));
  await row(
    'indicators, those of indicatorts, live',
    common,
    'trading-signals 8.3.0',
    signalsStreaming(libraries, columns, false),
  );
  await row(
    'indicators, those of indicatorts, columns',
    batch(columns, COMMON),
    'indicatorts 2.2.2',
    indicatortsBatch(libraries, columns),
  );

  const span = WINDOW + LEAD;
  const make = create();
  const rebuild = (): number => {
    const startedAt = performance.now();
    for (let t = 0; t < TIMEFRAMES; t++) {
      const to = columns.openTime.length - t * span;
      computeSet(make(), columns, to - span, to);
    }
    return performance.now() - startedAt;
  };
  const value = await measure({ runs: 41, warmUps: 20 }, rebuild);
  report.row({ metric: `indicators anew, ${TIMEFRAMES} × (${WINDOW} + ${LEAD}) candles`, value, unit: 'ms' });
}

function instance(id: string, params: Readonly<Record<string, number>>): Indicator {
  const definition = indicatorById(id);
  if (definition === undefined) throw new Error(`there is no indicator ${id}`);
  return definition.create({ ...defaultParams(definition), ...params });
}

function create(ids?: readonly string[]): () => readonly Indicator[] {
  const set = MODEL_INDICATORS.filter(({ indicator }) => ids === undefined || ids.includes(indicator));
  return () => set.map(({ indicator, params }) => instance(indicator, params));
}

function streaming(columns: CandleColumns, make: () => readonly Indicator[]): Work {
  const bar = new BarCursor();
  return () => {
    const indicators = make();
    for (let i = 0; i < columns.openTime.length; i++) {
      bar.load(columns, i);
      for (let k = 0; k < indicators.length; k++) (indicators[k] as Indicator).step(bar, true);
    }
  };
}

function batch(columns: CandleColumns, ids: readonly string[]): Work {
  const make = create(ids);
  return () => computeSet(make(), columns);
}

/** Without the deviation that a z-score of the volume also needs, which trading-signals does not stream: its mean only. */
function signalsStreaming({ signals }: Libraries, columns: CandleColumns, whole: boolean): Work {
  const candles = libraryCandles(columns);
  return () => {
    const ofPrice = [
      ...[9, 20, 50].flatMap((length) => [new signals.SMA(length), new signals.EMA(length)]),
      new signals.RSI(14),
      new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9)),
      new signals.BollingerBands(20, 2),
    ];
    const ofCandle = whole ? [new signals.ATR(14), new signals.ADX(14), new signals.VWAP()] : [new signals.ATR(14)];
    const volume = new signals.SMA(20);
    for (const candle of candles) {
      for (const indicator of ofPrice) indicator.add(candle.close);
      for (const indicator of ofCandle) indicator.add(candle);
      if (whole) volume.add(candle.volume);
    }
  };
}

function indicatortsBatch({ indicatorts }: Libraries, columns: CandleColumns): Work {
  const [high, low, close] = [Array.from(columns.high), Array.from(columns.low), Array.from(columns.close)];
  return () => {
    for (const period of [9, 20, 50]) {
      indicatorts.sma(close, { period });
      indicatorts.ema(close, { period });
    }
    indicatorts.rsi(close, { period: 14 });
    indicatorts.macd(close, { fast: 12, slow: 26, signal: 9 });
    indicatorts.bb(close, { period: 20 });
    indicatorts.atr(high, low, close, { period: 14 });
  };
}
