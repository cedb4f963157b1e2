/** Exchanges the product knows; each has a folder under `main/venues`. */
export const VENUES = [
  'binance',
  'bybit',
  'deribit',
  'mexc',
  'okx',
  'kraken',
  'coinbase',
  'kucoin',
  'gate',
  'bitfinex',
  'htx',
] as const;
export type VenueId = (typeof VENUES)[number];

/** An instrument by name: what a followed symbol's book is merged from. */
export interface SourceName {
  readonly venue: VenueId;
  /** Unified symbol of the instrument on that venue: `ETH/USDT`, `ETH/USD:ETH`. */
  readonly symbol: string;
}

/** `deribit:ETH/USD:ETH`: the way a source is written in configuration, logs and keys. */
export function sourceText({ venue, symbol }: SourceName): string {
  return `${venue}:${symbol}`;
}

/** Reads `venue:SYMBOL`; undefined when there is no known venue in front. */
export function sourceOfText(text: string): SourceName | undefined {
  const colon = text.indexOf(':');
  const venue = VENUES.find((known) => known === text.slice(0, colon));
  return venue === undefined ? undefined : { venue, symbol: text.slice(colon + 1) };
}

/** What a unified symbol is made of. Spot has no settlement coin. */
export interface SymbolCoins {
  readonly base: string;
  readonly quote: string;
  readonly settle: string | undefined;
}

/** `ETH/USD:ETH` → its coins; undefined for text that is no unified symbol. */
export function coinsOf(symbol: string): SymbolCoins | undefined {
  const match = /^([A-Z0-9]+)\/([A-Z0-9]+)(?::([A-Z0-9]+))?$/.exec(symbol);
  if (match === null) return undefined;
  const [, base = '', quote = '', settle] = match;
  return { base, quote, settle };
}

/** `spot`, or a perpetual whose contract is worth a fixed amount of base (`linear`) or of quote (`inverse`). */
export const INSTRUMENT_KINDS = ['spot', 'linear', 'inverse'] as const;
export type InstrumentKind = (typeof INSTRUMENT_KINDS)[number];

/**
 * A venue's tradable symbol.
 * Sizes are decimal text as the venue sends them, so that ticks and lots stay exact.
 */
export interface Instrument {
  readonly venue: VenueId;
  /** Unified symbol as ccxt writes it: `ETH/USDT`, `ETH/USDT:USDT`. */
  readonly symbol: string;
  /** The venue's own name: `ETHUSDT`. */
  readonly venueSymbol: string;
  readonly kind: InstrumentKind;
  readonly base: string;
  readonly quote: string;
  /** Smallest price step, e.g. `0.01`. */
  readonly tickSize: string;
  /** Smallest quantity step, e.g. `0.0001`. */
  readonly lotSize: string;
  /** Smallest price × quantity of one order, in quote. */
  readonly minNotional: string;
  /** Base (linear) or quote (inverse) per contract; `1` for spot. */
  readonly contractMultiplier: string;
}
