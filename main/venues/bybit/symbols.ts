import { coinsOf, type Instrument, type InstrumentKind } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

/** Bybit's `category`: our instrument kinds by the same names. */
export interface BybitName {
  readonly kind: InstrumentKind;
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/**
 * `BTC/USDT` → spot BTCUSDT, `BTC/USDT:USDT` → linear BTCUSDT, `BTC/USDC:USDC` → linear BTCPERP, `BTC/USD:BTC` → inverse
 * BTCUSD. Undefined for anything else.
 */
export function bybitNameOf(symbol: string): BybitName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined) return undefined;
  const { base, quote, settle } = coins;
  if (settle === undefined) return { kind: 'spot', venueSymbol: `${base}${quote}`, base, quote };
  if (settle === quote) return { kind: 'linear', venueSymbol: quote === 'USDC' ? `${base}PERP` : `${base}${quote}`, base, quote };
  return settle === base && quote === 'USD' ? { kind: 'inverse', venueSymbol: `${base}${quote}`, base, quote } : undefined;
}

const CONTRACT_TYPES: Readonly<Record<string, InstrumentKind>> = { LinearPerpetual: 'linear', InversePerpetual: 'inverse' };

/**
 * An entry of `GET /v5/market/instruments-info` → Instrument; undefined when it is not `name`, does not trade, or lacks a
 * step. A contract is worth one base unit (linear) or one USD (inverse), so the multiplier is 1: quantities of an inverse
 * book are USD as they stand.
 */
export function instrumentFrom(entry: unknown, symbol: string, name: BybitName): Instrument | undefined {
  if (!isObject(entry) || entry.symbol !== name.venueSymbol || entry.status !== 'Trading') return undefined;
  if (entry.baseCoin !== name.base || entry.quoteCoin !== name.quote) return undefined;
  if (name.kind !== 'spot' && CONTRACT_TYPES[String(entry.contractType)] !== name.kind) return undefined;
  const lots: JsonObject = isObject(entry.lotSizeFilter) ? entry.lotSizeFilter : {};
  const tickSize = trimmedStep(isObject(entry.priceFilter) ? entry.priceFilter.tickSize : undefined);
  const lotSize = trimmedStep(name.kind === 'spot' ? lots.basePrecision : lots.qtyStep);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  // The smallest inverse order is told in contracts, which are USD; linear ones tell no smallest value on old listings.
  const least =
    name.kind === 'spot' ? lots.minOrderAmt : (lots.minNotionalValue ?? (name.kind === 'inverse' ? lots.minOrderQty : '0'));
  return {
    venue: 'bybit',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: name.kind,
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: trimmedStep(least) ?? '0',
    contractMultiplier: '1',
  };
}

/** The symbol of an entry, by its coins. Spot entries have no `settleCoin`. */
export function candidateOf({ baseCoin, quoteCoin, settleCoin }: JsonObject): string | undefined {
  return unifiedSymbol(baseCoin, quoteCoin, settleCoin);
}
