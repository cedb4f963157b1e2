import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, numberToSteps } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  isId,
  isObject,
  numberAbove0,
  numberToWholeSteps,
  offGrid,
  type Parsed,
  secondsToMs,
  toMs,
} from '../session/wire-values.ts';

/**
 * The `tick` of an update of `market.$symbol.mbp.400`, or the `data` of the answer to a request for the whole book, → `out`.
 * `ts` is the time of the message.
 */
export function depthFromJson(
  content: unknown,
  ts: unknown,
  snapshot: boolean,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (!isObject(content) || !isId(content.seqNum)) return bad('book message without seqNum');
  const { seqNum: finalId, prevSeqNum: previousId } = content;
  if (!snapshot && (!isId(previousId) || previousId > finalId)) return bad(`book update ${finalId} after ${String(previousId)}`);
  const tsEvent = toMs(ts);
  if (Number.isNaN(tsEvent)) return bad(`book message ${finalId} with time ${String(ts)}`);
  out.bidCount = 0;
  out.askCount = 0;
  // A side without a change may be missing.
  const bids = content.bids === undefined && !snapshot ? ok(out) : addLevels(content.bids, 'bid', addBid, tick, lot, out);
  if (!bids.ok) return bids;
  const asks = content.asks === undefined && !snapshot ? ok(out) : addLevels(content.asks, 'ask', addAsk, tick, lot, out);
  if (!asks.ok) return asks;
  out.snapshot = snapshot;
  out.firstId = finalId;
  out.finalId = finalId;
  out.previousId = snapshot ? -1 : (previousId as number);
  out.checksum = Number.NaN;
  out.tsEvent = tsEvent;
  return ok(out);
}

/** `[[price, quantity],…]`, numbers as JSON numbers; quantity 0 deletes. */
function addLevels(
  levels: unknown,
  side: string,
  add: (out: DepthDelta, ticks: number, lots: number) => void,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level)) return bad(`${side} level ${JSON.stringify(level)}`);
    const [price, quantity] = level as readonly unknown[];
    const ticks = numberToWholeSteps(price, tick);
    const lots = lotsOf(quantity, lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, String(price), String(quantity), tick, lot));
    add(out, ticks, lots);
  }
  return ok(out);
}

/**
 * HTX adds quantities up as floats (documented: 38.48245239754659 of a coin that trades in thousandths), so that the nearest
 * lot is meant; but what is not 0 does not delete a level.
 */
function lotsOf(quantity: unknown, lot: DecimalStep): number {
  if (quantity === 0) return 0;
  const lots = Math.max(1, numberToSteps(numberAbove0(quantity), lot));
  return Number.isSafeInteger(lots) ? lots : Number.NaN;
}

/**
 * A trade of `market.$symbol.trade.detail`, and of `GET /market/history/trade`, which spells `trade-id`. `direction` is the
 * taker's side. The `id` has more digits than a double holds.
 */
export function tradeFromJson(entry: unknown, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { direction } = entry;
  const id = entry.tradeId ?? entry['trade-id'];
  const price = numberAbove0(entry.price);
  const quantity = numberAbove0(entry.amount);
  const tsEvent = toMs(entry.ts);
  const known = isId(id) && (direction === 'buy' || direction === 'sell');
  if (!known || Number.isNaN(tsEvent) || !(price * quantity > 0 && price * quantity < Number.POSITIVE_INFINITY)) {
    return bad(
      `trade tradeId=${String(id)} price=${String(entry.price)} amount=${String(entry.amount)} direction=${String(direction)} ts=${String(entry.ts)}`,
    );
  }
  return ok({ id, price, quantity, side: direction, tsEvent, tsReceived });
}

/**
 * The `tick` of a `market.$symbol.kline.1min` message, and an entry of `GET /market/history/kline`: `id` is the open time in
 * seconds, `amount` the base volume. HTX does not tell the taker-buy part: with a count and no buys it would read as sells,
 * so neither is told.
 */
export function candleFromJson(entry: unknown): Parsed<Candle> {
  if (!isObject(entry)) return bad('candle that is no object');
  const openTime = secondsToMs(entry.id);
  const open = numberAbove0(entry.open);
  const high = numberAbove0(entry.high);
  const low = numberAbove0(entry.low);
  const close = numberAbove0(entry.close);
  const volume = entry.amount === 0 ? 0 : numberAbove0(entry.amount);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) return bad(`candle ${JSON.stringify(entry).slice(0, 300)}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
