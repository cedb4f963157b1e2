import type { Clock } from '../../../core/base/clock.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueLog } from './stream-connection.ts';
import type { TradeCursor } from './trade-sequence.ts';

/** What every venue's market data is made of; addresses are configuration, so that tests and practice use loopback. */
export interface MarketDataOptions {
  /** The REST address, such as `https://api.binance.com`; a path that it has comes before that of each endpoint. */
  readonly restUrl: string;
  /** The WebSocket origin and, where the venue has several streams, the part of the path that they share. */
  readonly streamUrl: string;
  /** Addresses of a venue's further markets that have hosts of their own, by the market's name: Binance's `usdm`, MEXC's `futures`. */
  readonly lanes?: Readonly<Record<string, { readonly restUrl: string; readonly streamUrl: string }>>;
  readonly requestTimeoutMs: number;
  /**
   * A connection that says nothing for this long is made anew, and so is a book, unless the venue sends changes only: then the
   * venue's own limit holds for books (`StreamProtocol.bookSilenceMs`) where it is longer.
   */
  readonly silenceMs: number;
  /** Market time: stamps `tsReceived`, and with it latency. The practice market's clock may run fast. */
  readonly clock: Clock;
  /** The machine's time: liveness, time-outs, back-off. */
  readonly wall: Clock;
  readonly rng: Rng;
  readonly log: VenueLog;
  /** Consolidated-book bucket width of an instrument, in quote units. */
  readonly bucketWidthOf: (instrument: Instrument) => number;
  /** The newest trade that an earlier session left behind, where what was missed since then is to be fetched. Asked once an instrument. */
  readonly resumeTradesAfter?: (instrument: Instrument) => TradeCursor | undefined;
  /** Age at which a connection is replaced, where it shall not be the venue's own limit. */
  readonly rotateAfterMs?: number;
}
