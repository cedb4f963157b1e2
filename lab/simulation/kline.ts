import { TIMEFRAME_MS, type Timeframe } from '../../core/market/timeframe.ts';
import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import { lowerBound, type MinuteTrades } from './minute.ts';
import { minuteTrades } from './minute-trades.ts';
import { plannedBuyLots } from './trade-plan.ts';

/**
 * A candle as Binance counts it; prices in ticks, volumes in lots, quote amounts in ticks × lots.
 * Of an inverse instrument, whose lots are quote amounts, `quote` and `buyQuote` are base amounts in lots ÷ ticks.
 */
export interface Kline {
  readonly openTime: number;
  /** Inclusive: the last millisecond. */
  readonly closeTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  lots: number;
  quote: number;
  trades: number;
  buyLots: number;
  buyQuote: number;
  /** −1 without trades. */
  firstTradeId: number;
  lastTradeId: number;
}

export interface KlineQuery {
  readonly timeframe: Timeframe;
  /** Bounds on the open time, both inclusive. */
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit: number;
}

/**
 * Candles of the past of a playing market, oldest first: from `startTime` on where it is given, otherwise the latest before `endTime`.
 * Nothing after `now` is ever part of an answer: whole minutes come from the recording, the running one from its trades up to `now`.
 * Periods in which the exchange was down are missing; seconds in which merely nothing traded are flat, as Binance has them.
 */
export function klinesOf(recording: Recording, seed: number, query: KlineQuery, now: number): Kline[] {
  const length = TIMEFRAME_MS[query.timeframe];
  const latest = Math.min(query.endTime ?? now, now);
  // One past the last minute that may have a part in the answer.
  const end = recording.lowerBound(Math.min(now, Math.floor(latest / length) * length + length - 1) + 1);
  let first =
    query.startTime === undefined
      ? firstOfLast(recording, length, end, query.limit)
      : recording.lowerBound(Math.floor(query.startTime / MINUTE_MS) * MINUTE_MS);
  const from = query.startTime ?? Number.NEGATIVE_INFINITY;
  // A longer candle begins with its own first minute, not with the first one asked for.
  if (length > MINUTE_MS && query.startTime !== undefined)
    first = recording.lowerBound(Math.ceil(query.startTime / length) * length);
  const klines: Kline[] = [];
  const full = query.startTime === undefined ? Number.POSITIVE_INFINITY : query.limit;
  for (let index = first; index < end; index++) {
    const openTime = recording.columns.openTime[index] as number;
    const before = klines[klines.length - 1];
    if (length < MINUTE_MS) {
      appendSeconds(klines, recording, seed, index, now, (second) => second >= from && second <= latest && klines.length < full);
      if (klines.length >= full) break;
      continue;
    }
    const bucket = Math.floor(openTime / length) * length;
    if (bucket < from || bucket > latest) continue;
    if (before?.openTime !== bucket && klines.length >= full) break;
    const exact = openTime + MINUTE_MS > now || (length === MINUTE_MS && recording.instrument.inverse === true);
    const part = exact ? playedMinute(recording, seed, index, now) : wholeMinute(recording, seed, index);
    if (part === undefined) continue;
    if (before?.openTime === bucket) merge(before, part);
    else klines.push({ ...part, openTime: bucket, closeTime: bucket + length - 1 });
  }
  return klines.length > query.limit ? klines.slice(-query.limit) : klines;
}

/** Trades of one minute that fall into [from, to) ms of it, as a candle; flat at `previousClose` when there are none. */
export function klineOfTrades(
  trades: MinuteTrades,
  firstTradeId: number,
  openTime: number,
  length: number,
  from: number,
  to: number,
  previousClose: number,
  inverse = false,
): Kline {
  const kline = flat(openTime, length, previousClose);
  for (let i = lowerBound(trades, from); i < trades.count && (trades.offsetMs[i] as number) < to; i++) {
    const price = trades.price[i] as number;
    const lots = trades.lots[i] as number;
    if (kline.trades === 0) {
      kline.open = kline.high = kline.low = price;
      kline.firstTradeId = firstTradeId + i;
    }
    if (price > kline.high) kline.high = price;
    if (price < kline.low) kline.low = price;
    kline.close = price;
    kline.lots += lots;
    const amount = inverse ? lots / price : price * lots;
    kline.quote += amount;
    kline.trades++;
    kline.lastTradeId = firstTradeId + i;
    if (trades.buy[i] === 1) {
      kline.buyLots += lots;
      kline.buyQuote += amount;
    }
  }
  return kline;
}

