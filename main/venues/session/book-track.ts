import type { DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { BookSync } from './book-sync.ts';
import type { DepthDelta } from './depth-delta.ts';
import type { InstrumentFeed } from './instrument-feed.ts';
import type { StreamProtocol, Track } from './stream-protocol.ts';

/** Trades that arrive on a new connection before it takes over. */
const MAX_HELD = 50_000;

/**
 * One instrument on one connection. Current: its book is the one that is shown and its trades are passed on. Until then
 * (the connection is to replace another) it keeps a book of its own and holds its trades back.
 */
export class BookTrack implements Track {
  readonly instrument: Instrument;
  readonly tick: DecimalStep;
  readonly lot: DecimalStep;
  readonly feed: InstrumentFeed;
  readonly sync: BookSync;
  /** False on a lane that has no book. */
  readonly hasBook: boolean;
  /** Silence is counted from here: the last depth update, or the (re)connection. */
  lastDepthWallMs = 0;
  /** Snapshot requests in this spell of trouble, for the back-off. */
  snapshotAttempts = 0;
  lastSnapshotWallMs = 0;
  snapshotPending = false;
  /** Tells a request that was overtaken from the one that counts. */
  snapshotRound = 0;
  #current = false;
  #retired = false;
  #tsEvent = 0;
  /** Market time at which what the book is made of now had arrived. */
  tsReceived = 0;
  #held: Trade[] = [];

  constructor(feed: InstrumentFeed, protocol: StreamProtocol, hasBook: boolean) {
    this.feed = feed;
    this.instrument = feed.instrument;
    this.tick = feed.tick;
    this.lot = feed.lot;
    this.hasBook = hasBook;
    this.sync = new BookSync(
      feed.newBook(),
      protocol.rule(feed.instrument),
      (state, reason) => feed.onState(this, state, reason),
      feed.listener.onDepth === undefined ? undefined : (change, tsEvent) => feed.onDepth(this, change, tsEvent),
    );
  }

  /** The venue's time of the last update that the book took; 0 before the first. */
  get tsEvent(): number {
    return this.#tsEvent;
  }

  get isCurrent(): boolean {
    return this.#current;
  }

  /** Takes over: what was held comes out. */
  promote(): void {
    this.#current = true;
    const held = this.#held;
    this.#held = [];
    for (const trade of held) this.feed.trades.onTrade(trade);
  }

  /** Its connection is about to be closed; what still comes on it counts no more. */
  retire(): void {
    this.#current = false;
    this.#retired = true;
    this.#held = [];
    // The shown book belongs to another track from now on.
    this.sync.disconnected('another connection took over');
  }

  /** Nothing would be lost or go back in time if this one took over now. */
  isAheadOf(other: BookTrack): boolean {
    return this.sync.state === 'live' && this.#tsEvent >= other.#tsEvent;
  }

  onDelta(delta: DepthDelta, tsReceived: number): void {
    const { feed } = this;
    if (this.#current) feed.latency.add(tsReceived - delta.tsEvent);
    this.tsReceived = tsReceived;
    if (this.sync.onDelta(delta) !== 'applied') return;
    this.#tsEvent = delta.tsEvent;
    if (this.#current) feed.listener.onBook(this.instrument, feed.book, delta.tsEvent, tsReceived);
  }

  onTrade(trade: Trade): void {
    if (this.#current) {
      this.feed.latency.add(trade.tsReceived - trade.tsEvent);
      this.feed.trades.onTrade(trade);
    } else if (!this.#retired) {
      if (this.#held.length >= MAX_HELD) this.#held.splice(0, MAX_HELD / 2);
      this.#held.push(trade);
    }
  }
}
