import { type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { VenueErrors } from './errors.ts';
import type { Parsed } from './wire-values.ts';

/** Rows of a REST answer, oldest first → candles that opened in [from, to), each later than the one before. */
export function candlesFromRows(
  what: string,
  rows: unknown,
  read: (row: unknown) => Parsed<Candle>,
  from: number,
  to: number,
  errors: VenueErrors,
): Result<Candle[], VenueFailure> {
  if (!Array.isArray(rows)) return errors.badAnswer(what, 'no list');
  const candles: Candle[] = [];
  for (const row of rows as readonly unknown[]) {
    const candle = read(row);
    if (!candle.ok) return errors.badAnswer(what, candle.error.message);
    const { openTime } = candle.value;
    const previous = candles[candles.length - 1];
    if (openTime < from || openTime >= to || (previous !== undefined && openTime <= previous.openTime)) {
      return errors.badAnswer(what, `open time ${openTime} out of order or range ${from}–${to}`);
    }
    candles.push(candle.value);
  }
  return ok(candles);
}

/** Rows of a REST answer, oldest first → trades. */
export function tradesFromRows(
  what: string,
  rows: unknown,
  read: (row: unknown) => Parsed<Trade>,
  errors: VenueErrors,
): Result<Trade[], VenueFailure> {
  if (!Array.isArray(rows)) return errors.badAnswer(what, 'no list');
  const trades: Trade[] = [];
  for (const row of rows as readonly unknown[]) {
    const trade = read(row);
    if (!trade.ok) return errors.badAnswer(what, trade.error.message);
    trades.push(trade.value);
  }
  return ok(trades);
}
