import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { DepthColumns, RecordedInstrument, ReplayedEvent } from '../../../core/recording/recorded-event.ts';
import type { MarketListener, SessionHealth } from '../../ports/venue.ts';
import { RateMeter } from '../session/health.ts';

const NO_BOOK = 'no order book was recorded';

/** One recorded instrument: its book as it was then, and who is told. */
export class ReplayInstrument {
  readonly instrument: Instrument;
  readonly #recording: RecordedInstrument;
  readonly #hasBook: boolean;
  #book: L2Book | undefined;
  readonly #rate = new RateMeter();
  #listener: MarketListener | undefined;
  /** The book holds everything since a snapshot: deltas can be applied. */
  #whole = false;
  /** As the recording has it; shown only while the book is whole. */
  #recorded: BookState = 'empty';
  #state: BookState = 'empty';
  #reason = 'not recorded yet';
  #told: BookState | undefined;
  #lastEventAt: number | undefined;
  #resyncs = 0;
  #gaps = 0;

  /** @param hasBook whether its book is in the recording; without, it stays empty */
  constructor(recording: RecordedInstrument, hasBook: boolean) {
    this.instrument = recording.instrument;
    this.#recording = recording;
    this.#hasBook = hasBook;
    if (!hasBook) this.#reason = NO_BOOK;
  }

  /** Made when it is followed for the first time. */
  get book(): L2Book {
    if (this.#book === undefined) throw new Error(`${this.instrument.symbol} on ${this.instrument.venue} is not followed`);
    return this.#book;
  }

  /** `listener` hears of it from now on, and is told how the book stands when it has begun. */
  follow(listener: MarketListener, bucketWidth: number): void {
    const before = this.#book;
    const { instrument, bookLotSize } = this.#recording;
    this.#book = new L2Book({
      tickSize: Number(instrument.tickSize),
      lotSize: Number(bookLotSize),
      bucketWidth,
      quantityUnit: instrument.kind === 'inverse' ? 'quote' : 'base',
    });
    if (before !== undefined) copyLevels(before, this.#book);
    this.#listener = listener;
    if (this.#told !== undefined) listener.onBookState(instrument, this.#state, this.#reason);
  }

  release(): void {
    this.#listener = undefined;
  }

  onEvent(event: ReplayedEvent, silent: boolean): void {
    if (this.#book === undefined) return;
    // How things stood at the beginning of a segment is news only to who did not come from the one before it.
    if (event.carried === true && this.#whole) return;
    if (!silent) this.#rate.add(event.tsReceived);
    this.#lastEventAt = event.tsReceived;
    switch (event.kind) {
      case 'trade':
        if (!silent) this.#listener?.onTrade(this.instrument, event.trade);
        break;
      case 'snapshot':
        this.#book.clear();
        applyDepth(this.#book, event.depth);
        this.#whole = true;
        // A whole book is only ever recorded of a live one, right before it says so.
        if (event.carried === true) this.#become('live', 'in step with the recording', silent);
        if (!silent) this.#listener?.onBook(this.instrument, this.#book, event.tsEvent, event.tsReceived);
        break;
      case 'delta':
        // Before the snapshot of its segment: the snapshot holds it already.
        if (!this.#whole) break;
        applyDepth(this.#book, event.depth);
        if (!silent) this.#listener?.onBook(this.instrument, this.#book, event.tsEvent, event.tsReceived);
        break;
      case 'state':
        this.#become(event.state, event.reason, silent);
        break;
      case 'candle':
        if (!silent) this.#listener?.onKline(this.instrument, event.candle, true, event.timeframe);
        break;
    }
  }

  /** The replay begins here: what the silent way led to is told. */
  begin(tsReceived: number): void {
    if (this.#book === undefined) return;
    if (this.#hasBook && this.#state === 'empty' && !this.#whole)
      this.#set('syncing', 'waiting for the first recorded snapshot', true);
    this.#tell();
    if (this.#state === 'live') this.#listener?.onBook(this.instrument, this.#book, tsReceived, tsReceived);
  }

  /** Nothing was recorded from here on. */
  interrupt(reason: string): void {
    this.#whole = false;
    this.#recorded = 'empty';
    this.#gaps++;
    this.#set('stale', reason, false);
  }

  /** @param now replay time; @param heard whether the recording runs at this moment */
  health(now: number, heard: boolean): SessionHealth {
    const fresh = heard && (this.#state === 'live' || !this.#hasBook);
    return {
      connection: heard ? 'open' : 'reconnecting',
      book: this.#state,
      bookReason: this.#reason,
      latencyMsP50: undefined,
      // A quiet moment of a recording that runs was heard; a silence that the desk noticed then, was not.
      lastMessageWallMs: fresh ? now : this.#lastEventAt,
      messagesPerSecond: this.#rate.perSecond(now),
      resyncs: this.#resyncs,
      gaps: this.#gaps,
      lastError: undefined,
    };
  }

  #become(recorded: BookState, reason: string, silent: boolean): void {
    if (recorded === 'live' && this.#recorded !== 'live' && this.#recorded !== 'empty') this.#resyncs++;
    this.#recorded = recorded;
    if (recorded !== 'live') this.#whole = false;
    if (recorded === 'live' && !this.#whole) this.#set('syncing', 'waiting for the segment’s snapshot', silent);
    else this.#set(recorded, reason, silent);
  }

  #set(state: BookState, reason: string, silent: boolean): void {
    this.#state = state;
    this.#reason = reason;
    if (!silent) this.#tell();
  }

  #tell(): void {
    if (this.#told === this.#state) return;
    this.#told = this.#state;
    this.#listener?.onBookState(this.instrument, this.#state, this.#reason);
  }
}

function applyDepth(book: L2Book, depth: DepthColumns): void {
  // Worst first: appending at the best end is the fast way into the book.
  for (let i = depth.bidCount - 1; i >= 0; i--) book.setLevel('bid', depth.bidTicks[i] as number, depth.bidLots[i] as number);
  for (let i = depth.askCount - 1; i >= 0; i--) book.setLevel('ask', depth.askTicks[i] as number, depth.askLots[i] as number);
}

function copyLevels(from: L2Book, to: L2Book): void {
  for (const side of ['bid', 'ask'] as const) {
    for (let rank = from.depth(side) - 1; rank >= 0; rank--) to.setLevel(side, from.ticksAt(side, rank), from.lotsAt(side, rank));
  }
}
