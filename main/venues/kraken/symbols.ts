import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { stepOfDecimals, trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

/** Kraken's REST names of coins that its WebSocket v2 and we call otherwise. Source: Kraken docs, "Asset naming". */
const REST_NAMES: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' };

export interface KrakenName {
  /** As WebSocket v2 has it, which is ours: `BTC/USD`. */
  readonly venueSymbol: string;
  /** As REST takes it: `XBTUSD`. */
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
}

/** `BTC/USD` → pair XBTUSD. Undefined for a symbol that is not spot. */
export function krakenNameOf(symbol: string): KrakenName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined || coins.settle !== undefined) return undefined;
  const { base, quote } = coins;
  return { venueSymbol: symbol, pair: `${REST_NAMES[base] ?? base}${REST_NAMES[quote] ?? quote}`, base, quote };
}

/**
 * An entry of `GET /0/public/AssetPairs` → Instrument; undefined when it is not `name`, does not trade, or lacks a step.
 * The lot is told as a number of decimals.
 */
export function instrumentFrom(entry: unknown, symbol: string, name: KrakenName): Instrument | undefined {
  if (!isObject(entry) || entry.altname !== name.pair || entry.status !== 'online') return undefined;
  const tickSize = trimmedStep(entry.tick_size) ?? stepOfDecimals(entry.pair_decimals);
  const lotSize = stepOfDecimals(entry.lot_decimals);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  return {
    venue: 'kraken',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: 'spot',
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: trimmedStep(entry.costmin) ?? '0',
    contractMultiplier: '1',
  };
}

const UNIFIED_NAMES = new Map(Object.entries(REST_NAMES).map(([ours, theirs]) => [theirs, ours]));

/** The symbol of an entry, by its `wsname`, which is REST's naming with a slash: `XBT/USD`. */
export function candidateOf({ wsname }: JsonObject): string | undefined {
  const [base = '', quote] = String(wsname).split('/');
  return quote === undefined ? undefined : unifiedSymbol(UNIFIED_NAMES.get(base) ?? base, UNIFIED_NAMES.get(quote) ?? quote);
}
