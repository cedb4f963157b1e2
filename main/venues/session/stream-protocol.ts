import type { Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot, SequenceRule } from './book-sync.ts';
import type { DepthDelta } from './depth-delta.ts';
import type { StreamAddress } from './stream-socket.ts';
import type { TradeCursor, TradeIds } from './trade-sequence.ts';

/** One instrument on one connection: what a wire routes messages to. */
export interface Track {
  readonly instrument: Instrument;
  /** The grids that the wire's numbers are read on. */
  readonly tick: DecimalStep;
  readonly lot: DecimalStep;
}

/** What a wire tells its connection. Everything may be called from within `Wire.onMessage` only. */
export interface Link {
  readonly tracks: readonly Track[];
  readonly lane: string;
  /** Market time at which the current message arrived. */
  readonly tsReceived: number;
  /** Once for each message that belongs to an instrument, before the rest: it counts, and the instrument is not silent. */
  onHeard(track: Track): void;
  /** `delta` may be reused afterwards. */
  onDelta(track: Track, delta: DepthDelta): void;
  onTrade(track: Track, trade: Trade): void;
  onKline(track: Track, candle: Candle, closed: boolean, timeframe: Timeframe): void;
  /** A message of this instrument that cannot be read. A lost depth update is a gap whether or not its ids are known. */
  onUnreadable(track: Track, kind: 'depth' | 'trade' | 'kline', reason: string): void;
  /** All books of this connection are doubtful: a sequence over the whole connection has a hole. */
  invalidateAll(reason: string): void;
  /** What belongs to no instrument and is no known answer: kept for the health view. */
  onOdd(reason: string): void;
  /** Answers the venue: a pong, a heartbeat. */
  send(message: string): void;
  /** The venue says that it will close this connection soon: another one takes over, with overlap. */
  rotate(reason: string): void;
  /** The connection is of no use: a new one is made. */
  drop(reason: string): void;
}

/** Reads one connection's messages. Made anew for each connection, so it may keep what lives as long (channel ids, a sequence). */
export interface Wire {
  /** Must not throw, whatever arrives. The buffer is only valid during the call. */
  onMessage(message: Buffer, isBinary: boolean): void;
}

export interface KeepAlive {
  /** Read at each connection. */
  readonly everyMs: number;
  message(lane: string): string;
}

/** What a venue's `ws.ts` supplies; `VenueSession` does the rest. */
export interface StreamProtocol {
  readonly venue: VenueId;
  /** For people: `Binance`. */
  readonly name: string;
  /** At most so many instruments share a connection; more are spread over several. */
  readonly instrumentsPerConnection: number;
  /** A connection is replaced, with overlap, when it is this old; undefined where the venue sets no limit. */
  readonly lifetimeMs: number | undefined;
  readonly keepAlive: KeepAlive | undefined;
  /**
   * For venues whose books send changes only: the longest that a book may say nothing while its connection answers, by the
   * venue's documented cadence. Absent where a book never rests for long: then `silenceMs` holds for each book too.
   */
  readonly bookSilenceMs?: number;
  /**
   * A message that the venue answers at once, sent when a connection has been quiet for half of `silenceMs`; without an answer
   * it is given up after `silenceMs`. Absent, or undefined for a lane, where the venue speaks by itself often enough.
   */
  readonly probe?: (lane: string) => string | undefined;
  /** Pause between two subscription messages, for venues that count incoming messages. */
  readonly subscribeIntervalMs: number;
  /**
   * The kinds of connection that an instrument needs, by any name; the first carries its book. One for most venues; its
   * name then tells addresses apart (`spot`, `linear`).
   */
  lanes(instrument: Instrument): readonly string[];
  address(lane: string, instruments: readonly Instrument[], closed: AbortSignal): StreamAddress;
  /** Messages to send once connected; none where the address says it all. */
  subscribe(lane: string, instruments: readonly Instrument[]): readonly string[];
  /**
   * Books that begin in the stream: what to send for a fresh snapshot (mostly unsubscribe and subscribe).
   * `wire` is the connection's own, for what only it knows, such as a channel's number.
   */
  resubscribe(instrument: Instrument, wire?: Wire): readonly string[];
  wire(link: Link): Wire;
  rule(instrument: Instrument): SequenceRule;
  /** The grid that the book's quantities are read on: the instrument's lot, or finer where the venue sends finer ones. */
  bookLot(instrument: Instrument, lot: DecimalStep): DecimalStep;
  /** Books that begin with REST. */
  fetchSnapshot?(track: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>>;
  tradeIds(instrument: Instrument): TradeIds;
  /**
   * The venue's recent trades, oldest first, reaching back to `after` (that trade included) if it can. `tsReceived` is
   * overwritten. Absent where the venue offers none: then every hole is counted.
   */
  fetchTrades?(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>>;
}
