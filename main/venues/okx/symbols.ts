import { coinsOf, type Instrument, type InstrumentKind } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';
import { trimmedStep } from '../session/steps.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';

export interface OkxName {
  readonly kind: InstrumentKind;
  readonly instType: 'SPOT' | 'SWAP';
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/**
 * `BTC/USDT` → spot BTC-USDT, `BTC/USDT:USDT` → linear BTC-USDT-SWAP, `BTC/USD:BTC` → inverse BTC-USD-SWAP.
 * Undefined for anything else.
 */
export function okxNameOf(symbol: string): OkxName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined) return undefined;
  const { base, quote, settle } = coins;
  const pair = `${base}-${quote}`;
  if (settle === undefined) return { kind: 'spot', instType: 'SPOT', venueSymbol: pair, base, quote };
  if (settle !== quote && settle !== base) return undefined;
  return { kind: settle === quote ? 'linear' : 'inverse', instType: 'SWAP', venueSymbol: `${pair}-SWAP`, base, quote };
}

/**
 * An entry of `GET /api/v5/public/instruments` → Instrument; undefined when it is not `name`, does not trade, or lacks a
 * step. Contracts are worth `ctVal` base units (linear) or quote units (inverse); quantities on the wire count contracts.
 * OKX names a smallest quantity but no smallest value.
 */
export function instrumentFrom(entry: unknown, symbol: string, name: OkxName): Instrument | undefined {
  if (!isObject(entry) || entry.instId !== name.venueSymbol || entry.instType !== name.instType || entry.state !== 'live') {
    return undefined;
  }
  const tickSize = trimmedStep(entry.tickSz);
  const lotSize = trimmedStep(entry.lotSz);
  const contractMultiplier = name.kind === 'spot' ? '1' : contractOf(entry, name);
  if (tickSize === undefined || lotSize === undefined || contractMultiplier === undefined) return undefined;
  return {
    venue: 'okx',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: name.kind,
    base: name.base,
    quote: name.quote,
    tickSize,
    lotSize,
    minNotional: '0',
    contractMultiplier,
  };
}

function contractOf(entry: JsonObject, { kind, base, quote }: OkxName): string | undefined {
  const countedIn = kind === 'linear' ? base : quote;
  const settledIn = kind === 'linear' ? quote : base;
  // A multiplier other than 1 does not exist on perpetuals; were there one, our quantities would be wrong.
  const known = entry.ctType === kind && entry.ctValCcy === countedIn && entry.settleCcy === settledIn && entry.ctMult === '1';
  return known ? trimmedStep(entry.ctVal) : undefined;
}

/** The symbol of an entry, by its coins. Those of a perpetual stand in its `uly`: `BTC-USDT`. */
export function candidateOf({ instType, baseCcy, quoteCcy, uly, settleCcy }: JsonObject): string | undefined {
  if (instType === 'SPOT') return unifiedSymbol(baseCcy, quoteCcy);
  const [base, quote] = String(uly).split('-');
  return unifiedSymbol(base, quote, settleCcy);
}
