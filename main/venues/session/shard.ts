import type { Cancel } from '../../../core/base/clock.ts';
import type { BookTrack } from './book-track.ts';
import type { InstrumentFeed } from './instrument-feed.ts';
import { type ConnectionOwner, type SessionOptions, StreamConnection } from './stream-connection.ts';
import type { StreamProtocol } from './stream-protocol.ts';

/** A new connection is given this long to be in step with everything before it takes over. */
const OVERLAP_MAX_MS = 60_000;
/** So long both run at least: books may be in step before the last trade subscription is in force. */
const OVERLAP_MIN_MS = 3_000;
const RETRY_MS = 300_000;

/**
 * The instruments that share a connection, and the passing of it from one to the next. Before the venue's lifetime is
 * over, or when the venue announces its end, a second connection is opened and brought in step; then, instrument by
 * instrument, it takes over as soon as its book is not behind, with the trades that it has held since; then the old one
 * is closed. No update is lost, no book goes stale.
 */
export class Shard implements ConnectionOwner {
  readonly lane: string;
  readonly #protocol: StreamProtocol;
  readonly #options: SessionOptions;
  readonly #onTrades: (feed: InstrumentFeed, held: boolean) => void;
  #feeds: readonly InstrumentFeed[];
  #current: StreamConnection;
  #next: StreamConnection | undefined;
  /** The new connection was in step with everything once: now instrument after instrument is switched. */
  #switching = false;
  /** The new connection carries other instruments than the old one: there is no going back to that. */
  #changing = false;
  readonly #oldTracks = new Map<InstrumentFeed, BookTrack>();
  #cancelAge: Cancel | undefined;
  #cancelOverlap: Cancel | undefined;
  #closed = false;

