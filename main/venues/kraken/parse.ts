import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, textToSteps } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { addAsk, addBid, type DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  isId,
  isObject,
  notNegative,
  offGrid,
  type Parsed,
  parseJson,
  positive,
  secondsToMs,
} from '../session/wire-values.ts';
import type { WireDecimals } from './book-checksum.ts';

/** A number that is a value of a key, up to the comma or bracket behind it. Inside a text no such thing stands. */
const NUMBER_VALUE = /("(?:price|qty|open|high|low|close|volume|vwap)":\s*)(-?\d[\d.eE+-]*)(?=\s*[,}])/g;

/** JSON whose decimal numbers become texts: a double would forget the zeros at their end and the digits beyond its own. */
export function parseExact(text: string): unknown {
  return parseJson(text.replace(NUMBER_VALUE, '$1"$2"'));
}

const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/** RFC 3339 → microseconds since the epoch; NaN for anything else. */
export function isoToMicros(time: unknown): number {
  const match = typeof time === 'string' ? ISO_TIME.exec(time) : null;
  if (match === null) return Number.NaN;
  return Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

/**
 * An entry of a `book` message, read by `parseExact`, → `out`; `decimals` learns how many the venue writes. The time in
 * microseconds stands for the ids that Kraken does not have.
 */
export function depthFromJson(
  type: unknown,
  entry: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  decimals: WireDecimals,
  tsReceived: number,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (type !== 'snapshot' && type !== 'update') return bad(`book message of type ${String(type)}`);
  if (!isObject(entry) || !isId(entry.checksum)) return bad('book message without checksum');
  const snapshot = type === 'snapshot';
  // Snapshots carried no time at first.
  const micros = snapshot && entry.timestamp === undefined ? 0 : isoToMicros(entry.timestamp);
  if (Number.isNaN(micros)) return bad(`book message with time ${String(entry.timestamp)}`);
  out.snapshot = snapshot;
  out.firstId = micros;
  out.finalId = micros;
  out.previousId = -1;
  out.checksum = entry.checksum;
  out.tsEvent = micros === 0 ? tsReceived : Math.floor(micros / 1000);
  out.bidCount = 0;
  out.askCount = 0;
  if (snapshot) {
    decimals.price = 0;
    decimals.quantity = 0;
  }
  const bids = addLevels(entry.bids, 'bid', addBid, tick, lot, decimals, out);
  return bids.ok ? addLevels(entry.asks, 'ask', addAsk, tick, lot, decimals, out) : bids;
}

function addLevels(
  levels: unknown,
  side: string,
  add: (out: DepthDelta, ticks: number, lots: number) => void,
  tick: DecimalStep,
  lot: DecimalStep,
  decimals: WireDecimals,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  for (const level of levels as readonly unknown[]) {
    if (!isObject(level) || typeof level.price !== 'string' || typeof level.qty !== 'string') {
      return bad(`${side} level ${JSON.stringify(level)}`);
    }
    const { price, qty } = level;
    const ticks = textToSteps(plain(price, tick), tick);
    const lots = textToSteps(plain(qty, lot), lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, price, qty, tick, lot));
    decimals.price = Math.max(decimals.price, decimalsOf(price));
    if (lots > 0) decimals.quantity = Math.max(decimals.quantity, decimalsOf(qty));
    add(out, ticks, lots);
  }
  return ok(out);
}

/** `1e-5` is a number in JSON, too. */
function plain(text: string, { decimals }: DecimalStep): string {
  return /^\d[\d.]*[eE][+-]?\d{1,3}$/.test(text) ? Number(text).toFixed(decimals) : text;
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 || /[eE]/.test(text) ? 0 : text.length - point - 1;
}

/** An entry of a `trade` message, read by `parseExact`. `side` is the taker's. */
export function tradeFromJson(entry: unknown, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  return tradeFrom(entry.trade_id, entry.price, entry.qty, entry.side, isoToMicros(entry.timestamp) / 1000, tsReceived);
}

/** A row of `GET /0/public/Trades`: price, volume, seconds, `b` or `s`, order type, nothing, id. */
export function tradeFromRow(row: unknown): Parsed<Trade> {
  if (!Array.isArray(row) || row.length < 7) return bad('trade row with fewer than 7 fields');
  const side = row[3] === 'b' ? 'buy' : row[3] === 's' ? 'sell' : undefined;
  return tradeFrom(row[6], row[0], row[1], side, secondsToMs(row[2]), 0);
}

function tradeFrom(id: unknown, px: unknown, qty: unknown, side: unknown, ms: number, tsReceived: number): Parsed<Trade> {
  const price = positive(px);
  const quantity = positive(qty);
  if (!isId(id) || !(price > 0) || !(quantity > 0) || (side !== 'buy' && side !== 'sell') || Number.isNaN(ms)) {
    return bad(`trade ${String(id)} price=${String(px)} qty=${String(qty)} side=${String(side)} at ${ms}`);
  }
  return ok({ id, price, quantity, side, tsEvent: Math.floor(ms), tsReceived });
}

/** An entry of an `ohlc` message, read by `parseExact`. Kraken does not say when a candle is closed. */
export function klineFromJson(entry: unknown): Parsed<Candle> {
  if (!isObject(entry)) return bad('candle that is no object');
  const { open, high, low, close, volume, trades } = entry;
  return candleFrom(isoToMicros(entry.interval_begin) / 1000, open, high, low, close, volume, trades);
}

/** A row of `GET /0/public/OHLC`: seconds, open, high, low, close, vwap, volume, count. */
export function candleFromRow(row: unknown): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 8) return bad('candle row with fewer than 8 fields');
  return candleFrom(secondsToMs(row[0]), row[1], row[2], row[3], row[4], row[6], row[7]);
}

/** Kraken does not tell the taker-buy part: with a count and no buys it would read as sells, so neither is told. */
function candleFrom(
  openTime: number,
  o: unknown,
  h: unknown,
  l: unknown,
  c: unknown,
  v: unknown,
  trades: unknown,
): Parsed<Candle> {
  const [open, high, low, close] = [positive(o), positive(h), positive(l), positive(c)];
  const volume = notNegative(v);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || !isId(openTime) || !isId(trades)) {
    return bad(
      `candle t=${openTime} o=${String(o)} h=${String(h)} l=${String(l)} c=${String(c)} v=${String(v)} n=${String(trades)}`,
    );
  }
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
