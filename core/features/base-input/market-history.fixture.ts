import { MarketStructure } from '../../analysis/pivots/market-structure.ts';
import { nextNormal, SplitMix32 } from '../../base/rng.ts';
import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../contracts/market-views.ts';
import type { Candle, CandleColumns } from '../../market/candle.ts';
import { candleColumns } from '../../market/candle.ts';
import type { SecondFlow } from '../../market/order-flow.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../market/timeframe.ts';
import { BaseInputBuilder, type InputMoment, type InputSeries } from './builder.ts';
import { CandleSeries } from './candle-series.ts';
import { CobSeries } from './cob-series.ts';
import { structureStart, STRUCTURE_CAPACITY } from './pivot-rows.ts';
import { CANDLE_TIMEFRAMES, type CandleTimeframe } from './schema.ts';

/** A second of a merged book, as the store and the rings take it. */
export interface BookSecond {
  readonly second: number;
  readonly view: CobView;
  readonly flow: SecondFlow | undefined;
}

/** A made-up market that ends at `end`: candles of every timeframe that add up, the reference symbol's, and seconds of a book. */
export interface MarketHistory {
  readonly candles: Readonly<Record<CandleTimeframe, readonly Candle[]>>;
  readonly reference: Readonly<Record<'1s' | '1m', readonly Candle[]>>;
  readonly book: readonly BookSecond[];
}

export interface HistoryShape {
  readonly seconds: number;
  readonly minutes: number;
  readonly hours: number;
  readonly days: number;
  /** Seconds of the book; 800 when absent. */
  readonly book?: number;
  /** Share of the seconds' candles and of the book's seconds that are missing. */
  readonly missing?: number;
  /** Seconds before the end at which the book gets another bucket width. */
  readonly widthChangedAt?: number;
}

/** Everything but the market structure's minutes, which are seven to eight days. */
export const WHOLE: HistoryShape = { seconds: 1_020, minutes: 2_600, hours: 970, days: 970 };
export const STRUCTURE_MINUTES = 11_560;

function candle(openTime: number, price: number, close: number, volume: number, rng: SplitMix32): Candle {
  return {
    openTime,
    open: price,
    high: Math.max(price, close) + 0.3 * rng.next(),
    low: Math.min(price, close) - 0.3 * rng.next(),
    close,
    volume,
    buyVolume: volume * rng.next(),
    tradeCount: 1 + Math.floor(9 * rng.next()),
    filled: false,
  };
}

function walk(rng: SplitMix32, timeframe: CandleTimeframe, count: number, end: number, price: number, step: number): Candle[] {
  const length = TIMEFRAME_MS[timeframe];
  const first = openTimeOf(end, timeframe) - count * length;
  const made: Candle[] = [];
  for (let i = 0; i < count; i++) {
    const close = Math.max(50, price + step * nextNormal(rng));
    made.push(candle(first + i * length, price, close, 20 * rng.next(), rng));
    price = close;
  }
  return made;
}

/** Whole minutes that the seconds make, put in the place of the minutes made up before. */
function joinSeconds(minutes: Candle[], seconds: readonly Candle[]): void {
  const first = minutes.findIndex(({ openTime }) => openTime >= (seconds[0]?.openTime ?? Number.POSITIVE_INFINITY));
  for (let i = Math.max(0, first); i < minutes.length; i++) {
    const minute = minutes[i] as Candle;
    const from = seconds.findIndex(({ openTime }) => openTime === minute.openTime);
    const made = from < 0 ? [] : seconds.slice(from, from + 60);
    if (made.length < 60) continue;
    minutes[i] = {
      ...minute,
      open: (made[0] as Candle).open,
      high: Math.max(...made.map(({ high }) => high)),
      low: Math.min(...made.map(({ low }) => low)),
      close: (made[59] as Candle).close,
      volume: made.reduce((sum, { volume }) => sum + volume, 0),
    };
  }
}

function bookSecond(rng: SplitMix32, { openTime, close }: Candle, width: number): BookSecond {
  const spread = 0.02 + 0.1 * rng.next();
  const anchorIndex = Math.floor(close / width);
  const notional = (side: 'bid' | 'ask'): number[] =>
    Array.from({ length: COB_BUCKETS }, (_, i) => {
      const onSide = side === 'bid' ? i <= COB_RADIUS : i >= COB_RADIUS;
      return onSide ? 1e5 * rng.next() : 0;
    });
  const view: CobView = {
    symbol: 'ETH/USDT',
    t: openTime + 900,
    venues: ['binance'],
    excluded: [],
    bestBid: close - spread / 2,
    bestAsk: close + spread / 2,
    bestBidQuantity: rng.next(),
    bestAskQuantity: rng.next(),
    mid: close,
    spreadBps: (spread / close) * 10_000,
    microprice: close + spread * (rng.next() - 0.5),
    anchor: anchorIndex * width,
    bucketWidth: width,
    bidQuantity: notional('bid'),
    askQuantity: notional('ask'),
    bidNotional: notional('bid'),
    askNotional: notional('ask'),
    imbalance: 2 * rng.next() - 1,
    imbalanceMa: {
      s1: 2 * rng.next() - 1,
      s5: 2 * rng.next() - 1,
      s15: 2 * rng.next() - 1,
      s60: 2 * rng.next() - 1,
    },
  };
  const flow = {
    second: openTime,
    buyVolume: 5 * rng.next(),
    sellVolume: 5 * rng.next(),
    buyNotional: 1e4 * rng.next(),
    sellNotional: 1e4 * rng.next(),
    ofi: 3 * nextNormal(rng),
    tradeCount: Math.floor(20 * rng.next()),
    vpin: rng.next(),
    largeShare: rng.next(),
  };
  return { second: openTime, view, flow: rng.next() < 0.02 ? undefined : flow };
}

