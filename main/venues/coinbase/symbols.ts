import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface CoinbaseName {
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/** `BTC/USD` → BTC-USD. Undefined for a symbol that is not spot. */
export function coinbaseNameOf(symbol: string): CoinbaseName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined || coins.settle !== undefined) return undefined;
  const { base, quote } = coins;
  return { venueSymbol: `${base}-${quote}`, base, quote };
}

/**
 * Answer of `GET /api/v3/brokerage/market/products/{id}` → Instrument; undefined when it is not `name`, does not trade, or
 * lacks a step. A product with an `alias` (BTC-USDC: BTC-USD) has no book of its own: the stream sends the other's, under the
 * other's name.
 */
export function instrumentFrom(product: unknown, symbol: string, name: CoinbaseName): Instrument | undefined {
  if (!isObject(product) || product.product_id !== name.venueSymbol || product.product_type !== 'SPOT') return undefined;
  if (product.base_currency_id !== name.base || product.quote_currency_id !== name.quote) return undefined;
  if (product.status !== 'online' || product.is_disabled === true || product.trading_disabled === true) return undefined;
  if (typeof product.alias === 'string' && product.alias !== '') return undefined;
  const tickSize = trimmedStep(product.price_increment ?? product.quote_increment);
  const lotSize = trimmedStep(product.base_increment);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  return {
    venue: 'coinbase',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: 'spot',
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: trimmedStep(product.quote_min_size) ?? '0',
    contractMultiplier: '1',
  };
}

/** The symbol of a product, by its coins. */
export function candidateOf({ base_currency_id, quote_currency_id }: JsonObject): string | undefined {
  return unifiedSymbol(base_currency_id, quote_currency_id);
}
