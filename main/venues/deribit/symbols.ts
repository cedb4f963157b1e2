import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface DeribitName {
  readonly kind: 'linear' | 'inverse';
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
  /** What Deribit lists the instrument under. */
  readonly settlement: string;
}

/**
 * `BTC/USD:BTC` → inverse BTC-PERPETUAL, `SOL/USDC:USDC` → linear SOL_USDC-PERPETUAL. Undefined for anything else: spot,
 * dated futures and options are not followed.
 */
export function deribitNameOf(symbol: string): DeribitName | undefined {
  const coins = coinsOf(symbol);
  if (coins?.settle === undefined) return undefined;
  const { base, quote, settle: settlement } = coins;
  if (settlement === base && quote === 'USD')
    return { kind: 'inverse', venueSymbol: `${base}-PERPETUAL`, base, quote, settlement };
  if (settlement === quote) return { kind: 'linear', venueSymbol: `${base}_${quote}-PERPETUAL`, base, quote, settlement };
  return undefined;
}

const FUTURE_TYPES: Readonly<Record<DeribitName['kind'], string>> = { linear: 'linear', inverse: 'reversed' };

/**
 * An entry of `public/get_instruments` → Instrument; undefined when it is not `name`, does not trade, or lacks a step.
 *
 * Deribit's amounts are not contracts: on an inverse perpetual they count USD (a contract is `contract_size` = 10 USD and
 * amounts are whole multiples of it), on a linear one base coins. The multiplier is therefore 1 in both, and the contract
 * size is the lot: `kind: 'inverse'`, `contractMultiplier: '1'`, `lotSize: '10'` read "quantities are USD in steps of 10".
 */
export function instrumentFrom(entry: unknown, symbol: string, name: DeribitName): Instrument | undefined {
  if (!isObject(entry) || entry.instrument_name !== name.venueSymbol || entry.is_active !== true) return undefined;
  if (entry.base_currency !== name.base || entry.quote_currency !== name.quote) return undefined;
  if (entry.settlement_period !== 'perpetual' || entry.instrument_type !== FUTURE_TYPES[name.kind]) return undefined;
  const tickSize = trimmedStep(decimalText(entry.tick_size));
  const lotSize = trimmedStep(decimalText(entry.contract_size));
  if (tickSize === undefined || lotSize === undefined) return undefined;
  return {
    venue: 'deribit',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: name.kind,
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    // An amount of USD is a notional; for linear contracts Deribit tells the least amount of coins, but no least value.
    minNotional: (name.kind === 'inverse' ? trimmedStep(decimalText(entry.min_trade_amount)) : undefined) ?? '0',
    contractMultiplier: '1',
  };
}

/** Deribit writes steps as JSON numbers; those below 10⁻⁶ would read with an exponent. */
function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const text = String(value);
  return text.includes('e') ? value.toFixed(18) : text;
}

/** The symbol of an entry, by its coins. */
export function candidateOf({ base_currency, quote_currency, settlement_currency }: JsonObject): string | undefined {
  return unifiedSymbol(base_currency, quote_currency, settlement_currency);
}