  constructor(
    lane: string,
    feeds: readonly InstrumentFeed[],
    protocol: StreamProtocol,
    options: SessionOptions,
    onTrades: (feed: InstrumentFeed, held: boolean) => void,
  ) {
    this.lane = lane;
    this.#feeds = feeds;
    this.#protocol = protocol;
    this.#options = options;
    this.#onTrades = onTrades;
    this.#current = this.#connect();
    for (const track of this.#current.tracks) begin(track);
  }

  get feeds(): readonly InstrumentFeed[] {
    return this.#feeds;
  }

  get state(): StreamConnection['state'] {
    return this.#current.state;
  }

  get lastError(): string | undefined {
    return this.#current.lastError;
  }

  /**
   * Carries these instruments from now on: a connection for them takes over as in a rotation, so that those that stay
   * lose nothing. New ones begin on it at once.
   */
  change(feeds: readonly InstrumentFeed[]): void {
    if (this.#closed) return;
    if (this.#next !== undefined) {
      // Not finished: what stays would change to a connection that may not even be open.
      if (this.#switching) this.#finish();
      else this.#discard(this.#next);
    }
    this.#feeds = feeds;
    this.#changing = true;
    this.#rotate('its instruments change');
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelAge?.();
    this.#cancelOverlap?.();
    await Promise.all([this.#current.close(), this.#next?.close()]);
  }

  onOpen(connection: StreamConnection): void {
    if (connection === this.#current) this.#begun();
  }

  onLost(connection: StreamConnection, reason: string): void {
    if (this.#next === undefined) {
      this.#cancelAge?.();
    } else if (connection === this.#current) {
      this.#finish();
    } else if (this.#switching) {
      this.#finish();
    } else if (!this.#changing) {
      this.#abandon(reason);
    }
  }

  onRotate(connection: StreamConnection, reason: string): void {
    if (connection === this.#current) this.#rotate(reason);
  }

  onShadow(connection: StreamConnection): void {
    if (connection === this.#next) this.#advance();
  }

  onTrades(feed: InstrumentFeed): void {
    this.#onTrades(feed, true);
  }

  #connect(): StreamConnection {
    return new StreamConnection(this.lane, this.#feeds, this.#protocol, this.#options, this);
  }

  #watchAge(delayMs = this.#protocol.lifetimeMs): void {
    this.#cancelAge?.();
    if (delayMs === undefined) return;
    this.#cancelAge = this.#options.wall.after(delayMs, () => this.#rotate('the connection reached its age'));
  }

  #rotate(reason: string): void {
    if (this.#next !== undefined || this.#closed) return;
    const { wall, log } = this.#options;
    log.info({ venue: this.#protocol.venue, lane: this.lane, reason }, 'replacing the market data connection');
    this.#cancelAge?.();
    this.#switching = false;
    const startedMs = wall.now();
    this.#oldTracks.clear();
    for (const track of this.#current.tracks) this.#oldTracks.set(track.feed, track);
    this.#next = this.#connect();
    for (const track of this.#next.tracks) if (!this.#oldTracks.has(track.feed)) begin(track);
    // Also looks when nothing arrives: a quiet instrument is in step without a message.
    this.#cancelOverlap = wall.every(500, () => {
      if (wall.now() - startedMs < OVERLAP_MAX_MS) this.#advance();
      else if (this.#switching || this.#changing) this.#finish();
      else this.#abandon(`not in step within ${OVERLAP_MAX_MS / 1000} s`);
    });
  }

  #advance(): void {
    const next = this.#next;
    if (next === undefined || !this.#isOverlapped(next)) return;
    // What is not in step on the old connection either has nothing to lose.
    this.#switching ||= next.tracks.every(
      (track) => !track.hasBook || track.sync.state === 'live' || this.#oldTracks.get(track.feed)?.sync.state !== 'live',
    );
    if (!this.#switching) return;
    let done = true;
    for (const track of next.tracks) {
      if (track.isCurrent) continue;
      const old = this.#oldTracks.get(track.feed);
      if (!track.hasBook) {
        track.promote();
        old?.retire();
      } else if (old === undefined || old.sync.state !== 'live' || track.isAheadOf(old)) track.feed.switchTo(track);
      else done = false;
    }
    if (done) this.#finish();
  }

  /** The new connection is the connection from now on, for what was not switched yet too. */
  #finish(): void {
    const next = this.#next;
    if (next === undefined) return;
    const before = this.#current;
    this.#next = undefined;
    this.#current = next;
    this.#switching = false;
    this.#changing = false;
    this.#cancelOverlap?.();
    const isOverlapped = this.#isOverlapped(next);
    for (const track of next.tracks) {
      if (track.isCurrent) continue;
      if (!isOverlapped) track.feed.interrupt();
      if (track.hasBook) track.feed.switchTo(track);
      else {
        track.promote();
        this.#oldTracks.get(track.feed)?.retire();
      }
    }
    this.#oldTracks.clear();
    void before.close();
    if (next.state === 'open') this.#begun();
  }

  /** The connection that is shown is open. */
  #begun(): void {
    this.#watchAge();
    for (const feed of this.#feeds) if (feed.trades.wantsBackfill) this.#onTrades(feed, false);
  }

  /** Both connections ran for so long that no trade can lie between them. */
  #isOverlapped(next: StreamConnection): boolean {
    return next.state === 'open' && this.#options.wall.now() - next.openedWallMs >= OVERLAP_MIN_MS;
  }

  #abandon(reason: string): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#discard(next);
    this.#options.log.warn(
      { venue: this.#protocol.venue, lane: this.lane, reason },
      'the market data connection could not be replaced',
    );
    this.#watchAge(RETRY_MS);
  }

  #discard(next: StreamConnection): void {
    this.#next = undefined;
    this.#cancelOverlap?.();
    for (const track of next.tracks) if (track.isCurrent) track.feed.interrupt();
    void next.close();
  }
}

/** What no other connection carries is shown from its first message on. */
function begin(track: BookTrack): void {
  if (track.hasBook) track.feed.switchTo(track);
  else track.promote();
}