/** The first minute from which on the market has at least `limit` periods before `end`. */
function firstOfLast(recording: Recording, length: number, end: number, limit: number): number {
  if (length <= MINUTE_MS) return Math.max(0, end - Math.ceil((limit * length) / MINUTE_MS) - 1);
  let periods = 0;
  let bucket = Number.NaN;
  for (let index = end - 1; index >= 0; index--) {
    const next = Math.floor((recording.columns.openTime[index] as number) / length) * length;
    if (next === bucket) continue;
    if (periods === limit) return index + 1;
    bucket = next;
    periods++;
  }
  return 0;
}

function appendSeconds(
  klines: Kline[],
  recording: Recording,
  seed: number,
  index: number,
  now: number,
  wanted: (second: number) => boolean,
): void {
  const minute = recording.minute(index);
  const trades = minuteTrades(seed, recording, minute);
  const firstTradeId = recording.firstTradeId(index);
  let previousClose = recording.closeBefore(index);
  for (let offset = 0; offset < MINUTE_MS && minute.openTime + offset <= now; offset += 1_000) {
    const until = Math.min(offset + 1_000, now + 1 - minute.openTime);
    const kline = klineOfTrades(
      trades,
      firstTradeId,
      minute.openTime + offset,
      1_000,
      offset,
      until,
      previousClose,
      recording.instrument.inverse,
    );
    previousClose = kline.close;
    if (wanted(kline.openTime)) klines.push(kline);
  }
}

/**
 * A finished minute without playing it. The recording has no quote volume: it is told from the volume at the candle's mean price,
 * so it is near to, but not exactly, what the trades add up to. (An inverse instrument's minutes are played for it, its longer candles not.)
 */
function wholeMinute(recording: Recording, seed: number, index: number): Kline {
  const { instrument } = recording;
  const minute = recording.minute(index);
  const kline = flat(minute.openTime, MINUTE_MS, recording.closeBefore(index));
  const { open, high, low, close, lots } = minute;
  const buyLots = plannedBuyLots(seed, instrument, minute);
  const meanPrice = (open + high + low + close) / 4;
  Object.assign(kline, {
    open,
    high,
    low,
    close,
    lots,
    buyLots,
    quote: instrument.inverse === true ? lots / meanPrice : meanPrice * lots,
    buyQuote: instrument.inverse === true ? buyLots / meanPrice : meanPrice * buyLots,
    trades: recording.tradeCount(index),
  });
  if (kline.trades > 0) {
    kline.firstTradeId = recording.firstTradeId(index);
    kline.lastTradeId = kline.firstTradeId + kline.trades - 1;
  }
  return kline;
}

/** A minute as its trades up to and including `now` add up; undefined for the running one before its first trade. */
function playedMinute(recording: Recording, seed: number, index: number, now: number): Kline | undefined {
  const minute = recording.minute(index);
  const trades = minuteTrades(seed, recording, minute);
  const until = now + 1 - minute.openTime;
  const kline = klineOfTrades(
    trades,
    recording.firstTradeId(index),
    minute.openTime,
    MINUTE_MS,
    0,
    until,
    recording.closeBefore(index),
    recording.instrument.inverse,
  );
  return kline.trades > 0 || until > MINUTE_MS ? kline : undefined;
}

function merge(into: Kline, part: Kline): void {
  into.high = Math.max(into.high, part.high);
  into.low = Math.min(into.low, part.low);
  into.close = part.close;
  into.lots += part.lots;
  into.quote += part.quote;
  into.trades += part.trades;
  into.buyLots += part.buyLots;
  into.buyQuote += part.buyQuote;
  if (into.firstTradeId === -1) into.firstTradeId = part.firstTradeId;
  if (part.lastTradeId !== -1) into.lastTradeId = part.lastTradeId;
}

function flat(openTime: number, length: number, price: number): Kline {
  return {
    openTime,
    closeTime: openTime + length - 1,
    open: price,
    high: price,
    low: price,
    close: price,
    lots: 0,
    quote: 0,
    trades: 0,
    buyLots: 0,
    buyQuote: 0,
    firstTradeId: -1,
    lastTradeId: -1,
  };
}
