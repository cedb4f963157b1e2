import { ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import {
  bad,
  deltaLevelsFromJson,
  isId,
  isObject,
  notNegative,
  type Parsed,
  positive,
  textToMs,
} from '../session/wire-values.ts';

/** An entry of a `books` message → `out`. Each level is price, quantity, a dead field, number of orders. */
export function depthFromJson(
  action: unknown,
  entry: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  if (!isObject(entry) || !isId(entry.seqId)) return bad('books message without seqId');
  if (action !== 'snapshot' && action !== 'update') return bad(`books message with action ${String(action)}`);
  const snapshot = action === 'snapshot';
  if (!snapshot && !isId(entry.prevSeqId)) return bad(`books update ${entry.seqId} after ${String(entry.prevSeqId)}`);
  const tsEvent = textToMs(entry.ts);
  if (Number.isNaN(tsEvent)) return bad(`books message ${entry.seqId} with time ${String(entry.ts)}`);
  out.snapshot = snapshot;
  out.firstId = entry.seqId;
  out.finalId = entry.seqId;
  out.previousId = snapshot ? -1 : (entry.prevSeqId as number);
  out.checksum = Number.NaN;
  out.tsEvent = tsEvent;
  return deltaLevelsFromJson(entry.bids, entry.asks, tick, lot, out);
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

/** An entry of `trades-all`, `GET /api/v5/market/trades` and `…/history-trades`. `side` is the taker's. */
export function tradeFromJson(entry: unknown, contract: Contract, tsReceived: number): Parsed<Trade> {
  if (!isObject(entry)) return bad('trade that is no object');
  const { tradeId, px, sz, side, ts } = entry;
  const id = typeof tradeId === 'string' && /^\d{1,16}$/.test(tradeId) ? Number(tradeId) : Number.NaN;
  const price = positive(px);
  const value = stepsToNumber(positive(sz), contract.multiplier);
  const quantity = contract.kind === 'inverse' ? value / price : value;
  const tsEvent = textToMs(ts);
  const known = isId(id) && (side === 'buy' || side === 'sell') && quantity > 0 && quantity < Number.POSITIVE_INFINITY;
  if (!known || !(price > 0) || Number.isNaN(tsEvent)) {
    return bad(`trade tradeId=${String(tradeId)} px=${String(px)} sz=${String(sz)} side=${String(side)} ts=${String(ts)}`);
  }
  return ok({ id, price, quantity, side, tsEvent, tsReceived });
}

/**
 * A row of a candle channel or endpoint: time, open, high, low, close, volume (spot: base, contracts: number of them),
 * turnover (spot: quote, contracts: base), turnover in quote, and whether it is closed. OKX tells neither trade count nor
 * taker-buy part.
 */
export function candleFromRow(row: unknown, kind: InstrumentKind): Parsed<Candle> {
  if (!Array.isArray(row) || row.length < 7) return bad('candle row with fewer than 7 fields');
  const openTime = textToMs(row[0]);
  const [open, high, low, close] = [positive(row[1]), positive(row[2]), positive(row[3]), positive(row[4])];
  const volume = notNegative(kind === 'spot' ? row[5] : row[6]);
  const sound = low <= open && open <= high && low <= close && close <= high && volume >= 0;
  if (!sound || Number.isNaN(openTime)) return bad(`candle row ${JSON.stringify(row.slice(0, 9)).slice(0, 300)}`);
  return ok({ openTime, open, high, low, close, volume, buyVolume: 0, tradeCount: 0, filled: volume === 0 });
}

/** A row of a candle channel, which tells in its ninth field whether it is closed. */
export function klineFromRow(row: unknown, kind: InstrumentKind): Parsed<{ candle: Candle; closed: boolean }> {
  const confirm: unknown = Array.isArray(row) ? row[8] : undefined;
  if (confirm !== '0' && confirm !== '1') return bad('candle without confirm');
  const candle = candleFromRow(row, kind);
  return candle.ok ? ok({ candle: candle.value, closed: confirm === '1' }) : candle;
}
