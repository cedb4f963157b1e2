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

/** `spot`, or a perpetual whose contract is worth a fixed amount of base (`linear`) or of quote (`inverse`). */
export type InstrumentKind = 'spot' | 'linear' | 'inverse';

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
