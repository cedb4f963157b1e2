import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { stepOfDecimals } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface HtxName {
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/** `ETH/USDT` → ethusdt. Undefined for a symbol that is not spot. */
export function htxNameOf(symbol: string): HtxName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined || coins.settle !== undefined) return undefined;
  const { base, quote } = coins;
  return { venueSymbol: `${base}${quote}`.toLowerCase(), base, quote };
}

/**
 * An entry of `GET /v1/settings/common/market-symbols` → Instrument; undefined when it is not `name`, does not trade, or lacks
 * a precision. `pp` counts the decimals of prices, `ap` those of quantities; `minov` is the least value of an order.
 */
export function instrumentFrom(entry: unknown, symbol: string, name: HtxName): Instrument | undefined {
  if (!isObject(entry) || entry.symbol !== name.venueSymbol || entry.state !== 'online') return undefined;
  // Names run together (`btcusdt`), so which part is which is told by these.
  if (entry.bc !== name.base.toLowerCase() || entry.qc !== name.quote.toLowerCase()) return undefined;
  const tickSize = stepOfDecimals(entry.pp);
  const lotSize = stepOfDecimals(entry.ap);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  const { minov } = entry;
  return {
    venue: 'htx',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: 'spot',
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: typeof minov === 'number' && /^\d+(\.\d+)?$/.test(String(minov)) ? String(minov) : '0',
    contractMultiplier: '1',
  };
}

/** The symbol of an entry, by its coins. */
export function candidateOf({ bc, qc }: JsonObject): string | undefined {
  return typeof bc === 'string' && typeof qc === 'string' ? unifiedSymbol(bc.toUpperCase(), qc.toUpperCase()) : undefined;
}
