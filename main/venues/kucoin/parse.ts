import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, decimalStep, stepsToNumber, textToSteps } from '../../../core/market/decimal-parse.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import type { BookLevel } from '../../../core/market/l2-book.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { type DepthSnapshot, reachOf } from '../session/book-sync.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import { idOfText } from '../session/trade-sequence.ts';
import {
  bad,
  isId,
  isObject,
  levelsFromJson,
  notNegative,
  numberAbove0,
  numberToWholeSteps,
  offGrid,
  type Parsed,
  positive,
  secondsToMs,
  textToMs,
  toMs,
} from '../session/wire-values.ts';

/** `data` of `/market/level2` → `out`. */
export function depthFromJson(data: unknown, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  if (!isObject(data) || !isObject(data.changes)) return bad('depth update without changes');
  const { sequenceStart, sequenceEnd, changes } = data;
  if (!isId(sequenceStart) || !isId(sequenceEnd) || sequenceStart > sequenceEnd) {
    return bad(`depth update from sequence ${String(sequenceStart)} to ${String(sequenceEnd)}`);
  }
  const tsEvent = toMs(data.time);
  if (Number.isNaN(tsEvent)) return bad(`depth update ${sequenceEnd} with time ${String(data.time)}`);
  begin(out, sequenceStart, sequenceEnd, tsEvent);
  const bids = changesInto(changes.bids, tick, lot, out, 'bid');
  return bids.ok ? changesInto(changes.asks, tick, lot, out, 'ask') : bids;
}

function begin(out: DepthDelta, firstId: number, finalId: number, tsEvent: number): void {
  out.snapshot = false;
  out.firstId = firstId;
  out.finalId = finalId;
  out.previousId = -1;
  out.checksum = Number.NaN;
  out.tsEvent = tsEvent;
  out.bidCount = 0;
  out.askCount = 0;
}

/** `[["price","quantity","sequence"],…]`. At a price of 0 nothing changes but the sequence. */
function changesInto(
  changes: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
  side: 'bid' | 'ask',
): Parsed<DepthDelta> {
  if (!Array.isArray(changes)) return bad(`${side} changes are no list`);
  for (const change of changes as readonly unknown[]) {
    if (!Array.isArray(change) || typeof change[0] !== 'string' || typeof change[1] !== 'string') {
      return bad(`${side} change ${JSON.stringify(change)}`);
    }
    const added = addLevel(change[0], change[1], tick, lot, out, side);
    if (!added.ok) return added;
  }
  return ok(out);
}

function addLevel(
  price: string,
  quantity: string,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
  side: 'bid' | 'ask',
): Parsed<DepthDelta> {
  const ticks = textToSteps(price, tick);
  const lots = textToSteps(quantity, lot);
  if (!(ticks >= 0) || Number.isNaN(lots)) return bad(offGrid(side, price, quantity, tick, lot));
  if (ticks > 0 && side === 'bid') addBid(out, ticks, lots);
  else if (ticks > 0) addAsk(out, ticks, lots);
  return ok(out);
}

const SIDES: Readonly<Record<string, 'bid' | 'ask'>> = { buy: 'bid', sell: 'ask' };

/** `data` of `/contractMarket/level2`: one level, `change: "price,side,contracts"` → `out`. */
export function contractDepthFromJson(data: unknown, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  if (!isObject(data) || !isId(data.sequence)) return bad('depth update without a sequence');
  const tsEvent = toMs(data.timestamp);
  if (Number.isNaN(tsEvent)) return bad(`depth update ${data.sequence} with time ${String(data.timestamp)}`);
  const [price = '', way = '', contracts = '', more] = typeof data.change === 'string' ? data.change.split(',') : [];
  const side = SIDES[way];
  if (side === undefined || more !== undefined) return bad(`depth update ${data.sequence} with change ${String(data.change)}`);
  begin(out, data.sequence, data.sequence, tsEvent);
  return addLevel(price, contracts, tick, lot, out, side);
}

/** `data` of `GET /api/v1/market/orderbook/level2_{size}`: the best `size` levels, or all where there are fewer. */
export function snapshotFromJson(data: unknown, size: number, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(data)) return bad('no depth snapshot');
  const lastUpdateId =
    typeof data.sequence === 'string' && /^\d{1,16}$/.test(data.sequence) ? Number(data.sequence) : data.sequence;
  if (!isId(lastUpdateId)) return bad(`depth snapshot with sequence ${String(data.sequence)}`);
  const bids = levelsFromJson(data.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(data.asks, tick, lot, 'ask');
  if (!asks.ok) return asks;
  const reach = reachOf(bids.value, asks.value, size);
  return ok({ lastUpdateId, bids: bids.value, asks: asks.value, reach });
}

