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

/** A trade that is told so long after it was made was fetched to close a gap: its second is over and has been told. */
const LATE_MS = 10_000;

export function isLate({ tsEvent, tsReceived }: Pick<Trade, 'tsEvent' | 'tsReceived'>): boolean {
  return tsReceived - tsEvent > LATE_MS;
}
