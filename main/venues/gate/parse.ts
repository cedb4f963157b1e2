import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  deltaLevelsFromJson,
  isId,
  type JsonObject,
  isObject,
  levelsFromJson,
  notNegative,
  type Parsed,
  positive,
  secondsToMs,
  toMs,
} from '../session/wire-values.ts';

/** The `result` of a `spot.order_book_update` notification → `out`. `full` is left out where it is false. */
export function depthFromJson(result: JsonObject, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  const { U: firstId, u: finalId, full } = result;
  const tsEvent = toMs(result.t);
  if (!isId(firstId) || !isId(finalId) || firstId > finalId) {
    return bad(`order book update with ids U=${String(firstId)}, u=${String(finalId)}`);
  }
  if (full !== undefined && typeof full !== 'boolean') return bad(`order book update ${finalId} with full ${String(full)}`);
  if (Number.isNaN(tsEvent)) return bad(`order book update ${finalId} with time ${String(result.t)}`);
  out.snapshot = full === true;
  out.firstId = firstId;
  out.finalId = finalId;
  out.previousId = -1;
  out.checksum = Number.NaN;
  out.tsEvent = tsEvent;
  return deltaLevelsFromJson(result.b, result.a, tick, lot, out);
}

/** Answer of `GET /api/v4/spot/order_book` with `with_id=true`. */
export function snapshotFromJson(answer: unknown, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(answer) || !isId(answer.id)) return bad('order book without id');
  const bids = levelsFromJson(answer.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(answer.asks, tick, lot, 'ask');
  if (!asks.ok) return asks;
  return ok({ lastUpdateId: answer.id, bids: bids.value, asks: asks.value });
}

const TIME_MS = /^\d{12,14}(\.\d+)?$/;
const ID = /^\d{1,16}$/;

/**
 * The `result` of a `spot.trades` notification, and an entry of `GET /api/v4/spot/trades`, whose id is text. `side` is the
 * taker's. The id counts the trades of all pairs.
 */
export function tradeFromJson(entry: unknown, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { side, create_time_ms: time } = entry;
  const id = typeof entry.id === 'string' && ID.test(entry.id) ? Number(entry.id) : entry.id;
  const price = positive(entry.price);
  const quantity = positive(entry.amount);
  // Milliseconds with decimals, as text.
  const tsEvent = typeof time === 'string' && TIME_MS.test(time) ? Math.floor(Number(time)) : Number.NaN;
  const known = isId(id) && (side === 'buy' || side === 'sell');
  if (!known || Number.isNaN(tsEvent) || !(price * quantity > 0 && price * quantity < Number.POSITIVE_INFINITY)) {
    return bad(
      `trade id=${String(entry.id)} price=${String(entry.price)} amount=${String(entry.amount)} side=${String(side)} create_time_ms=${String(time)}`,
    );
  }
  return ok({ id, price, quantity, side, tsEvent, tsReceived });
}

/** The `result` of a `spot.candlesticks` notification: `a` is the base volume, `v` the quote one; `w`, closed, may be missing. */
export function klineFromJson(result: JsonObject): Parsed<{ candle: Candle; closed: boolean }> {
  const { w } = result;
  if (w !== undefined && typeof w !== 'boolean') return bad(`candle with w ${String(w)}`);
  const candle = candleFrom(result.t, result.o, result.h, result.l, result.c, result.a);
  return candle.ok ? ok({ candle: candle.value, closed: w === true }) : candle;
}

/**
 * A row of `GET /api/v4/spot/candlesticks`: seconds, quote volume, close, high, low, open, base volume, closed. Gate tells
 * neither trade count nor taker-buy part.
 */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 7) return bad('candle row with fewer than 7 fields');
  return candleFrom(row[0], row[5], row[3], row[4], row[2], row[6]);
}

function candleFrom(t: unknown, o: unknown, h: unknown, l: unknown, c: unknown, v: unknown): Parsed<Candle> {
  const openTime = secondsToMs(t);
  const [open, high, low, close] = [positive(o), positive(h), positive(l), positive(c)];
  const volume = notNegative(v);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) {
    return bad(`candle t=${String(t)} o=${String(o)} h=${String(h)} l=${String(l)} c=${String(c)} v=${String(v)}`);
  }
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