/** `data` of `GET /api/v1/level2/snapshot`: the whole book of a contract, `[["price", contracts],…]` or both as numbers. */
export function contractSnapshotFromJson(data: unknown, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(data) || !isId(data.sequence)) return bad('depth snapshot without a sequence');
  const bids = contractLevels(data.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = contractLevels(data.asks, tick, lot, 'ask');
  return asks.ok ? ok({ lastUpdateId: data.sequence, bids: bids.value, asks: asks.value }) : asks;
}

function contractLevels(levels: unknown, tick: DecimalStep, lot: DecimalStep, side: string): Parsed<BookLevel[]> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  const parsed: BookLevel[] = [];
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level)) return bad(`${side} level ${JSON.stringify(level)}`);
    const [price, contracts] = level as readonly unknown[];
    const ticks = wholeSteps(price, tick);
    const lots = wholeSteps(contracts, lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, String(price), String(contracts), tick, lot));
    parsed.push([ticks, lots]);
  }
  return ok(parsed);
}

function wholeSteps(value: unknown, step: DecimalStep): number {
  return typeof value === 'string' ? textToSteps(value, step) : numberToWholeSteps(value, step);
}

/** How a quantity on the wire becomes base units. */
export interface Contract {
  readonly kind: InstrumentKind;
  readonly multiplier: DecimalStep;
}

export function contractOf({ kind, contractMultiplier }: Instrument): Contract {
  const multiplier = decimalStep(contractMultiplier);
  if (multiplier === undefined) throw new RangeError(`contract multiplier ${contractMultiplier} is no positive decimal`);
  return { kind, multiplier };
}

/**
 * `data` of `/market/match` and `/contractMarket/execution`, and a row of `GET /api/v1/market/histories` and
 * `…/trade/history`. `side` is the taker's. Spot's sequence, which is beyond 2^53, is told by both stream and REST, a
 * contract's `tradeId` too. Times are nanoseconds.
 */
export function tradeFromJson(entry: unknown, { kind, multiplier }: Contract, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { side } = entry;
  const id = kind === 'spot' ? entry.sequence : entry.tradeId;
  const price = numeric(entry.price);
  const value = stepsToNumber(numeric(entry.size), multiplier);
  const quantity = kind === 'inverse' ? value / price : value;
  const time = kind === 'spot' ? entry.time : entry.ts;
  const tsEvent = typeof time === 'string' ? textToMs(time) : toMs(time);
  const known = typeof id === 'string' && /^[0-9a-f]{1,32}$/.test(id) && (side === 'buy' || side === 'sell');
  if (!known || !(quantity > 0 && quantity * price < Number.POSITIVE_INFINITY) || Number.isNaN(tsEvent)) {
    return bad(
      `trade ${String(id)} price=${String(entry.price)} size=${String(entry.size)} side=${String(side)} time=${String(time)}`,
    );
  }
  return ok({ id: idOfText(id), price, quantity, side, tsEvent, tsReceived });
}

/** Above 0, as text or number. */
function numeric(value: unknown): number {
  return typeof value === 'string' ? positive(value) : numberAbove0(value);
}

/** `data.candles` of `/market/candles` and a row of `GET /api/v1/market/candles`: seconds, open, close, high, low, volume, turnover. */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 6) return bad('candle row with fewer than 6 fields');
  const [t, o, c, h, l, v] = row as readonly unknown[];
  return candleFrom(secondsToMs(t), positive(o), positive(h), positive(l), positive(c), notNegative(v));
}

/** A row of `GET /api/v1/kline/query`: milliseconds, open, high, low, close, contracts. */
export function contractCandleFromRow(row: unknown, { multiplier }: Contract): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 6) return bad('candle row with fewer than 6 fields');
  const [t, o, h, l, c, contracts] = row as readonly unknown[];
  const volume = contracts === 0 ? 0 : stepsToNumber(numeric(contracts), multiplier);
  return candleFrom(toMs(t), numeric(o), numeric(h), numeric(l), numeric(c), volume);
}

/** KuCoin tells neither trade count nor taker-buy part. */
function candleFrom(openTime: number, open: number, high: number, low: number, close: number, volume: number): Parsed<Candle> {
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0 && volume < Number.POSITIVE_INFINITY;
  if (!sound || Number.isNaN(openTime)) return bad(`candle t=${openTime} o=${open} h=${high} l=${low} c=${close} v=${volume}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
