import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { InstrumentKind } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import { idOfText } from '../session/trade-sequence.ts';
import {
  bad,
  deltaLevelsFromJson,
  isId,
  isObject,
  type JsonObject,
  notNegative,
  type Parsed,
  positive,
  textToMs,
  toMs,
} from '../session/wire-values.ts';

/** Sent for the first message after a restart of Bybit's service: whatever its type, it is the whole book. */
const RESTARTED = 1;

/** An `orderbook` message → `out`. The slow path of `DepthParser`: any order of keys, the same checks. */
export function depthFromJson(message: JsonObject, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  const { data, type } = message;
  if (!isObject(data) || !isId(data.u)) return bad('orderbook message without data.u');
  if (type !== 'snapshot' && type !== 'delta') return bad(`orderbook message of type ${String(type)}`);
  // cts is the matching engine's time; ts, when the message was made, is all that older messages have.
  const tsEvent = toMs(message.cts ?? message.ts);
  if (Number.isNaN(tsEvent)) return bad(`orderbook message ${data.u} with time ${String(message.cts ?? message.ts)}`);
  out.snapshot = type === 'snapshot' || data.u === RESTARTED;
  out.firstId = data.u;
  out.finalId = data.u;
  out.tsEvent = tsEvent;
  return deltaLevelsFromJson(data.b, data.a, tick, lot, out);
}

/** An entry of a `publicTrade` message. `S` is the taker's side; `v` counts base units, on inverse contracts USD. */
export function tradeFromJson(entry: unknown, kind: InstrumentKind, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  return tradeFrom(entry.i, entry.p, entry.v, entry.S, toMs(entry.T), kind, tsReceived);
}

/** A row of `GET /v5/market/recent-trade`. */
export function tradeFromRow(row: unknown, kind: InstrumentKind): Parsed<Trade> {
  if (!isObject(row)) return bad('trade row that is no object');
  return tradeFrom(row.execId, row.price, row.size, row.side, textToMs(row.time), kind, 0);
}

function tradeFrom(
  id: unknown,
  priceText: unknown,
  size: unknown,
  side: unknown,
  tsEvent: number,
  kind: InstrumentKind,
  tsReceived: number,
): Parsed<Trade> {
  const price = positive(priceText);
  const amount = positive(size);
  const quantity = kind === 'inverse' ? amount / price : amount;
  const known = typeof id === 'string' && id.length > 0 && (side === 'Buy' || side === 'Sell');
  if (!known || Number.isNaN(price) || Number.isNaN(tsEvent) || !(quantity > 0 && quantity < Number.POSITIVE_INFINITY)) {
    return bad(`trade i=${String(id)} p=${String(priceText)} v=${String(size)} S=${String(side)} T=${tsEvent}`);
  }
  return ok({ id: idOfText(id), price, quantity, side: side === 'Buy' ? 'buy' : 'sell', tsEvent, tsReceived });
}

/** An entry of a `kline` message → the venue's candle and whether it is closed. */
export function klineFromJson(entry: unknown, kind: InstrumentKind): Parsed<{ candle: Candle; closed: boolean }> {
  if (!isObject(entry) || typeof entry.confirm !== 'boolean') return bad('kline without confirm');
  const { open, high, low, close, volume, turnover } = entry;
  const candle = candleFrom(toMs(entry.start), open, high, low, close, volume, turnover, kind);
  return candle.ok ? ok({ candle: candle.value, closed: entry.confirm }) : candle;
}

/** A row of `GET /v5/market/kline`. */
export function candleFromRow(row: unknown, kind: InstrumentKind): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 7) return bad('kline row with fewer than 7 fields');
  return candleFrom(textToMs(row[0]), row[1], row[2], row[3], row[4], row[5], row[6], kind);
}

/** On inverse contracts `volume` counts USD and `turnover` base units. Bybit tells neither trade count nor taker-buy part. */
function candleFrom(
  openTime: number,
  o: unknown,
  h: unknown,
  l: unknown,
  c: unknown,
  v: unknown,
  turnover: unknown,
  kind: InstrumentKind,
): Parsed<Candle> {
  const [open, high, low, close] = [positive(o), positive(h), positive(l), positive(c)];
  const volume = notNegative(kind === 'inverse' ? turnover : v);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) {
    return bad(
      `kline t=${openTime} o=${String(o)} h=${String(h)} l=${String(l)} c=${String(c)} v=${String(v)} turnover=${String(turnover)}`,
    );
  }
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}
