import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, textToSteps } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import { bad, isId, isObject, notNegative, offGrid, type Parsed, positive, secondsToMs } from '../session/wire-values.ts';

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** `2026-04-07T14:30:00.123456Z`, with up to nine decimals → epoch milliseconds; NaN for anything else. */
export function isoToMs(time: unknown): number {
  const ms = typeof time === 'string' && ISO_TIME.test(time) ? Date.parse(time) : Number.NaN;
  return ms >= 0 ? ms : Number.NaN;
}

/** An event of an `l2_data` message → `out`, with the message's number and time. */
export function depthFromEvent(
  event: unknown,
  sequence: number,
  timestamp: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (!isObject(event) || (event.type !== 'snapshot' && event.type !== 'update')) return bad('l2_data event of unknown type');
  // Updates carry times of their own, which in snapshots are all 1970.
  const tsEvent = isoToMs(timestamp);
  if (Number.isNaN(tsEvent)) return bad(`l2_data message ${sequence} with time ${String(timestamp)}`);
  if (!Array.isArray(event.updates)) return bad('l2_data event without a list of updates');
  out.snapshot = event.type === 'snapshot';
  out.firstId = sequence;
  out.finalId = sequence;
  out.tsEvent = tsEvent;
  out.bidCount = 0;
  out.askCount = 0;
  for (const update of event.updates as readonly unknown[]) {
    if (!isObject(update)) return bad('l2_data update that is no object');
    const { side, price_level: price, new_quantity: quantity } = update;
    if ((side !== 'bid' && side !== 'offer') || typeof price !== 'string' || typeof quantity !== 'string') {
      return bad(`l2_data update ${JSON.stringify(update)}`);
    }
    const ticks = textToSteps(price, tick);
    const lots = textToSteps(quantity, lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, price, quantity, tick, lot));
    if (side === 'bid') addBid(out, ticks, lots);
    else addAsk(out, ticks, lots);
  }
  return ok(out);
}

/**
 * A trade of a `market_trades` message, and of `GET …/ticker`. `side` is the maker's, so the taker's is the other one
 * (published: trades at the best ask with `SELL`). Ids count a product's trades without a hole.
 */
export function tradeFromJson(entry: unknown, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { trade_id: idText, side: makerSide } = entry;
  const id = typeof idText === 'string' && /^\d{1,16}$/.test(idText) ? Number(idText) : Number.NaN;
  const price = positive(entry.price);
  const quantity = positive(entry.size);
  const tsEvent = isoToMs(entry.time);
  const known = isId(id) && (makerSide === 'BUY' || makerSide === 'SELL');
  if (!known || Number.isNaN(tsEvent) || !(price * quantity > 0 && price * quantity < Number.POSITIVE_INFINITY)) {
    return bad(
      `trade trade_id=${String(idText)} price=${String(entry.price)} size=${String(entry.size)} side=${String(makerSide)} time=${String(entry.time)}`,
    );
  }
  return ok({ id, price, quantity, side: makerSide === 'SELL' ? 'buy' : 'sell', tsEvent, tsReceived });
}

/** An entry of `GET …/candles`. Coinbase tells neither trade count nor taker-buy part. */
export function candleFromJson(entry: unknown): Parsed<Candle> {
  if (!isObject(entry)) return bad('candle that is no object');
  const openTime = secondsToMs(entry.start);
  const [open, high, low, close] = [positive(entry.open), positive(entry.high), positive(entry.low), positive(entry.close)];
  const volume = notNegative(entry.volume);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) return bad(`candle ${JSON.stringify(entry)}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
