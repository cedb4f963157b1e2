import type { EpochMs } from '../base/clock.ts';
import type { BookState } from '../contracts/market-views.ts';
import { BookColumns } from '../market/book-columns.ts';
import type { DecimalStep } from '../market/decimal-parse.ts';
import type { Instrument } from '../market/instrument.ts';
import type { L2Book } from '../market/l2-book.ts';
import type { Trade } from '../market/trade.ts';
import type { EncodedBatch, InstrumentEntry } from './encoded-batch.ts';
import { BatchEncoder, type TradeGrid, tradeGridOf } from './event-codec.ts';
import type { DepthColumns } from './recorded-event.ts';

export interface RecordingLimits {
  /** A batch ends by itself with so many events or bytes. */
  readonly batchEvents: number;
  readonly batchBytes: number;
  readonly segmentEvents: number;
}

/** Takes what the writer makes, in order: start, batches (one at least), end, start … */
export interface RecordingSink {
  onSegmentStart(): void;
  onBatch(batch: EncodedBatch): void;
  onSegmentEnd(): void;
}

/** Levels of carried snapshots written in one go: about a millisecond. */
const CARRY_LEVELS = 10_000;
/** A market clock that goes back further than this was set anew, which no order of one segment can tell. */
const MAX_BACK_MS = 60_000;
const NOT_IN_SEGMENT = -1;

interface Followed {
  readonly instrument: Instrument;
  readonly grid: TradeGrid;
  bookLotSize: string;
  /** Its index in the segment. */
  index: number;
  book: L2Book | undefined;
  /** Whether `book` is what the recorded events lead to. */
  live: boolean;
  state: BookState | undefined;
  reason: string;
  tsEvent: EpochMs;
}

/**
 * Market events → batches of segments, in the order in which they are told. Each segment can be read alone: it begins with
 * every book's state and, in turn, every live book. Pure: whoever drives it calls `flush` so often that what it holds
 * may be lost, and `roll` when a segment is old enough.
 */
export class RecordingWriter {
  readonly #limits: RecordingLimits;
  readonly #sink: RecordingSink;
  readonly #encoder = new BatchEncoder();
  readonly #columns = new BookColumns();
  readonly #followed = new Map<Instrument, Followed>();
  readonly #byName = new Map<string, Followed>();
  /** Told with the next batch. */
  #named: InstrumentEntry[] = [];
  #namedCount = 0;
  #carry: Followed[] = [];
  #open = false;
  #segmentEvents = 0;
  #lastReceived: EpochMs = 0;

  constructor(limits: RecordingLimits, sink: RecordingSink) {
    this.#limits = limits;
    this.#sink = sink;
  }

  /** Events that no batch holds yet. */
  get pending(): number {
    return this.#encoder.events;
  }

  onTrade(instrument: Instrument, trade: Trade): void {
    const followed = this.#begin(instrument, undefined);
    this.#encoder.trade(followed.index, followed.grid, trade, this.#arrival(trade.tsReceived));
    this.#added();
  }

  /** `change` is a snapshot or a delta of a live book; `book` holds it already. */
  onDepth(
    instrument: Instrument,
    change: DepthColumns & { readonly snapshot: boolean },
    tsEvent: EpochMs,
    tsReceived: EpochMs,
    book: L2Book,
  ): void {
    this.#lookForTurn(tsReceived);
    const followed = this.#begin(instrument, book);
    if (change.snapshot) {
      followed.live = true;
      this.#carry = this.#carry.filter((waiting) => waiting !== followed);
    }
    followed.tsEvent = tsEvent;
    this.#encoder.depth(followed.index, change.snapshot, false, change, tsEvent, this.#arrival(tsReceived));
    this.#added();
  }

  onBookState(instrument: Instrument, state: BookState, reason: string, tsReceived: EpochMs): void {
    this.#lookForTurn(tsReceived);
    const followed = this.#begin(instrument, undefined);
    followed.state = state;
    followed.reason = reason;
    if (state !== 'live') followed.live = false;
    const arrival = this.#arrival(tsReceived);
    this.#encoder.state(followed.index, false, state, reason, arrival, arrival);
    this.#added();
  }

