import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { stepOfDecimals, trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface GateName {
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/** `ETH/USDT` → ETH_USDT. Undefined for a symbol that is not spot. */
export function gateNameOf(symbol: string): GateName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined || coins.settle !== undefined) return undefined;
  const { base, quote } = coins;
  return { venueSymbol: `${base}_${quote}`, base, quote };
}

/**
 * Answer of `GET /api/v4/spot/currency_pairs/{pair}` → Instrument; undefined when it is not `name`, cannot be both bought
 * and sold, or lacks a precision. `precision` counts the decimals of prices, `amount_precision` those of quantities.
 */
export function instrumentFrom(entry: unknown, symbol: string, name: GateName): Instrument | undefined {
  if (!isObject(entry) || entry.id !== name.venueSymbol || entry.trade_status !== 'tradable') return undefined;
  if (entry.base !== name.base || entry.quote !== name.quote) return undefined;
  const tickSize = stepOfDecimals(entry.precision);
  const lotSize = stepOfDecimals(entry.amount_precision);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  return {
    venue: 'gate',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: 'spot',
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: trimmedStep(entry.min_quote_amount) ?? '0',
    contractMultiplier: '1',
  };
}

/** The symbol of an entry, by its coins. */
export function candidateOf({ base, quote }: JsonObject): string | undefined {
  return unifiedSymbol(base, quote);
}
