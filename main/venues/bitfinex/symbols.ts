import { coinsOf, type Instrument } from '../../../core/market/instrument.ts';
import { unifiedSymbol } from '../session/listings.ts';

/** Bitfinex's names of coins that we call otherwise. Source: `GET /v2/conf/pub:map:currency:sym`. */
const VENUE_NAMES: Readonly<Record<string, string>> = {
  USDT: 'UST',
  USDC: 'UDC',
  EURT: 'EUT',
  ALGO: 'ALG',
  AMPL: 'AMP',
  ATOM: 'ATO',
  DASH: 'DSH',
  IOTA: 'IOT',
  MANA: 'MNA',
  QTUM: 'QTM',
  STORJ: 'STJ',
  WBTC: 'WBT',
};

/**
 * Bitfinex publishes no tick: a price has at most five significant digits and eight decimals, so that the step depends on the
 * price. This one holds every price below 90,071,992 exactly as a whole number of ticks (2^53 of them); above it a price is off
 * the grid. Source: Bitfinex docs, "What is the precision of all prices?".
 */
const TICK_SIZE = '0.00000001';
/** Amounts have eight decimals at most. */
const LOT_SIZE = '0.00000001';

export interface BitfinexName {
  /** `BTCUSD`, `DOGE:USD`: as the list of pairs has it. */
  readonly pair: string;
  /** `tBTCUSD`. */
  readonly venueSymbol: string;
  readonly base: string;
  readonly quote: string;
}

/** `BTC/USDT` → tBTCUST, `DOGE/USD` → tDOGE:USD. Undefined for a symbol that is not spot. */
export function bitfinexNameOf(symbol: string): BitfinexName | undefined {
  const coins = coinsOf(symbol);
  if (coins === undefined || coins.settle !== undefined) return undefined;
  const { base, quote } = coins;
  const [first, second] = [VENUE_NAMES[base] ?? base, VENUE_NAMES[quote] ?? quote];
  // Names of three letters run together.
  const pair = first.length === 3 && second.length === 3 ? `${first}${second}` : `${first}:${second}`;
  return { pair, venueSymbol: `t${pair}`, base, quote };
}

/** An instrument, if `pairs`, those that trade, has it. Bitfinex tells a smallest quantity but no smallest value. */
export function instrumentFrom(pairs: ReadonlySet<unknown>, symbol: string, name: BitfinexName): Instrument | undefined {
  if (!pairs.has(name.pair)) return undefined;
  return {
    venue: 'bitfinex',
    symbol,
    venueSymbol: name.venueSymbol,
    kind: 'spot',
    base: name.base,
    quote: name.quote,
    tickSize: TICK_SIZE,
    lotSize: LOT_SIZE,
    minNotional: '0',
    contractMultiplier: '1',
  };
}

const UNIFIED_NAMES = new Map(Object.entries(VENUE_NAMES).map(([ours, theirs]) => [theirs, ours]));

/** The symbol of a pair as the list has it: `BTCUST`, `DOGE:USD`. */
export function symbolOfPair(pair: string): string | undefined {
  const parts = pair.includes(':') ? pair.split(':') : [pair.slice(0, 3), pair.slice(3)];
  const [base = '', quote = ''] = parts;
  return unifiedSymbol(UNIFIED_NAMES.get(base) ?? base, UNIFIED_NAMES.get(quote) ?? quote);
}
