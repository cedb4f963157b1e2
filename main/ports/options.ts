import type { Result } from '../../core/base/result.ts';
import type { VenueFailure } from './venue.ts';

/** What the name of an option says. */
export interface OptionName {
  /** `BTC`, or `SOL_USDC` where the option is quoted and settled in a stablecoin; without one it is quoted in the coin itself. */
  readonly underlying: string;
  /** 08:00 UTC of its last day. */
  readonly expiresAt: number;
  /** Quote units. */
  readonly strike: number;
  readonly right: 'call' | 'put';
}

export interface OptionSide {
  /** Coins for `BTC-…`, stablecoins for `SOL_USDC-…`. */
  readonly price: number;
  /** Coins of the underlying. */
  readonly amount: number;
}

/** Best bid and ask of one option. A side without an order is undefined. */
export interface OptionTop {
  /** `BTC-27DEC24-100000-C` */
  readonly venueSymbol: string;
  readonly bid: OptionSide | undefined;
  readonly ask: OptionSide | undefined;
  readonly tsEvent: number;
  readonly tsReceived: number;
}

/** What a venue lists of one underlying right now. */
export interface ListedOptions {
  /** Each a name that `nameOf` reads. */
  readonly names: readonly string[];
  /** USD: the middle of the underlying's perpetual. */
  readonly underlyingMid: number;
}

/** Called synchronously from the socket; must not throw and must not block. */
export interface OptionListener {
  /** After each quote. */
  onTop(top: OptionTop): void;
  /** Every option begins stale. */
  onState(venueSymbol: string, state: 'live' | 'stale', reason: string): void;
  /** USD: the middle of an underlying's perpetual; undefined while it is not known. */
  onUnderlying(underlying: string, mid: number | undefined): void;
}

/** A venue that lists options. They take no part in any consolidated book. */
export interface OptionVenue {
  /** Undefined for what names no option. */
  nameOf(venueSymbol: string): OptionName | undefined;
  list(underlying: string): Promise<Result<ListedOptions, VenueFailure>>;
  /** Follows the tops of the named options and the middles of their underlyings' perpetuals until closed. */
  follow(venueSymbols: readonly string[], listener: OptionListener): Result<{ close(): Promise<void> }, VenueFailure>;
}
