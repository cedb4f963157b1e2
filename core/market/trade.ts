import type { EpochMs } from '../base/clock.ts';

export type Side = 'buy' | 'sell';

/** One executed trade as the venue reported it. `side` is the taker's. */
export interface Trade {
  readonly id: number;
  readonly price: number;
  /** Base units. */
  readonly quantity: number;
  readonly side: Side;
  /** The venue's time. */
  readonly tsEvent: EpochMs;
  /** Ours, from the injected clock. */
  readonly tsReceived: EpochMs;
}
