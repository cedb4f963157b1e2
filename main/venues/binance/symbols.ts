import { type Result, ok } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';

/** `ETH/USDT` → `ETHUSDT`. Undefined for a symbol that is not spot (`ETH/USDT:USDT`). */
export function venueSymbolOf(symbol: string): string | undefined {
  const match = /^([A-Z0-9]+)\/([A-Z0-9]+)$/.exec(symbol);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}

/** Answer of `GET /api/v3/exchangeInfo` → the instruments of `symbols`, in their order. Only symbols in status TRADING count. */
export function instrumentsFrom(answer: unknown, symbols: readonly string[]): Result<Instrument[], VenueFailure> {
  if (!isObject(answer) || !Array.isArray(answer.symbols)) return ERRORS.badAnswer('exchangeInfo', 'no list of symbols');
  const entries = new Map<string, JsonObject>();
  for (const entry of answer.symbols as readonly unknown[]) {
    if (isObject(entry) && entry.status === 'TRADING')
      entries.set(`${String(entry.baseAsset)}/${String(entry.quoteAsset)}`, entry);
  }
  const missing = symbols.filter((symbol) => !entries.has(symbol));
  if (missing.length > 0) return ERRORS.unknownSymbol(missing);
  const instruments: Instrument[] = [];
  for (const symbol of symbols) {
    const instrument = instrumentFrom(entries.get(symbol) as JsonObject, symbol);
    if (instrument === undefined)
      return ERRORS.badAnswer('exchangeInfo', `${symbol}: no usable PRICE_FILTER, LOT_SIZE or NOTIONAL`);
    instruments.push(instrument);
  }
  return ok(instruments);
}

function instrumentFrom(entry: JsonObject, symbol: string): Instrument | undefined {
  const tickSize = trimmedStep(filterValue(entry, 'PRICE_FILTER', 'tickSize'));
  const lotSize = trimmedStep(filterValue(entry, 'LOT_SIZE', 'stepSize'));
  // NOTIONAL replaced MIN_NOTIONAL in 2023; both carry minNotional.
  const minNotional = trimmedStep(
    filterValue(entry, 'NOTIONAL', 'minNotional') ?? filterValue(entry, 'MIN_NOTIONAL', 'minNotional'),
  );
  if (tickSize === undefined || lotSize === undefined || minNotional === undefined || typeof entry.symbol !== 'string')
    return undefined;
  return {
    venue: 'binance',
    symbol,
    venueSymbol: entry.symbol,
    kind: 'spot',
    base: String(entry.baseAsset),
    quote: String(entry.quoteAsset),
    tickSize,
    lotSize,
    minNotional,
    contractMultiplier: '1',
  };
}

function filterValue(entry: JsonObject, type: string, key: string): string | undefined {
  const filters = Array.isArray(entry.filters) ? (entry.filters as readonly unknown[]) : [];
  const filter = filters.find((candidate) => isObject(candidate) && candidate.filterType === type);
  const value = isObject(filter) ? filter[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
