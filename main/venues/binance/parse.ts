import { type Result, fail, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, textToSteps } from '../../../core/market/decimal-parse.ts';
import type { BookLevel } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { type DepthDelta, grown } from './depth-delta.ts';
import type { DepthSnapshot } from './sync.ts';

export type Parsed<T> = Result<T, { readonly code: 'BAD_MESSAGE'; readonly message: string; readonly retryable: boolean }>;

/** Later than any millisecond until the year 5138 and earlier than any microsecond since 1973. */
const MICROSECONDS_FROM = 1e14;

/** Binance spot sends milliseconds or, if asked, microseconds. NaN for anything that is not a time. */
export function toMs(time: unknown): number {
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) return Number.NaN;
  return time >= MICROSECONDS_FROM ? Math.floor(time / 1000) : time;
}

/** A plain object as JSON gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string): Parsed<never> {
  return fail('BAD_MESSAGE', message, { retryable: true });
}

/** `depthUpdate` event as JSON → `out`. The slow path of `DepthParser`: any order of keys, the same checks. */
export function depthFromJson(event: JsonObject, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  const { U: firstId, u: finalId } = event;
  const tsEvent = toMs(event.E);
  if (!isId(firstId) || !isId(finalId) || firstId > finalId)
    return bad(`depth update with ids U=${String(firstId)}, u=${String(finalId)}`);
  if (Number.isNaN(tsEvent)) return bad(`depth update ${finalId} with event time ${String(event.E)}`);
  const bids = levelsFromJson(event.b, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(event.a, tick, lot, 'ask');
  if (!asks.ok) return asks;
  out.firstId = firstId;
  out.finalId = finalId;
  out.tsEvent = tsEvent;
  out.bidCount = bids.value.length;
  out.askCount = asks.value.length;
  while (out.bidTicks.length < out.bidCount) [out.bidTicks, out.bidLots] = [grown(out.bidTicks), grown(out.bidLots)];
  while (out.askTicks.length < out.askCount) [out.askTicks, out.askLots] = [grown(out.askTicks), grown(out.askLots)];
  bids.value.forEach(([ticks, lots], i) => {
    out.bidTicks[i] = ticks;
    out.bidLots[i] = lots;
  });
  asks.value.forEach(([ticks, lots], i) => {
    out.askTicks[i] = ticks;
    out.askLots[i] = lots;
  });
  return ok(out);
}

/** Answer of `GET /api/v3/depth`. */
export function snapshotFromJson(answer: unknown, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(answer) || !isId(answer.lastUpdateId)) return bad('depth snapshot without lastUpdateId');
  const bids = levelsFromJson(answer.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(answer.asks, tick, lot, 'ask');
  if (!asks.ok) return asks;
  return ok({ lastUpdateId: answer.lastUpdateId, bids: bids.value, asks: asks.value });
}

function levelsFromJson(levels: unknown, tick: DecimalStep, lot: DecimalStep, side: string): Parsed<BookLevel[]> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  const parsed: BookLevel[] = [];
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level) || typeof level[0] !== 'string' || typeof level[1] !== 'string')
      return bad(`${side} level ${JSON.stringify(level)}`);
    const ticks = textToSteps(level[0], tick);
    const lots = textToSteps(level[1], lot);
    if (!(ticks > 0) || Number.isNaN(lots)) {
      return bad(`${side} level ${level[0]} × ${level[1]} is not on the grid of tick ${stepText(tick)} and lot ${stepText(lot)}`);
    }
    parsed.push([ticks, lots]);
  }
  return ok(parsed);
}

/** `trade` event → Trade. `m` true: the buyer was the maker, so the taker sold. */
export function tradeFromJson(event: JsonObject, tsReceived: number): Parsed<Trade> {
  const price = positive(event.p);
  const quantity = positive(event.q);
  const tsEvent = toMs(event.T);
  if (!isId(event.t) || Number.isNaN(price) || Number.isNaN(quantity) || Number.isNaN(tsEvent) || typeof event.m !== 'boolean') {
    return bad(`trade t=${String(event.t)} p=${String(event.p)} q=${String(event.q)} T=${String(event.T)} m=${String(event.m)}`);
  }
  return ok({ id: event.t, price, quantity, side: event.m ? 'sell' : 'buy', tsEvent, tsReceived });
}

/** `kline` event → the venue's candle and whether it is closed. */
export function klineFromEvent(event: JsonObject): Parsed<{ candle: Candle; closed: boolean }> {
  const kline = event.k;
  if (!isObject(kline) || typeof kline.x !== 'boolean') return bad('kline event without k');
  const candle = candleFrom(kline.t, kline.o, kline.h, kline.l, kline.c, kline.v, kline.V, kline.n);
  return candle.ok ? ok({ candle: candle.value, closed: kline.x }) : candle;
}

/** A row of `GET /api/v3/klines`. */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 10) return bad('kline row with fewer than 10 fields');
  return candleFrom(row[0], row[1], row[2], row[3], row[4], row[5], row[9], row[8]);
}

function candleFrom(
  t: unknown,
  o: unknown,
  h: unknown,
  l: unknown,
  c: unknown,
  v: unknown,
  takerBuy: unknown,
  n: unknown,
): Parsed<Candle> {
  const openTime = toMs(t);
  const [open, high, low, close] = [positive(o), positive(h), positive(l), positive(c)];
  const [volume, buyVolume] = [notNegative(v), notNegative(takerBuy)];
  const sound = low <= open && open <= high && low <= close && close <= high && buyVolume <= volume * (1 + 1e-9);
  if (!sound || Number.isNaN(openTime) || typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) {
    return bad(
      `kline t=${String(t)} o=${String(o)} h=${String(h)} l=${String(l)} c=${String(c)} v=${String(v)} V=${String(takerBuy)} n=${String(n)}`,
    );
  }
  return ok({ openTime, open, high, low, close, volume, buyVolume, tradeCount: n, filled: n === 0 && volume === 0 });
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const DECIMAL_TEXT = /^\d+(\.\d+)?$/;

function notNegative(text: unknown): number {
  return typeof text === 'string' && DECIMAL_TEXT.test(text) ? Number(text) : Number.NaN;
}

function positive(text: unknown): number {
  const value = notNegative(text);
  return value > 0 && Number.isFinite(value) ? value : Number.NaN;
}

function stepText(step: DecimalStep): string {
  return (step.units / 10 ** step.decimals).toFixed(step.decimals);
}
