import type { CandleColumns } from '../../core/market/candle.ts';
import { loadPeer } from '../bench-runner.ts';

const DAY_MS = 86_400_000;

interface LibraryCandle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

type Outputs = Readonly<Record<string, number>>;

/** An indicator of trading-signals: null until it is stable. Some take a price, some a candle. */
interface Signal<I> {
  add(input: I): number | Outputs | null;
  readonly pdi?: number;
  readonly mdi?: number;
}
type SignalClass<I> = new (...options: readonly unknown[]) => Signal<I>;

export interface TradingSignals {
  readonly SMA: SignalClass<number>;
  readonly EMA: SignalClass<number>;
  readonly WMA: SignalClass<number>;
  readonly RSI: SignalClass<number>;
  readonly ROC: SignalClass<number>;
  readonly MACD: SignalClass<number>;
  readonly BollingerBands: SignalClass<number>;
  readonly VWMA: SignalClass<LibraryCandle>;
  readonly VWAP: SignalClass<LibraryCandle>;
  readonly ATR: SignalClass<LibraryCandle>;
  readonly ADX: SignalClass<LibraryCandle>;
  readonly CCI: SignalClass<LibraryCandle>;
  readonly MFI: SignalClass<LibraryCandle>;
  readonly OBV: SignalClass<LibraryCandle>;
  readonly WilliamsR: SignalClass<LibraryCandle>;
  readonly StochasticOscillator: SignalClass<LibraryCandle>;
  readonly KeltnerChannels: SignalClass<LibraryCandle>;
  readonly DonchianChannels: SignalClass<LibraryCandle>;
  readonly IchimokuCloud: SignalClass<LibraryCandle>;
  readonly SuperTrend: SignalClass<LibraryCandle>;
}

interface BatchIndicator {
  calculate(input: Readonly<Record<string, unknown>>): readonly (number | Readonly<Record<string, number | undefined>>)[];
}

/** technicalindicators 3.1.0: whole arrays in, an array without the warm-up out. */
export interface TechnicalIndicators {
  readonly EMA: BatchIndicator;
  readonly MACD: BatchIndicator;
  readonly PSAR: BatchIndicator;
  readonly SMA: BatchIndicator;
}

/** indicatorts 2.2.2: whole arrays in and out. It has no ADX, no session VWAP and no z-score. */
export interface Indicatorts {
  sma(values: readonly number[], config: { period: number }): readonly number[];
  ema(values: readonly number[], config: { period: number }): readonly number[];
  rsi(values: readonly number[], config: { period: number }): readonly number[];
  macd(values: readonly number[], config: { fast: number; slow: number; signal: number }): unknown;
  bb(values: readonly number[], config: { period: number }): unknown;
  atr(
    high: readonly number[],
    low: readonly number[],
    close: readonly number[],
    config: { period: number },
  ): { readonly atrLine: readonly number[] };
}

export interface Libraries {
  readonly signals: TradingSignals;
  readonly technical: TechnicalIndicators;
  readonly indicatorts: Indicatorts;
}

export async function loadLibraries(): Promise<Libraries> {
  return {
    signals: await loadPeer<TradingSignals>('trading-signals'),
    technical: await loadPeer<TechnicalIndicators>('technicalindicators'),
    indicatorts: await loadPeer<Indicatorts>('indicatorts'),
  };
}

export function libraryCandles(columns: CandleColumns): LibraryCandle[] {
  return Array.from(columns.close, (close, i) => ({
    open: columns.open[i] as number,
    high: columns.high[i] as number,
    low: columns.low[i] as number,
    close,
    volume: columns.volume[i] as number,
  }));
}

/** What a library says of one output of ours, candle by candle; NaN where it says nothing. */
export interface LibraryColumn {
  readonly library: string;
  readonly indicator: string;
  readonly params: Readonly<Record<string, number>>;
  readonly output: string;
  /** First candle from which both must agree: later than the warm-up where they begin differently. */
  readonly from: number;
  readonly values: Float64Array;
}

const TRADING_SIGNALS = 'trading-signals 8.3.0';
const TECHNICAL_INDICATORS = 'technicalindicators 3.1.0';
/** After so many candles different beginnings of EMA(26) and Wilder's mean over 14 have faded below 1e-9 of a price. */
const FADED = 500;

