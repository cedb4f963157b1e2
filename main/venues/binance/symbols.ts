import { type Result, ok } from '../../../core/base/result.ts';
import { coinsOf, type Instrument, type InstrumentKind } from '../../../core/market/instrument.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';

export interface BinanceName {
  readonly kind: InstrumentKind;
  readonly venueSymbol: string;
}

/**
 * `ETH/USDT` → spot ETHUSDT, `ETH/USDT:USDT` → linear ETHUSDT (USD-M), `BTC/USD:BTC` → inverse BTCUSD_PERP (COIN-M). Undefined for
 * anything else: dated contracts are not followed.
 */
export function binanceNameOf(symbol: string): BinanceName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined) return undefined;
  const { base, quote, settle: margin } = coins;
  if (margin === undefined) return { kind: 'spot', venueSymbol: `${base}${quote}` };
  if (margin === quote) return { kind: 'linear', venueSymbol: `${base}${quote}` };
  return margin === base && quote === 'USD' ? { kind: 'inverse', venueSymbol: `${base}${quote}_PERP` } : undefined;
}

/**
 * Answer of a market's `exchangeInfo` → the instruments of `symbols`, all of `kind`, in their order. Only what trades counts; of
 * contracts only perpetuals.
 */
export function instrumentsFrom(
  answer: unknown,
  symbols: readonly string[],
  kind: InstrumentKind = 'spot',
): Result<Instrument[], VenueFailure> {
  if (!isObject(answer) || !Array.isArray(answer.symbols)) return ERRORS.badAnswer('exchangeInfo', 'no list of symbols');
  const entries = new Map<string, JsonObject>();
  for (const entry of answer.symbols as readonly unknown[]) {
    const symbol = isObject(entry) && trades(entry, kind) ? candidateOf(entry) : undefined;
    if (symbol !== undefined) entries.set(symbol, entry as JsonObject);
  }
  const missing = symbols.filter((symbol) => !entries.has(symbol));
  if (missing.length > 0) return ERRORS.unknownSymbol(missing);
  const instruments: Instrument[] = [];
  for (const symbol of symbols) {
    const instrument = instrumentOf(entries.get(symbol) as JsonObject, symbol, kind);
    if (instrument === undefined)
      return ERRORS.badAnswer('exchangeInfo', `${symbol}: no usable PRICE_FILTER, LOT_SIZE, NOTIONAL or contractSize`);
    instruments.push(instrument);
  }
  return ok(instruments);
}

/** The symbol of an entry, by its coins. Spot entries have no `marginAsset`. */
export function candidateOf({ baseAsset, quoteAsset, marginAsset }: JsonObject): string | undefined {
  return unifiedSymbol(baseAsset, quoteAsset, marginAsset);
}

/** An entry of a market's `exchangeInfo`; undefined when it is not `name`, does not trade, is no perpetual, or lacks a filter. */
export function instrumentFrom(entry: JsonObject, symbol: string, { kind, venueSymbol }: BinanceName): Instrument | undefined {
  return entry.symbol === venueSymbol && trades(entry, kind) ? instrumentOf(entry, symbol, kind) : undefined;
}

function trades(entry: JsonObject, kind: InstrumentKind): boolean {
  if ((entry.status ?? entry.contractStatus) !== 'TRADING') return false;
  return kind === 'spot' ? entry.marginAsset === undefined : entry.contractType === 'PERPETUAL';
}

function instrumentOf(entry: JsonObject, symbol: string, kind: InstrumentKind): Instrument | undefined {
  const tickSize = trimmedStep(filterValue(entry, 'PRICE_FILTER', 'tickSize'));
  const lotSize = trimmedStep(filterValue(entry, 'LOT_SIZE', 'stepSize'));
  // Dollars a contract. A linear contract counts coins.
  const contractMultiplier = kind === 'inverse' ? trimmedStep(String(entry.contractSize)) : '1';
  // NOTIONAL replaced MIN_NOTIONAL in 2023; both carry minNotional on spot. A COIN-M order is at least one contract.
  const minNotional =
    kind === 'inverse'
      ? contractMultiplier
      : trimmedStep(
          kind === 'linear'
            ? filterValue(entry, 'MIN_NOTIONAL', 'notional')
            : (filterValue(entry, 'NOTIONAL', 'minNotional') ?? filterValue(entry, 'MIN_NOTIONAL', 'minNotional')),
        );
  if (tickSize === undefined || lotSize === undefined || typeof entry.symbol !== 'string') return undefined;
  if (minNotional === undefined || contractMultiplier === undefined) return undefined;
  return {
    venue: 'binance',
    symbol,
    venueSymbol: entry.symbol,
    kind,
    base: String(entry.baseAsset),
    quote: String(entry.quoteAsset),
    tickSize,
    lotSize,
    minNotional,
    contractMultiplier,
  };
}

function filterValue(entry: JsonObject, type: string, key: string): string | undefined {
  const filters = Array.isArray(entry.filters) ? (entry.filters as readonly unknown[]) : [];
  const filter = filters.find((candidate) => isObject(candidate) && candidate.filterType === type);
  const value = isObject(filter) ? filter[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
