import { ok } from '../../../core/base/result.ts';
import type { OptionName, OptionSide, OptionTop } from '../../ports/options.ts';
import { bad, isObject, type Parsed, toMs } from '../session/wire-values.ts';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const NAME = /^([A-Z0-9]+(?:_[A-Z0-9]+)?)-(\d{1,2})([A-Z]{3})(\d{2})-(\d{1,9}(?:d\d{1,6})?)-([CP])$/;
const EXPIRY_HOUR = 8;

/** `BTC-27DEC24-100000-C`, `XRP_USDC-30JUN25-0d625-P` (d is the decimal point); undefined for what names no option. */
export function optionOf(venueSymbol: string): OptionName | undefined {
  const match = NAME.exec(venueSymbol);
  if (match === null) return undefined;
  const [, underlying = '', day, month = '', year, strikeText = '', right] = match;
  const expiresAt = Date.UTC(2000 + Number(year), MONTHS.indexOf(month), Number(day), EXPIRY_HOUR);
  const strike = Number(strikeText.replace('d', '.'));
  // 31FEB would be a day in March.
  const isDay = MONTHS.includes(month) && new Date(expiresAt).getUTCDate() === Number(day);
  return isDay && strike > 0 ? { underlying, expiresAt, strike, right: right === 'C' ? 'call' : 'put' } : undefined;
}

/** The `data` of a `quote.{instrument}` notification. Deribit writes null, or 0, for a price that there is not. */
export function quoteFromJson(data: unknown, tsReceived: number): Parsed<OptionTop> {
  if (!isObject(data) || typeof data.instrument_name !== 'string') return bad('quote without an instrument');
  const bid = sideOf(data.best_bid_price, data.best_bid_amount);
  const ask = sideOf(data.best_ask_price, data.best_ask_amount);
  const tsEvent = toMs(data.timestamp);
  const crossed = bid !== undefined && ask !== undefined && bid.price >= ask.price;
  // NaN is the price of a side that could not be read.
  if (Number.isNaN(tsEvent) || Number.isNaN(bid?.price) || Number.isNaN(ask?.price) || crossed) {
    return bad(`quote ${JSON.stringify(data).slice(0, 300)}`);
  }
  return ok({ venueSymbol: data.instrument_name, bid, ask, tsEvent, tsReceived });
}

function sideOf(price: unknown, amount: unknown): OptionSide | undefined {
  const isNone = (value: unknown): boolean => value === null || value === 0;
  if (isNone(price) && isNone(amount)) return undefined;
  const readable = isPositive(price) && isPositive(amount);
  return readable ? { price, amount } : { price: Number.NaN, amount: Number.NaN };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY;
}