/** Every value of the libraries that one of ours should equal. */
export function libraryColumns({ signals, technical }: Libraries, columns: CandleColumns): LibraryColumn[] {
  const candles = libraryCandles(columns);
  const closes = Array.from(columns.close);
  const found: LibraryColumn[] = [];

  const add = <I>(
    inputs: readonly I[],
    create: () => Signal<I>,
    indicator: string,
    params: Readonly<Record<string, number>>,
    outputs: Readonly<Record<string, (result: never, signal: Signal<I>, i: number) => number>>,
    from = 0,
  ): void => {
    const rows = Object.keys(outputs).map(() => new Float64Array(inputs.length).fill(Number.NaN));
    const signal = create();
    inputs.forEach((input, i) => {
      const result = signal.add(input);
      if (result === null) return;
      Object.values(outputs).forEach((read, o) => ((rows[o] as Float64Array)[i] = read(result as never, signal, i)));
    });
    Object.keys(outputs).forEach((output, o) =>
      found.push({ library: TRADING_SIGNALS, indicator, params, output, from, values: rows[o] as Float64Array }),
    );
  };
  const itself = (result: number): number => result;
  const part =
    (name: string) =>
    (result: Outputs): number =>
      result[name] ?? Number.NaN;

  add(closes, () => new signals.SMA(20), 'sma', { period: 20 }, { sma: itself });
  add(closes, () => new signals.WMA(20), 'wma', { period: 20 }, { wma: itself });
  add(closes, () => new signals.EMA(20), 'ema', { period: 20 }, { ema: itself }, FADED);
  add(closes, () => new signals.RSI(14), 'rsi', { period: 14 }, { rsi: itself });
  add(closes, () => new signals.ROC(12), 'roc', { period: 12 }, { roc: (result: number) => 100 * result });
  add(
    closes,
    () => new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9)),
    'macd',
    { fast: 12, slow: 26, signal: 9 },
    { macd: part('macd'), signal: part('signal'), histogram: part('histogram') },
    FADED,
  );
  const band = { upper: part('upper'), middle: part('middle'), lower: part('lower') };
  add(closes, () => new signals.BollingerBands(20, 2), 'bollinger', { period: 20, multiplier: 2 }, band);
  add(
    candles,
    () => new signals.KeltnerChannels({ emaInterval: 20, atrInterval: 10, multiplier: 2 }),
    'keltner',
    { period: 20, rangePeriod: 10, multiplier: 2 },
    band,
    FADED,
  );
  add(candles, () => new signals.DonchianChannels(20), 'donchian', { period: 20 }, band);
  add(candles, () => new signals.VWMA(20), 'vwma', { period: 20 }, { vwma: itself });
  add(candles, () => new signals.ATR(14), 'atr', { period: 14 }, { atr: itself });
  add(
    candles,
    () => new signals.ADX(14),
    'adx',
    { period: 14 },
    { adx: itself, plusDi: (_, { pdi }) => 100 * (pdi ?? Number.NaN), minusDi: (_, { mdi }) => 100 * (mdi ?? Number.NaN) },
    FADED,
  );
  add(
    candles,
    () => new signals.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 }),
    'stochastic',
    { period: 14, smoothing: 3, signal: 3 },
    { k: part('stochK'), d: part('stochD') },
  );
  add(candles, () => new signals.WilliamsR(14), 'williamsR', { period: 14 }, { r: itself });
  add(candles, () => new signals.CCI(20), 'cci', { period: 20 }, { cci: itself });
  add(candles, () => new signals.MFI(14), 'mfi', { period: 14 }, { mfi: itself });
  add(candles, () => new signals.OBV(2), 'obv', {}, { obv: itself });
  add(
    candles,
    () => new signals.IchimokuCloud({ conversionInterval: 9, baseInterval: 26, spanBInterval: 52 }),
    'ichimoku',
    { conversion: 9, base: 26, spanB: 52, displacement: 26 },
    { conversion: part('conversion'), base: part('base'), spanA: part('spanA'), spanB: part('spanB') },
  );
  const trend = (word: string) => (result: { readonly supertrend: number; readonly trend: string }) =>
    result.trend === word ? result.supertrend : Number.NaN;
  add(
    candles,
    () => new signals.SuperTrend({ interval: 10, multiplier: 3 }),
    'supertrend',
    { period: 10, multiplier: 3 },
    { up: trend('BULLISH'), down: trend('BEARISH') },
    FADED,
  );
  // Theirs goes on for ever; one for each day is our session.
  const vwap = new Float64Array(candles.length);
  let session = new signals.VWAP();
  candles.forEach((candle, i) => {
    const time = columns.openTime[i] as number;
    if (i > 0 && Math.floor(time / DAY_MS) > Math.floor((columns.openTime[i - 1] as number) / DAY_MS))
      session = new signals.VWAP();
    vwap[i] = (session.add(candle) as number | null) ?? Number.NaN;
  });
  found.push({ library: TRADING_SIGNALS, indicator: 'vwap', params: {}, output: 'vwap', from: 0, values: vwap });

  // technicalindicators begins its means as ours do, so that the first values are checked too.
  const addTechnical = (
    indicator: string,
    params: Readonly<Record<string, number>>,
    output: string,
    values: readonly (number | undefined)[],
    from = 0,
  ) =>
    found.push({
      library: TECHNICAL_INDICATORS,
      indicator,
      params,
      output,
      from,
      values: Float64Array.from(
        [...new Array<undefined>(candles.length - values.length).fill(undefined), ...values],
        (value) => value ?? Number.NaN,
      ),
    });
  const numbers = (rows: ReturnType<BatchIndicator['calculate']>) => rows.map((row) => row as number);
  addTechnical('ema', { period: 20 }, 'ema', numbers(technical.EMA.calculate({ period: 20, values: closes })));
  const macdInput = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9, SimpleMAOscillator: false, SimpleMASignal: false };
  const macds = technical.MACD.calculate({ values: closes, ...macdInput });
  for (const [output, theirs] of [
    ['macd', 'MACD'],
    ['signal', 'signal'],
    ['histogram', 'histogram'],
  ] as const) {
    const values = macds.map((row) => (row as Readonly<Record<string, number | undefined>>)[theirs]);
    addTechnical('macd', { fast: 12, slow: 26, signal: 9 }, output, values);
  }
  const volumes = Array.from(columns.volume);
  const deviationsOf = (values: readonly number[], length: number) => {
    const bands = new signals.BollingerBands(length, 1);
    return values.map((value) => {
      const band = bands.add(value) as Outputs | null;
      const middle = band?.['middle'] ?? Number.NaN;
      return { mean: middle, deviation: (band?.['upper'] ?? Number.NaN) - middle };
    });
  };
  const scores = deviationsOf(volumes, 20).map(({ mean, deviation }, i) => ((volumes[i] as number) - mean) / deviation);
  found.push({
    library: TRADING_SIGNALS,
    indicator: 'volumeZScore',
    params: { period: 20 },
    output: 'z',
    from: 0,
    values: Float64Array.from(scores),
  });
  // Σ x² is n (σ² + μ²).
  const returns = closes.slice(1).map((close, i) => Math.log(close / (closes[i] as number)));
  const realised = deviationsOf(returns, 60).map(({ mean, deviation }) => 100 * Math.sqrt(60 * (deviation ** 2 + mean ** 2)));
  found.push({
    library: TRADING_SIGNALS,
    indicator: 'realisedVolatility',
    params: { period: 60 },
    output: 'rv',
    from: 0,
    values: Float64Array.from([Number.NaN, ...realised]),
  });
  const highs = Array.from(columns.high);
  const lows = Array.from(columns.low);
  const stops = numbers(technical.PSAR.calculate({ high: highs, low: lows, step: 0.02, max: 0.2 }));
  addTechnical('parabolicSar', { step: 0.02, max: 0.2 }, 'sar', stops, FADED);
  const typical = candles.map(({ high, low, close }) => (high + low + close) / 3);
  const turnover = numbers(technical.SMA.calculate({ period: 60, values: typical.map((p, i) => p * (volumes[i] as number)) }));
  const traded = numbers(technical.SMA.calculate({ period: 60, values: volumes }));
  addTechnical(
    'rollingVwap',
    { period: 60 },
    'vwap',
    turnover.map((sum, i) => sum / (traded[i] as number)),
  );
  return found;
}
