import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import type { BookLevel } from '../../../core/market/l2-book.ts';
import type { Side, Trade } from '../../../core/market/trade.ts';
import { type DepthSnapshot, reachOf } from '../session/book-sync.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import { idOfText } from '../session/trade-sequence.ts';
import {
  bad,
  isId,
  isObject,
  type JsonObject,
  levelsFromJson,
  notNegative,
  numberAbove0,
  numberToWholeSteps,
  offGrid,
  type Parsed,
  positive,
  secondsToMs,
  toMs,
} from '../session/wire-values.ts';
import type { RawDeal, RawKline } from './frame-parser.ts';

/**
 * MEXC's spot deals have no id that both the stream and REST tell, so one is made of what a deal says: time, price,
 * quantity, side, and the how-manieth of its like it is in its message, or in a REST answer. The stream gathers deals for
 * 100 ms, so that those of a millisecond come in one message, and a message that comes twice has the same ids.
 */
export class DealIds {
  readonly #counts = new Map<string, number>();

  /** Another message begins. */
  restart(): void {
    this.#counts.clear();
  }

  idOf(time: number, price: number, quantity: number, side: Side): number {
    const deal = `${time} ${price} ${quantity} ${side}`;
    const count = this.#counts.get(deal) ?? 0;
    this.#counts.set(deal, count + 1);
    return idOfText(`${deal} ${count}`);
  }
}

/** A deal of the spot stream. `tradeType` 1: the taker bought, 2: sold. */
export function tradeFromDeal({ price, quantity, tradeType, time }: RawDeal, ids: DealIds, tsReceived: number): Parsed<Trade> {
  const side = tradeType === 1 ? 'buy' : tradeType === 2 ? 'sell' : undefined;
  return spotTrade(positive(price), positive(quantity), side, toMs(time), ids, tsReceived);
}

/** A row of `GET /api/v3/trades`, whose `id` is null. */
export function tradeFromRow(row: unknown, ids: DealIds): Parsed<Trade> {
  if (!isObject(row) || typeof row.isBuyerMaker !== 'boolean') return bad('trade row without isBuyerMaker');
  return spotTrade(positive(row.price), positive(row.qty), row.isBuyerMaker ? 'sell' : 'buy', toMs(row.time), ids, 0);
}

function spotTrade(
  price: number,
  quantity: number,
  side: Side | undefined,
  time: number,
  ids: DealIds,
  tsReceived: number,
): Parsed<Trade> {
  const trade = tradeFrom(0, price, quantity, side, time, tsReceived);
  return trade.ok ? ok(withId(trade.value, ids)) : trade;
}

function withId(trade: Trade, ids: DealIds): Trade {
  return { ...trade, id: ids.idOf(trade.tsEvent, trade.price, trade.quantity, trade.side) };
}

/** How a quantity on the futures' wire becomes base units. */
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
 * An entry of `push.deal` and of `GET /api/v1/contract/deals`. `T` 1: the taker bought, 2: sold; `v` counts contracts; `i`
 * is the deal's id. Not every version of the stream tells it: then `ids` makes one, as for spot. Without `ids` it must be there.
 */
export function contractTradeFromJson(
  entry: unknown,
  contract: Contract,
  ids: DealIds | undefined,
  tsReceived: number,
): Parsed<Trade> {
  if (!isObject(entry)) return bad('deal that is no object');
  const { i } = entry;
  const id = typeof i === 'string' && /^\d{1,16}$/.test(i) ? Number(i) : i;
  const isTold = isId(id);
  if (!isTold && (i !== undefined || ids === undefined)) return bad(`deal with id ${String(i)}`);
  const price = numberAbove0(entry.p);
  const value = stepsToNumber(numberAbove0(entry.v), contract.multiplier);
  const side = entry.T === 1 ? 'buy' : entry.T === 2 ? 'sell' : undefined;
  const quantity = contract.kind === 'inverse' ? value / price : value;
  const trade = tradeFrom(isTold ? id : 0, price, quantity, side, toMs(entry.t), tsReceived);
  return trade.ok && !isTold && ids !== undefined ? ok(withId(trade.value, ids)) : trade;
}

function tradeFrom(
  id: number,
  price: number,
  quantity: number,
  side: Side | undefined,
  tsEvent: number,
  tsReceived: number,
): Parsed<Trade> {
  const known = side !== undefined && quantity > 0 && quantity * price < Number.POSITIVE_INFINITY;
  if (!known || Number.isNaN(tsEvent)) return bad(`deal of ${quantity} at ${price}, side ${String(side)}, time ${tsEvent}`);
  return ok({ id, price, quantity, side, tsEvent, tsReceived });
}

/** Answer of `GET /api/v3/depth`, asked for with `limit` levels a side. */
export function snapshotFromJson(answer: unknown, limit: number, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(answer) || !isId(answer.lastUpdateId)) return bad('depth snapshot without lastUpdateId');
  const bids = levelsFromJson(answer.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(answer.asks, tick, lot, 'ask');
  if (!asks.ok) return asks;
  const reach = reachOf(bids.value, asks.value, limit);
  return ok({ lastUpdateId: answer.lastUpdateId, bids: bids.value, asks: asks.value, reach });
}

/**
 * `push.depth` → `out`. MEXC joins the versions of 200 ms, from `begin` to `end`, which is also the `version`; not joined,
 * there is the `version` alone. Levels are in no order.
 */
