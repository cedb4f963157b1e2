import { coinsOf, type Instrument, type InstrumentKind } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface KucoinName {
  readonly kind: InstrumentKind;
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
  /** KuCoin's own name of the base coin: its futures call Bitcoin XBT. */
  readonly venueBase: string;
}

/**
 * `BTC/USDT` → spot BTC-USDT, `BTC/USDT:USDT` → linear XBTUSDTM, `BTC/USD:BTC` → inverse XBTUSDM. Undefined for anything else.
 */
export function kucoinNameOf(symbol: string): KucoinName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined) return undefined;
  const { base, quote, settle } = coins;
  if (settle === undefined) return { kind: 'spot', venueSymbol: `${base}-${quote}`, base, quote, venueBase: base };
  if (settle !== quote && settle !== base) return undefined;
  const venueBase = base === 'BTC' ? 'XBT' : base;
  return { kind: settle === quote ? 'linear' : 'inverse', venueSymbol: `${venueBase}${quote}M`, base, quote, venueBase };
}

export function instrumentFrom(entry: unknown, symbol: string, name: KucoinName): Instrument | undefined {
  return name.kind === 'spot' ? spotFrom(entry, symbol, name) : contractFrom(entry, symbol, name);
}

/** Answer of `GET /api/v2/symbols/{symbol}`; undefined when it is not `name`, does not trade, or lacks a step. */
function spotFrom(entry: unknown, symbol: string, { venueSymbol, base, quote }: KucoinName): Instrument | undefined {
  if (!isObject(entry) || entry.symbol !== venueSymbol || entry.enableTrading !== true) return undefined;
  const tickSize = trimmedStep(entry.priceIncrement);
  const lotSize = trimmedStep(entry.baseIncrement);
  if (tickSize === undefined || lotSize === undefined) return undefined;
  const minNotional = trimmedStep(entry.minFunds) ?? '0';
  return {
    venue: 'kucoin',
    symbol,
    venueSymbol,
    kind: 'spot',
    base,
    quote,
    tickSize,
    lotSize,
    minNotional,
    contractMultiplier: '1',
  };
}

/**
 * Answer of `GET /api/v1/contracts/{symbol}`. A contract is worth `multiplier` base units (linear) or, with the sign turned,
 * quote units (inverse); quantities on the wire count contracts. The smallest order is told in contracts, which are a
 * value for inverse ones only.
 */
function contractFrom(entry: unknown, symbol: string, name: KucoinName): Instrument | undefined {
  const { kind, venueSymbol, base, quote, venueBase } = name;
  const isInverse = kind === 'inverse';
  if (!isObject(entry) || entry.symbol !== venueSymbol || entry.status !== 'Open' || entry.isInverse !== isInverse)
    return undefined;
  if (entry.baseCurrency !== venueBase || entry.quoteCurrency !== quote) return undefined;
  // FFWCSX is a perpetual; dated ones have another type.
  if (entry.type !== 'FFWCSX' || entry.settleCurrency !== (isInverse ? venueBase : quote)) return undefined;
  const multiplier = Number(entry.multiplier) * (isInverse ? -1 : 1);
  const tickSize = trimmedStep(decimalText(entry.tickSize));
  const lotSize = trimmedStep(decimalText(entry.lotSize));
  const contractMultiplier = trimmedStep(decimalText(multiplier));
  if (tickSize === undefined || lotSize === undefined || contractMultiplier === undefined) return undefined;
  const minNotional = isInverse ? (trimmedStep(decimalText(multiplier * Number(lotSize))) ?? '0') : '0';
  return { venue: 'kucoin', symbol, venueSymbol, kind, base, quote, tickSize, lotSize, minNotional, contractMultiplier };
}

/** The futures write steps as JSON numbers; those below 10⁻⁶ would read with an exponent. */
function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const text = String(value);
  return text.includes('e') ? value.toFixed(18) : text;
}

/** The symbol of an entry: by the venue's symbol of spot, whose coins may have been renamed since, and by a contract's coins. */
export function candidateOf(entry: JsonObject): string | undefined {
  if (entry.settleCurrency === undefined) {
    const [base, quote] = String(entry.symbol).split('-');
    return unifiedSymbol(base, quote);
  }
  const unified = (coin: unknown): unknown => (coin === 'XBT' ? 'BTC' : coin);
  return unifiedSymbol(unified(entry.baseCurrency), entry.quoteCurrency, unified(entry.settleCurrency));
}
