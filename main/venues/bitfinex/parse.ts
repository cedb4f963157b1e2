import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import { bad, isId, numberAbove0, numberToWholeSteps, offGrid, type Parsed, toMs } from '../session/wire-values.ts';

/** What stands behind the content of a message: its number on the connection and the venue's time. */
export interface Stamp {
  readonly sequence: number;
  readonly tsEvent: number;
}

/** The content of a book message → `out`: a list of entries is the whole book, an entry alone is a change. */
export function depthFromJson(
  content: readonly unknown[],
  stamp: Stamp,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  // An empty book is an empty list.
  const snapshot = content.length === 0 || Array.isArray(content[0]);
  stampInto(stamp, snapshot, Number.NaN, out);
  if (!snapshot) return addEntry(content, false, tick, lot, out);
  for (const entry of content) {
    if (!Array.isArray(entry)) return bad(`book entry ${JSON.stringify(entry)}`);
    const added = addEntry(entry as readonly unknown[], true, tick, lot, out);
    if (!added.ok) return added;
  }
  return ok(out);
}

/** The checksum of the book as all messages before this one left it → `out`, which changes nothing. */
export function checksumFromJson(checksum: unknown, stamp: Stamp, out: DepthDelta): Parsed<DepthDelta> {
  if (typeof checksum !== 'number' || (checksum | 0) !== checksum) return bad(`checksum ${String(checksum)}`);
  stampInto(stamp, false, checksum, out);
  return ok(out);
}

function stampInto({ sequence, tsEvent }: Stamp, snapshot: boolean, checksum: number, out: DepthDelta): void {
  out.snapshot = snapshot;
  out.firstId = sequence;
  out.finalId = sequence;
  out.previousId = -1;
  out.checksum = checksum;
  out.tsEvent = tsEvent;
  out.bidCount = 0;
  out.askCount = 0;
}

/** `[price, count, amount]`: bids have positive amounts, asks negative ones; count 0 deletes the level on the amount's side. */
function addEntry(
  entry: readonly unknown[],
  whole: boolean,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  const [price, count, amount] = entry;
  if (!isId(count) || typeof amount !== 'number' || amount === 0 || (whole && count === 0)) {
    return bad(`book entry ${JSON.stringify(entry)}`);
  }
  const ticks = numberToWholeSteps(price, tick);
  const lots = count === 0 ? 0 : numberToWholeSteps(Math.abs(amount), lot);
  if (!(ticks > 0) || !(count === 0 || lots > 0)) {
    return bad(offGrid(amount > 0 ? 'bid' : 'ask', String(price), String(Math.abs(amount)), tick, lot));
  }
  if (amount > 0) addBid(out, ticks, lots);
  else addAsk(out, ticks, lots);
  return ok(out);
}

/** The content of a `te` message, and a row of `GET /v2/trades/{symbol}/hist`: id, time, amount (below 0: sold), price. */
export function tradeFromRow(row: unknown, tsReceived: number): Parsed<Trade> {
  if (!Array.isArray(row) || row.length < 4) return bad('trade with fewer than 4 fields');
  const [id, time, amount, priceOf] = row as readonly unknown[];
  const price = numberAbove0(priceOf);
  const quantity = typeof amount === 'number' ? numberAbove0(Math.abs(amount)) : Number.NaN;
  const tsEvent = toMs(time);
  if (!isId(id) || Number.isNaN(tsEvent) || !(price * quantity > 0 && price * quantity < Number.POSITIVE_INFINITY)) {
    return bad(`trade ${JSON.stringify(row.slice(0, 4))}`);
  }
  return ok({ id, price, quantity, side: (amount as number) > 0 ? 'buy' : 'sell', tsEvent, tsReceived });
}

/**
 * The content of a candle message, and a row of `GET /v2/candles/trade:{timeframe}:{symbol}/hist`: time, open, close, high,
 * low, base volume. Bitfinex tells neither trade count nor taker-buy part.
 */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 6) return bad('candle with fewer than 6 fields');
  const [time, o, c, h, l, v] = row as readonly unknown[];
  const openTime = toMs(time);
  const [open, close, high, low] = [numberAbove0(o), numberAbove0(c), numberAbove0(h), numberAbove0(l)];
  const volume = v === 0 ? 0 : numberAbove0(v);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) return bad(`candle ${JSON.stringify(row.slice(0, 6))}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
