import type { Failure, Result } from '../../core/base/result.ts';
import type { BookState } from '../../core/contracts/market-views.ts';
import type { Candle } from '../../core/market/candle.ts';
import type { Instrument, VenueId } from '../../core/market/instrument.ts';
import type { L2Book } from '../../core/market/l2-book.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { DepthColumns } from '../../core/recording/recorded-event.ts';

export type VenueFailure = Failure<
  | 'VENUE_UNREACHABLE'
  | 'VENUE_REFUSED'
  | 'VENUE_RATE_LIMITED'
  | 'VENUE_BAD_ANSWER'
  | 'VENUE_TIMEOUT'
  | 'VENUE_UNKNOWN_SYMBOL'
  | 'VENUE_CLOSED'
>;

/** A change of a live book. `snapshot`: it is the whole book, best levels first, and replaces what was there. */
export interface BookChange extends DepthColumns {
  readonly snapshot: boolean;
}

/** What a venue tells while a session is open. Called synchronously from the socket; must not throw and must not block. */
export interface MarketListener {
  onTrade(instrument: Instrument, trade: Trade): void;
  /** After each applied delta. `book` is the live object: read it now, do not keep it. */
  onBook(instrument: Instrument, book: L2Book, tsEvent: number, tsReceived: number): void;
  onBookState(instrument: Instrument, state: BookState, reason: string): void;
  /**
   * Everything that a live book went through, as a chain that can be applied elsewhere: the whole book when it goes live (just before
   * its `live` state) and when another connection takes over, then each change after it was applied. `change` is reused: copy what
   * you keep. `book` already holds the change; it is the same object for the session's whole life.
   */
  onDepth?(instrument: Instrument, change: BookChange, tsEvent: number, tsReceived: number, book: L2Book): void;
  /** The venue's own candle, for reconciliation, of the shortest timeframe that it streams: 1s, or 1m. */
  onKline(instrument: Instrument, candle: Candle, closed: boolean, timeframe: Timeframe): void;
}

export interface SessionHealth {
  readonly connection: 'connecting' | 'open' | 'reconnecting' | 'closed';
  readonly book: BookState;
  readonly bookReason: string;
  readonly latencyMsP50: number | undefined;
  readonly latencyMsP99?: number | undefined;
  /** Wall-clock time of the last message. */
  readonly lastMessageWallMs: number | undefined;
  readonly messagesPerSecond: number;
  readonly resyncs: number;
  /** Holes in the book's sequence and in the trades'. */
  readonly gaps: number;
  /** Times that a new connection took over from an ageing one. */
  readonly rotations?: number;
  /** Trades that were missed on the stream and fetched by REST. */
  readonly backfilledTrades?: number;
  /** Trades known to be missing for good; holes of unknown size count in `gaps` only. */
  readonly missedTrades?: number;
  /** The last hole in the trades that could not be closed, in words. */
  readonly tradeHole?: string | undefined;
  readonly lastError: string | undefined;
}

export interface MarketSession {
  health(instrument: Instrument): SessionHealth;
  book(instrument: Instrument): L2Book;
  /** The pace of market time has changed: latencies measured before are not of the same length as those from now on. */
  forgetLatencies?(): void;
  /** Follows exactly these instruments from now on, as the same session: those that stay lose nothing. */
  change(instruments: readonly Instrument[]): void;
  close(): Promise<void>;
}

/** Public market data of one venue. */
export interface VenueMarketData {
  readonly venue: VenueId;
  /** It tells closed minutes (`onKline`) and no trades: candles are told, never built. Only an imported history does so. */
  readonly tellsCandlesOnly?: boolean;
  serverTime(): Promise<Result<number, VenueFailure>>;
  /** Metadata of the named unified symbols; one that the venue does not list is a VENUE_UNKNOWN_SYMBOL failure. */
  instruments(symbols: readonly string[]): Promise<Result<Instrument[], VenueFailure>>;
  /**
   * Unified symbols that the venue trades right now and that `instruments` knows, sorted, each once. Where the venue has several
   * lists (spot, contracts) and only some answer, what those hold; it fails when none does.
   */
  symbols(): Promise<Result<string[], VenueFailure>>;
  /**
   * Candles that opened in [from, to), oldest first, at most `limit` (≤ 1000). Periods in which the venue was down are missing.
   * From 0 with a limit of 1 asks for the oldest candle that the venue has before `to`, for which it may need several requests.
   */
  candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>>;
  /** Connects, synchronises books and keeps them so until closed. */
  open(instruments: readonly Instrument[], listener: MarketListener): MarketSession;
}
