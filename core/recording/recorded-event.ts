import type { EpochMs } from '../base/clock.ts';
import type { BookState } from '../contracts/market-views.ts';
import type { Candle } from '../market/candle.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Trade } from '../market/trade.ts';

/**
 * Levels of a book as columns, best or worst first: only the first `bidCount` and `askCount` entries count.
 * Prices in ticks, quantities in lots of the book (`RecordedInstrument.bookLotSize`); 0 lots delete a level.
 */
export interface DepthColumns {
  readonly bidCount: number;
  readonly bidTicks: Float64Array;
  readonly bidLots: Float64Array;
  readonly askCount: number;
  readonly askTicks: Float64Array;
  readonly askLots: Float64Array;
}

/** What was recorded of an instrument, so that its events can be read without asking the venue. */
export interface RecordedInstrument {
  readonly instrument: Instrument;
  /** The grid of book quantities as decimal text; it may be finer than the instrument's lot. */
  readonly bookLotSize: string;
}

interface EventOf<Kind extends string> {
  readonly kind: Kind;
  /** Index into the recording's instruments. */
  readonly instrument: number;
  /** The venue's time. */
  readonly tsEvent: EpochMs;
  /** Ours. Events of a recording are in the order in which they were received; this never falls. */
  readonly tsReceived: EpochMs;
  /**
   * Repeated at the beginning of a segment, so that it can be read alone: how things stood, not something that happened.
   * Who comes from the segment before skips it. Books are written in turn: an instrument's first deltas of a segment may come
   * before its snapshot, and since a delta sets whole quantities, those that the snapshot already holds change nothing.
   */
  readonly carried?: true;
}

export interface RecordedTrade extends EventOf<'trade'> {
  readonly trade: Trade;
}

/** The whole book at this moment, best levels first: when it goes live (just before its `live` state) or passes to another connection. */
export interface RecordedSnapshot extends EventOf<'snapshot'> {
  readonly depth: DepthColumns;
}

/** Levels that changed, as they were applied to a live book. Applied to the last snapshot they give the desk's book, level for level. */
export interface RecordedDelta extends EventOf<'delta'> {
  readonly depth: DepthColumns;
}

export interface RecordedBookState extends EventOf<'state'> {
  readonly state: BookState;
  readonly reason: string;
}

/** One thing that happened on a venue, as the desk came to know it. */
export type RecordedEvent = RecordedTrade | RecordedSnapshot | RecordedDelta | RecordedBookState;

/** A closed candle of a history that has no trades, known from its end on. Never recorded: the recorder keeps trades. */
export interface ToldCandle extends EventOf<'candle'> {
  readonly timeframe: Timeframe;
  readonly candle: Candle;
}

/** What a replay tells: a recording's events, or those of an imported history. */
export type ReplayedEvent = RecordedEvent | ToldCandle;
