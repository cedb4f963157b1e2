import type { BookState } from '../../../core/contracts/market-views.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { BookChange, MarketListener, SessionHealth } from '../../ports/venue.ts';
import type { BookTrack } from './book-track.ts';
import { LatencyWindow, RateMeter } from './health.ts';
import type { StreamProtocol } from './stream-protocol.ts';
import { TradeSequence } from './trade-sequence.ts';

const SILENCE: MarketListener = { onTrade: () => {}, onBook: () => {}, onBookState: () => {}, onKline: () => {} };

/** What the session keeps per instrument whichever connection it comes by: the book that others hold, trades, figures. */
export class InstrumentFeed {
  readonly instrument: Instrument;
  readonly tick: DecimalStep;
  /** The grid that quantities are read on, not the instrument's. */
  readonly lot: DecimalStep;
  readonly book: L2Book;
  readonly trades: TradeSequence;
  readonly latency = new LatencyWindow();
  readonly rate = new RateMeter();
  readonly #bucketWidth: number;
  readonly #bookLot: number;
  lastMessageWallMs: number | undefined;
  lastError: string | undefined;
  /** Since when a trade waits for the depth update that belongs to it; undefined when none does. */
  loneTradeWallMs: number | undefined;
  backfillPending = false;
  /** Times that its trades may have been lost with a connection: what was asked for before that is no answer any more. */
  losses = 0;
  rotations = 0;
  #track: BookTrack | undefined;
  #listener: MarketListener;
  /** Of the connections that were rotated out. */
  #gapsBefore = 0;
  #resyncsBefore = 0;

  constructor(instrument: Instrument, bucketWidth: number, protocol: StreamProtocol, listener: MarketListener) {
    const tick = decimalStep(instrument.tickSize);
    const lot = decimalStep(instrument.lotSize);
    const multiplier = decimalStep(instrument.contractMultiplier);
    if (tick === undefined || lot === undefined || multiplier === undefined) {
      throw new RangeError(
        `${instrument.symbol}: tick ${instrument.tickSize}, lot ${instrument.lotSize} and contract multiplier ${instrument.contractMultiplier} must be decimals above 0`,
      );
    }
    this.instrument = instrument;
    this.tick = tick;
    this.lot = protocol.bookLot(instrument, lot);
    // Contracts on the wire are base (linear) or quote (inverse) units in the book.
    this.#bookLot = stepsToNumber(1, {
      units: this.lot.units * multiplier.units,
      decimals: this.lot.decimals + multiplier.decimals,
    });
    this.#bucketWidth = bucketWidth;
    this.#listener = listener;
    this.book = this.newBook();
    this.trades = new TradeSequence(protocol.tradeIds(instrument), (trade) => this.#listener.onTrade(instrument, trade));
  }

  get listener(): MarketListener {
    return this.#listener;
  }

  /** Nobody follows it any more; until its connection is gone it is heard in silence. */
  release(): void {
    this.#listener = SILENCE;
  }

  /** The connection whose book is shown. */
  get track(): BookTrack | undefined {
    return this.#track;
  }

  /** Its trades do not come for a while: they are to be fetched when they come again. */
  interrupt(): void {
    this.losses++;
    this.trades.interrupted();
  }

  newBook(): L2Book {
    return new L2Book({
      tickSize: Number(this.instrument.tickSize),
      lotSize: this.#bookLot,
      bucketWidth: this.#bucketWidth,
      quantityUnit: this.instrument.kind === 'inverse' ? 'quote' : 'base',
    });
  }

  /** Shows another connection's book from now on, in the same `L2Book`. */
  switchTo(track: BookTrack): void {
    const before = this.#track;
    const stateBefore = before?.sync.state;
    this.#track = track;
    if (before !== undefined) {
      this.#gapsBefore += before.sync.gaps;
      this.#resyncsBefore += before.sync.resyncs;
      this.rotations++;
      before.retire();
    }
    track.sync.moveTo(this.book);
    // The new connection's book need not be where the old one's was: who follows the changes begins with the whole book again.
    track.sync.tellWhole();
    if (stateBefore !== undefined && stateBefore !== track.sync.state) this.onState(track, track.sync.state, track.sync.reason);
    track.promote();
  }

  /** A trade changes the book: one that finds it at rest for `restMs` must be followed by an update. */
  noteTrade(wallMs: number, restMs: number): void {
    const track = this.#track;
    if (track !== undefined && wallMs - track.lastDepthWallMs > restMs) this.loneTradeWallMs ??= wallMs;
  }

  onState(track: BookTrack, state: BookState, reason: string): void {
    if (track !== this.#track) return;
    if (state === 'stale') this.lastError = reason;
    this.#listener.onBookState(this.instrument, state, reason);
  }

  onDepth(track: BookTrack, change: BookChange, tsEvent: number): void {
    if (track === this.#track) this.listener.onDepth?.(this.instrument, change, tsEvent, track.tsReceived, this.book);
  }

  health(connection: SessionHealth['connection'], wallNowMs: number, connectionError: string | undefined): SessionHealth {
    const sync = this.#track?.sync;
    return {
      connection,
      book: sync?.state ?? 'empty',
      bookReason: sync?.reason ?? 'not connected yet',
      latencyMsP50: this.latency.p50,
      latencyMsP99: this.latency.p99,
      lastMessageWallMs: this.lastMessageWallMs,
      messagesPerSecond: this.rate.perSecond(wallNowMs),
      resyncs: this.#resyncsBefore + (sync?.resyncs ?? 0),
      gaps: this.#gapsBefore + (sync?.gaps ?? 0) + this.trades.holes,
      rotations: this.rotations,
      backfilledTrades: this.trades.backfilled,
      missedTrades: this.trades.missed,
      tradeHole: this.trades.problem,
      lastError: this.lastError ?? connectionError,
    };
  }
}