export function contractDepthFromJson(
  message: JsonObject,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  const { data } = message;
  if (!isObject(data)) return bad('depth update without data');
  const { version, end = version, begin = end } = data;
  if (!isId(begin) || !isId(end) || begin > end || (version !== undefined && version !== end)) {
    return bad(`depth update ${String(version)} from ${String(begin)} to ${String(end)}`);
  }
  const tsEvent = toMs(message.ts);
  if (Number.isNaN(tsEvent)) return bad(`depth update ${end} with time ${String(message.ts)}`);
  out.snapshot = false;
  out.firstId = begin;
  out.finalId = end;
  out.previousId = -1;
  out.checksum = Number.NaN;
  out.tsEvent = tsEvent;
  out.bidCount = 0;
  out.askCount = 0;
  const bids = eachLevel(data.bids, tick, lot, 'bid', (ticks, lots) => addBid(out, ticks, lots));
  if (!bids.ok) return bids;
  const asks = eachLevel(data.asks, tick, lot, 'ask', (ticks, lots) => addAsk(out, ticks, lots));
  return asks.ok ? ok(out) : asks;
}

/** `data` of `GET /api/v1/contract/depth/{symbol}`, asked for with `limit` levels a side. */
export function contractSnapshotFromJson(
  data: unknown,
  limit: number,
  tick: DecimalStep,
  lot: DecimalStep,
): Parsed<DepthSnapshot> {
  if (!isObject(data) || !isId(data.version)) return bad('depth snapshot without a version');
  const bids: BookLevel[] = [];
  const asks: BookLevel[] = [];
  const readBids = eachLevel(data.bids, tick, lot, 'bid', (ticks, lots) => bids.push([ticks, lots]));
  if (!readBids.ok) return readBids;
  const readAsks = eachLevel(data.asks, tick, lot, 'ask', (ticks, lots) => asks.push([ticks, lots]));
  return readAsks.ok ? ok({ lastUpdateId: data.version, bids, asks, reach: reachOf(bids, asks, limit) }) : readAsks;
}

/** `[[price, contracts, orders],…]`, numbers as JSON numbers. */
function eachLevel(
  levels: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  side: string,
  add: (ticks: number, lots: number) => void,
): Parsed<true> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level)) return bad(`${side} level ${JSON.stringify(level)}`);
    const [price, quantity] = level as readonly unknown[];
    const ticks = numberToWholeSteps(price, tick);
    const lots = numberToWholeSteps(quantity, lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, String(price), String(quantity), tick, lot));
    add(ticks, lots);
  }
  return ok(true);
}

/** A kline of the spot stream; `windowStart` is in seconds, `volume` in base. */
export function candleFromKline({ windowStart, open, high, low, close, volume }: RawKline): Parsed<Candle> {
  return candleFrom(
    secondsToMs(windowStart),
    positive(open),
    positive(high),
    positive(low),
    positive(close),
    notNegative(volume),
  );
}

/** A row of `GET /api/v3/klines`: open time, open, high, low, close, volume in base, close time, turnover. */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 6) return bad('kline row with fewer than 6 fields');
  const [t, o, h, l, c, v] = row as readonly unknown[];
  return candleFrom(toMs(t), positive(o), positive(h), positive(l), positive(c), notNegative(v));
}

/** `data` of `push.kline`: `t` in seconds, `q` contracts, `a` turnover in the coin of settlement. */
export function contractKlineFromJson(data: unknown, contract: Contract): Parsed<Candle> {
  if (!isObject(data)) return bad('kline that is no object');
  return contractCandle(data.t, data.o, data.h, data.l, data.c, data.q, data.a, contract);
}

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'vol', 'amount'] as const;

/** `data` of `GET /api/v1/contract/kline/{symbol}`, which comes in columns, as rows that `contractCandleFromRow` reads. */
export function contractCandleRows(data: unknown): Parsed<unknown[][]> {
  if (!isObject(data)) return bad('no columns of klines');
  const columns = COLUMNS.map((name) => data[name]);
  const [times] = columns;
  if (!Array.isArray(times)) return bad('klines without times');
  for (const column of columns) {
    if (!Array.isArray(column) || column.length !== times.length) return bad('columns of klines of different lengths');
  }
  return ok(times.map((_, row) => columns.map((column) => (column as readonly unknown[])[row])));
}

export function contractCandleFromRow(row: unknown, contract: Contract): Parsed<Candle> {
  if (!Array.isArray(row)) return bad('kline row that is no list');
  const [t, o, h, l, c, q, a] = row as readonly unknown[];
  return contractCandle(t, o, h, l, c, q, a, contract);
}

/** Base volume: contracts times their worth (linear); the turnover, which is in base, for inverse ones. */
function contractCandle(
  t: unknown,
  o: unknown,
  h: unknown,
  l: unknown,
  c: unknown,
  contracts: unknown,
  turnover: unknown,
  { kind, multiplier }: Contract,
): Parsed<Candle> {
  const volume = kind === 'inverse' ? atLeast0(turnover) : stepsToNumber(atLeast0(contracts), multiplier);
  return candleFrom(secondsToMs(t), numberAbove0(o), numberAbove0(h), numberAbove0(l), numberAbove0(c), volume);
}

/** MEXC tells neither trade count nor taker-buy part. */
function candleFrom(openTime: number, open: number, high: number, low: number, close: number, volume: number): Parsed<Candle> {
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0 && volume < Number.POSITIVE_INFINITY;
  if (!sound || Number.isNaN(openTime)) return bad(`kline t=${openTime} o=${open} h=${high} l=${low} c=${close} v=${volume}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}

function atLeast0(value: unknown): number {
  return value === 0 ? 0 : numberAbove0(value);
}