export function marketHistory(seed: number, end: number, shape: HistoryShape = WHOLE): MarketHistory {
  const rng = new SplitMix32(seed);
  const { seconds: count, book = 800, missing = 0, widthChangedAt = -1 } = shape;
  const kept = <T>(all: readonly T[]): T[] => all.filter(() => rng.next() >= missing);
  const minutes = walk(rng, '1m', shape.minutes, end, 400, 0.4);
  const seconds = walk(rng, '1s', count, end, 400, 0.05);
  joinSeconds(minutes, seconds);
  const reference = { '1s': walk(rng, '1s', count, end, 9_000, 1), '1m': walk(rng, '1m', 1_500, end, 9_000, 8) };
  const changedAt = end - widthChangedAt * 1_000;
  return {
    candles: {
      '1s': kept(seconds),
      '1m': kept(minutes),
      '1h': walk(rng, '1h', shape.hours, end, 400, 3),
      '1d': walk(rng, '1d', shape.days, end, 400, 12),
    },
    reference: { '1s': kept(reference['1s']), '1m': reference['1m'] },
    book: kept(seconds.slice(-book)).map((second) => bookSecond(rng, second, second.openTime < changedAt ? 1 : 0.5)),
  };
}

/** Empty rings of one symbol and its reference. */
export function emptySeries(): InputSeries & { readonly referenceMinutes: CandleSeries } {
  const minutes = new CandleSeries('1m');
  const referenceMinutes = new CandleSeries('1m');
  return {
    symbol: 'ETH/USDT',
    minutes,
    seconds: new CandleSeries('1s', minutes),
    hours: new CandleSeries('1h'),
    days: new CandleSeries('1d'),
    reference: new CandleSeries('1s', referenceMinutes),
    referenceMinutes,
    cob: new CobSeries(),
  };
}

const RING = { '1s': 'seconds', '1m': 'minutes', '1h': 'hours', '1d': 'days' } as const;

/** Feeds what closed in (after, until], in the order of time. */
export function feed(
  series: InputSeries & { readonly referenceMinutes: CandleSeries },
  history: MarketHistory,
  after: number,
  until: number,
): void {
  const events: { at: number; push: () => void }[] = [];
  const add = (at: number, push: () => void): void => {
    if (at > after && at <= until) events.push({ at, push });
  };
  for (const timeframe of CANDLE_TIMEFRAMES) {
    const length = TIMEFRAME_MS[timeframe];
    for (const one of history.candles[timeframe]) add(one.openTime + length, () => series[RING[timeframe]].push(one));
  }
  for (const one of history.reference['1s']) add(one.openTime + 1_000, () => series.reference?.push(one));
  for (const one of history.reference['1m']) add(one.openTime + 60_000, () => series.referenceMinutes.push(one));
  for (const { second, view, flow } of history.book) add(second + 1_000, () => series.cob.push(second, view, flow));
  for (const { push } of events.toSorted((a, b) => a.at - b.at)) push();
}

export function structureAt(history: MarketHistory, t: number): MarketStructure {
  const structure = new MarketStructure({ lengthMs: 60_000, capacity: STRUCTURE_CAPACITY });
  for (const { openTime, high, low, close } of history.candles['1m']) {
    if (openTime >= structureStart(t) && openTime + 60_000 <= t) structure.push(openTime, high, low, close);
  }
  return structure;
}

export function momentAt(history: MarketHistory, t: number): InputMoment {
  return {
    t,
    structure: structureAt(history, t),
    account: { at: t - 500, side: 1, size: 0.4, unrealised: -0.002, ageMs: 90_000, drawdown: 0.01 },
    outputs: [{ model: 'cnn', at: t - 60_000, figures: Array.from({ length: 19 }, (_, i) => i / 20) }],
    params: undefined,
  };
}

/** Rings that were filled at once with what was known at `t`, as a rebuild fills them. */
export function builderAt(history: MarketHistory, t: number): BaseInputBuilder {
  const series = emptySeries();
  const known = (candles: readonly Candle[], length: number): CandleColumns =>
    columnsOf(candles.filter(({ openTime }) => openTime + length <= t));
  series.minutes.pushColumns(known(history.candles['1m'], 60_000));
  series.seconds.pushColumns(known(history.candles['1s'], 1_000));
  series.hours.pushColumns(known(history.candles['1h'], 3_600_000));
  series.days.pushColumns(known(history.candles['1d'], 86_400_000));
  series.referenceMinutes.pushColumns(known(history.reference['1m'], 60_000));
  series.reference?.pushColumns(known(history.reference['1s'], 1_000));
  for (const { second, view, flow } of history.book) if (second + 1_000 <= t) series.cob.push(second, view, flow);
  return new BaseInputBuilder(series);
}

export function columnsOf(candles: readonly Candle[]): CandleColumns {
  const columns = candleColumns(candles.length);
  candles.forEach(({ openTime, open, high, low, close, volume }, i) => {
    columns.openTime[i] = openTime;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = volume;
  });
  return columns;
}