  /** Ends the batch in progress, if it holds anything. */
  flush(): void {
    if (this.#open) this.#carryOn();
    if (this.#encoder.events === 0) return;
    const named = this.#named;
    this.#named = [];
    this.#sink.onBatch(this.#encoder.take(named));
  }

  /** Ends the segment. The next event begins another one. */
  roll(): void {
    if (!this.#open) return;
    this.#carry = [];
    this.flush();
    this.#open = false;
    this.#sink.onSegmentEnd();
  }

  #begin(instrument: Instrument, book: L2Book | undefined): Followed {
    const followed = this.#follow(instrument);
    if (book !== undefined && book !== followed.book) {
      followed.book = book;
      const bookLotSize = stepText(book.lot);
      if (bookLotSize !== followed.bookLotSize) {
        followed.bookLotSize = bookLotSize;
        if (followed.index !== NOT_IN_SEGMENT) this.#name(followed);
      }
    }
    if (!this.#open) this.#start();
    if (followed.index === NOT_IN_SEGMENT) {
      followed.index = this.#namedCount++;
      this.#name(followed);
    }
    return followed;
  }

  #follow(instrument: Instrument): Followed {
    let followed = this.#followed.get(instrument);
    if (followed !== undefined) return followed;
    // Another object for the same thing, as after a session was opened anew.
    const { venue, symbol, tickSize, lotSize, contractMultiplier } = instrument;
    const name = `${venue} ${symbol} ${tickSize} ${lotSize} ${contractMultiplier}`;
    followed = this.#byName.get(name) ?? {
      instrument,
      grid: tradeGridOf(instrument),
      bookLotSize: lotSize,
      index: NOT_IN_SEGMENT,
      book: undefined,
      live: false,
      state: undefined,
      reason: '',
      tsEvent: 0,
    };
    this.#followed.set(instrument, followed);
    this.#byName.set(name, followed);
    return followed;
  }

  #name({ index, instrument, bookLotSize }: Followed): void {
    this.#named.push({ index, instrument, bookLotSize });
  }

  #start(): void {
    this.#open = true;
    this.#segmentEvents = 0;
    this.#namedCount = 0;
    this.#sink.onSegmentStart();
    for (const followed of this.#byName.values()) followed.index = NOT_IN_SEGMENT;
    for (const followed of this.#byName.values()) {
      if (followed.state === undefined && !followed.live) continue;
      followed.index = this.#namedCount++;
      this.#name(followed);
      const { index, state, reason } = followed;
      if (state !== undefined) this.#encoder.state(index, true, state, reason, this.#lastReceived, this.#lastReceived);
      if (followed.live) this.#carry.push(followed);
    }
  }

  /** Some of the books that are still to be carried into this segment. */
  #carryOn(): void {
    for (let levels = 0; levels < CARRY_LEVELS; levels += this.#columns.bidCount + this.#columns.askCount + 1) {
      const followed = this.#carry.shift();
      if (followed === undefined) return;
      if (!followed.live || followed.book === undefined) continue;
      this.#columns.copyOf(followed.book);
      this.#encoder.depth(followed.index, true, true, this.#columns, followed.tsEvent, this.#lastReceived);
    }
  }

  #added(): void {
    this.#segmentEvents++;
    if (this.#carry.length > 0) this.#carryOn();
    if (this.#encoder.events >= this.#limits.batchEvents || this.#encoder.bytes >= this.#limits.batchBytes) this.flush();
    if (this.#segmentEvents >= this.#limits.segmentEvents) this.roll();
  }

  /** The order is that of being told: what is told late (held or fetched trades) has its own times beside this one. */
  #arrival(tsReceived: EpochMs): EpochMs {
    if (tsReceived > this.#lastReceived) this.#lastReceived = tsReceived;
    return this.#lastReceived;
  }

  #lookForTurn(tsReceived: EpochMs): void {
    if (tsReceived >= this.#lastReceived - MAX_BACK_MS) return;
    this.roll();
    this.#lastReceived = tsReceived;
  }
}

/** A step as exact decimal text. */
export function stepText({ units, decimals }: DecimalStep): string {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
