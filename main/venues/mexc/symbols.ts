import { coinsOf, type Instrument, type InstrumentKind } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { stepOfDecimals, trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface MexcName {
  readonly kind: InstrumentKind;
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/**
 * `BTC/USDT` → spot BTCUSDT, `BTC/USDT:USDT` → linear BTC_USDT, `BTC/USD:BTC` → inverse BTC_USD. Undefined for anything
 * else.
 */
export function mexcNameOf(symbol: string): MexcName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined) return undefined;
  const { base, quote, settle } = coins;
  if (settle === undefined) return { kind: 'spot', venueSymbol: `${base}${quote}`, base, quote };
  if (settle !== quote && settle !== base) return undefined;
  return { kind: settle === quote ? 'linear' : 'inverse', venueSymbol: `${base}_${quote}`, base, quote };
}

export function instrumentFrom(entry: unknown, symbol: string, name: MexcName): Instrument | undefined {
  return name.kind === 'spot' ? spotFrom(entry, symbol, name) : contractFrom(entry, symbol, name);
}

/**
 * An entry of `GET /api/v3/exchangeInfo`; undefined when it is not `name`, does not trade, or lacks a step. The steps are
 * told as numbers of decimals (`quotePrecision`, `baseAssetPrecision`), the least value of an order by
 * `quoteAmountPrecision`.
 */
function spotFrom(entry: unknown, symbol: string, { venueSymbol, base, quote }: MexcName): Instrument | undefined {
  if (!isObject(entry) || entry.symbol !== venueSymbol || entry.baseAsset !== base || entry.quoteAsset !== quote)
    return undefined;
  // `1` is online, `2` paused, `3` offline; before 2024 it was ENABLED.
  if ((entry.status !== '1' && entry.status !== 'ENABLED') || entry.isSpotTradingAllowed === false) return undefined;
  const tickSize = stepOfDecimals(decimalsOf(entry.quotePrecision));
  const lotSize = stepOfDecimals(decimalsOf(entry.baseAssetPrecision));
  if (tickSize === undefined || lotSize === undefined) return undefined;
  const minNotional = trimmedStep(entry.quoteAmountPrecision) ?? '0';
  return {
    venue: 'mexc',
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
 * An entry of `GET /api/v1/contract/detail`. Contracts are worth `contractSize` base units (linear) or quote units
 * (inverse); quantities on the wire count contracts. MEXC names a smallest number of contracts, which is a value for
 * inverse ones only.
 */
function contractFrom(entry: unknown, symbol: string, name: MexcName): Instrument | undefined {
  const { kind, venueSymbol, base, quote } = name;
  if (!isObject(entry) || entry.symbol !== venueSymbol || entry.baseCoin !== base || entry.quoteCoin !== quote) return undefined;
  if (entry.settleCoin !== (kind === 'linear' ? quote : base) || entry.state !== 0) return undefined;
  const tickSize = trimmedStep(decimalText(entry.priceUnit));
  const lotSize = trimmedStep(decimalText(entry.volUnit));
  const contractMultiplier = trimmedStep(decimalText(entry.contractSize));
  if (tickSize === undefined || lotSize === undefined || contractMultiplier === undefined) return undefined;
  const least = kind === 'inverse' ? Number(contractMultiplier) * Number(entry.minVol) : 0;
  const minNotional = trimmedStep(decimalText(least)) ?? '0';
  return { venue: 'mexc', symbol, venueSymbol, kind, base, quote, tickSize, lotSize, minNotional, contractMultiplier };
}

/** MEXC writes a number of decimals as a number or as text. */
function decimalsOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value;
}

/** MEXC writes contracts' steps as JSON numbers; those below 10⁻⁶ would read with an exponent. */
function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const text = String(value);
  return text.includes('e') ? value.toFixed(18) : text;
}

/** The symbol of an entry, by its coins, which spot and contracts call otherwise. */
export function candidateOf({ baseAsset, quoteAsset, baseCoin, quoteCoin, settleCoin }: JsonObject): string | undefined {
  return unifiedSymbol(baseAsset, quoteAsset) ?? unifiedSymbol(baseCoin, quoteCoin, settleCoin);
}
