import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { InstrumentKind } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  isId,
  isObject,
  type JsonObject,
  numberAbove0,
  numberToWholeSteps,
  offGrid,
  type Parsed,
  toMs,
} from '../session/wire-values.ts';

/** The `data` of a `book.{instrument}.100ms` notification → `out`. */
export function depthFromJson(data: unknown, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  if (!isObject(data) || !isId(data.change_id)) return bad('book message without change_id');
  const { type, change_id: finalId, prev_change_id: previousId } = data;
  const tsEvent = toMs(data.timestamp);
  if (Number.isNaN(tsEvent)) return bad(`book message ${finalId} with time ${String(data.timestamp)}`);
  const whole = isWhole(data);
  if (!whole && (type !== 'change' || !isId(previousId) || previousId >= finalId)) {
    return bad(`book message ${finalId} of type ${String(type)} after ${String(previousId)}`);
  }
  out.snapshot = whole;
  out.firstId = finalId;
  out.finalId = finalId;
  out.previousId = whole ? -1 : (previousId as number);
  out.tsEvent = tsEvent;
  out.bidCount = 0;
  out.askCount = 0;
  const bids = levelsInto(data.bids, tick, lot, out, 'bid', whole);
  return bids.ok ? levelsInto(data.asks, tick, lot, out, 'ask', whole) : bids;
}

/** A snapshot says so, or (a book that was just opened; messages before 2020) has nothing before it. */
function isWhole({ type, prev_change_id: previousId }: JsonObject): boolean {
  if (type === 'snapshot') return true;
  return (type === 'change' && previousId === 0) || (type === undefined && previousId === undefined);
}

/** `[["new" | "change" | "delete", price, amount],…]`, numbers as JSON numbers. */
function levelsInto(
  levels: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
  side: 'bid' | 'ask',
  whole: boolean,
): Parsed<DepthDelta> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  const add = side === 'bid' ? addBid : addAsk;
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level)) return bad(`${side} level ${JSON.stringify(level)}`);
    const [action, price, amount] = level as readonly unknown[];
    const isDelete = action === 'delete' && !whole;
    if (!isDelete && action !== 'new' && (action !== 'change' || whole)) return bad(`${side} level ${JSON.stringify(level)}`);
    const ticks = numberToWholeSteps(price, tick);
    const lots = isDelete ? 0 : numberToWholeSteps(amount, lot);
    if (!(ticks > 0) || !(isDelete || lots > 0)) return bad(offGrid(side, String(price), String(amount), tick, lot));
    add(out, ticks, lots);
  }
  return ok(out);
}

/**
 * An entry of a `trades.{instrument}.100ms` notification, and of `public/get_last_trades_by_instrument`. `trade_seq`
 * counts the instrument's trades without a hole; `trade_id` counts those of all. `direction` is the taker's side; `amount`
 * is USD on inverse contracts, base units on linear ones.
 */
export function tradeFromJson(entry: unknown, kind: InstrumentKind, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { trade_seq: id, direction } = entry;
  const price = numberAbove0(entry.price);
  const amount = numberAbove0(entry.amount);
  const quantity = kind === 'inverse' ? amount / price : amount;
  const tsEvent = toMs(entry.timestamp);
  const known = isId(id) && (direction === 'buy' || direction === 'sell');
  if (!known || Number.isNaN(tsEvent) || !(quantity > 0 && quantity * price < Number.POSITIVE_INFINITY)) {
    return bad(
      `trade trade_seq=${String(id)} price=${String(entry.price)} amount=${String(entry.amount)} direction=${String(direction)} timestamp=${String(entry.timestamp)}`,
    );
  }
  return ok({ id, price, quantity, side: direction, tsEvent, tsReceived });
}

/**
 * The `data` of a `chart.trades.{instrument}.1` notification. `volume` counts base units on every contract. Deribit tells
 * neither trade count nor taker-buy part, and fills periods without a trade.
 */
export function candleFromJson(data: unknown): Parsed<Candle> {
  if (!isObject(data)) return bad('candle that is no object');
  const openTime = toMs(data.tick);
  const [open, high, low, close] = [
    numberAbove0(data.open),
    numberAbove0(data.high),
    numberAbove0(data.low),
    numberAbove0(data.close),
  ];
  const { volume } = data;
  const sound = low <= open && open <= high && low <= close && close <= high;
  if (!sound || Number.isNaN(openTime) || typeof volume !== 'number' || !Number.isFinite(volume) || volume < 0) {
    return bad(`candle ${JSON.stringify(data)}`);
  }
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** The result of `public/get_tradingview_chart_data`, which comes in columns, as rows that `candleFromJson` reads. */
export function candleRows(result: unknown): Parsed<JsonObject[]> {
  if (!isObject(result)) return bad('no result');
  if (result.status === 'no_data') return ok([]);
  const { ticks } = result;
  if (!Array.isArray(ticks)) return bad('candles without ticks');
  const columns = COLUMNS.map((name) => [name, result[name]] as const);
  for (const [name, column] of columns) {
    if (!Array.isArray(column) || column.length !== ticks.length) return bad(`candles: ${name} is not as long as ticks`);
  }
  return ok(
    ticks.map((tick: unknown, row) => ({
      tick,
      ...Object.fromEntries(columns.map(([name, column]) => [name, (column as readonly unknown[])[row]])),
    })),
  );
}
