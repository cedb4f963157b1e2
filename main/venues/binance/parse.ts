import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { baseUnits, type Contract, SPOT_CONTRACT } from './markets.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  deltaLevelsFromJson,
  isId,
  isObject,
  type JsonObject,
  levelsFromJson,
  notNegative,
  type Parsed,
  positive,
  toMs,
} from '../session/wire-values.ts';

/** `depthUpdate` event as JSON → `out`. The slow path of `DepthParser`: any order of keys, the same checks. */
export function depthFromJson(event: JsonObject, tick: DecimalStep, lot: DecimalStep, out: DepthDelta): Parsed<DepthDelta> {
  // Contracts name the diff before.
  const { U: firstId, u: finalId, pu: previousId = -1 } = event;
  const tsEvent = toMs(event.E);
  if (!isId(firstId) || !isId(finalId) || firstId > finalId || (previousId !== -1 && !isId(previousId)))
    return bad(`depth update with ids U=${String(firstId)}, u=${String(finalId)}, pu=${String(previousId)}`);
  if (Number.isNaN(tsEvent)) return bad(`depth update ${finalId} with event time ${String(event.E)}`);
  out.firstId = firstId;
  out.finalId = finalId;
  out.previousId = previousId;
  out.tsEvent = tsEvent;
  return deltaLevelsFromJson(event.b, event.a, tick, lot, out);
}

/** Answer of a market's `depth`. */
export function snapshotFromJson(answer: unknown, tick: DecimalStep, lot: DecimalStep): Parsed<DepthSnapshot> {
  if (!isObject(answer) || !isId(answer.lastUpdateId)) return bad('depth snapshot without lastUpdateId');
  const bids = levelsFromJson(answer.bids, tick, lot, 'bid');
  if (!bids.ok) return bids;
  const asks = levelsFromJson(answer.asks, tick, lot, 'ask');
  if (!asks.ok) return asks;
  return ok({ lastUpdateId: answer.lastUpdateId, bids: bids.value, asks: asks.value });
}

/** Whether a `trade` event was made in the book: contracts also report what insurance fund and auto-deleveraging took over. */
export function isMarketTrade(event: JsonObject): boolean {
  return event.X === undefined || event.X === 'MARKET';
}

/** `trade` event → Trade. `m` true: the buyer was the maker, so the taker sold. */
export function tradeFromJson(event: JsonObject, tsReceived: number, contract: Contract = SPOT_CONTRACT): Parsed<Trade> {
  const price = positive(event.p);
  const quantity = baseUnits(positive(event.q), price, contract);
  const tsEvent = toMs(event.T);
  if (
    !isId(event.t) ||
    Number.isNaN(price) ||
    !(quantity > 0 && quantity < Number.POSITIVE_INFINITY) ||
    Number.isNaN(tsEvent) ||
    typeof event.m !== 'boolean'
  ) {
    return bad(`trade t=${String(event.t)} p=${String(event.p)} q=${String(event.q)} T=${String(event.T)} m=${String(event.m)}`);
  }
  return ok({ id: event.t, price, quantity, side: event.m ? 'sell' : 'buy', tsEvent, tsReceived });
}

/** A row of a market's `trades`. */
export function tradeFromRow(row: unknown, contract: Contract = SPOT_CONTRACT): Parsed<Trade> {
  if (!isObject(row)) return bad('trade row that is no object');
  return tradeFromJson({ t: row.id, p: row.price, q: row.qty, T: row.time, m: row.isBuyerMaker }, 0, contract);
}

/** `kline` event → the venue's candle and whether it is closed. */
export function klineFromEvent(
  event: JsonObject,
  contract: Contract = SPOT_CONTRACT,
): Parsed<{ candle: Candle; closed: boolean }> {
  const kline = event.k;
  if (!isObject(kline) || typeof kline.x !== 'boolean') return bad('kline event without k');
  // COIN-M: v and V count contracts, q and Q base units.
  const [volume, takerBuy] = contract.kind === 'inverse' ? [kline.q, kline.Q] : [kline.v, kline.V];
  const candle = candleFrom(kline.t, kline.o, kline.h, kline.l, kline.c, volume, takerBuy, kline.n);
  return candle.ok ? ok({ candle: candle.value, closed: kline.x }) : candle;
}

/** A row of a market's `klines`. */
export function candleFromRow(row: unknown, contract: Contract = SPOT_CONTRACT): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 11) return bad('kline row with fewer than 11 fields');
  const [volume, takerBuy] = contract.kind === 'inverse' ? [row[7], row[10]] : [row[5], row[9]];
  return candleFrom(row[0], row[1], row[2], row[3], row[4], volume, takerBuy, row[8]);
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
