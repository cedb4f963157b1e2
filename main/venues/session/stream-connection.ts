import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { backoffMs } from './backoff.ts';
import { BookTrack } from './book-track.ts';
import type { DepthDelta } from './depth-delta.ts';
import type { InstrumentFeed } from './instrument-feed.ts';
import type { Link, StreamProtocol, Track, Wire } from './stream-protocol.ts';
import { type ConnectionState, StreamSocket } from './stream-socket.ts';
import type { TradeCursor } from './trade-sequence.ts';

/** The shape of pino's `info` and `warn`. */
export interface VenueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SessionOptions {
  readonly connectTimeoutMs: number;
  /**
   * Wall milliseconds without any message after which a connection is given up, and without a depth update after which a book
   * is stale, where the venue's own cadence (`StreamProtocol.bookSilenceMs`) allows no longer silence.
   */
  readonly silenceMs: number;
  /** Market time, for `tsReceived`. */
  readonly clock: Clock;
  /** Wall time, for liveness, time-outs and back-off. */
  readonly wall: Clock;
  readonly rng: Rng;
  readonly log: VenueLog;
  readonly bucketWidthOf: (instrument: Instrument) => number;
  /** See `MarketDataOptions`. */
  readonly resumeTradesAfter?: ((instrument: Instrument) => TradeCursor | undefined) | undefined;
  /** How long the venue's REST asks to be left alone. */
  readonly blockedForMs: () => number;
}

/** What a connection tells the shard that owns it. */
export interface ConnectionOwner {
  onOpen(connection: StreamConnection): void;
  onLost(connection: StreamConnection, reason: string): void;
  onRotate(connection: StreamConnection, reason: string): void;
  /** A book that is not shown yet has moved. */
  onShadow(connection: StreamConnection): void;
  onTrades(feed: InstrumentFeed): void;
}

/** After so long without asking, the next snapshot is asked for at once again; a book that breaks over and over has to wait. */
const SNAPSHOT_CALM_MS = 30_000;
/** A snapshot that the stream owes us is asked for again after this long. */
const SNAPSHOT_WAIT_MS = 10_000;

/**
 * One connection and the instruments on it: books kept in step, trades and klines passed on, silence noticed, snapshots
 * sought, subscriptions and keep-alives sent; lost connections are made anew by its socket.
 */
export class StreamConnection implements Link {
  readonly lane: string;
  readonly tracks: readonly BookTrack[];
  readonly #protocol: StreamProtocol;
  readonly #options: SessionOptions;
  readonly #owner: ConnectionOwner;
  readonly #socket: StreamSocket;
  readonly #closed = new AbortController();
  readonly #cancels = new Set<Cancel>();
  #cancelKeepAlive: Cancel | undefined;
  #wire: Wire | undefined;
  #outbox: string[] = [];
  #sending = false;
  #lastMessageWallMs = 0;
  #isProbed = false;
  readonly #checkEveryMs: number;
  #lastCheckWallMs: number;
  openedWallMs = 0;
  tsReceived = 0;
  lastError: string | undefined;

  constructor(
    lane: string,
    feeds: readonly InstrumentFeed[],
    protocol: StreamProtocol,
    options: SessionOptions,
    owner: ConnectionOwner,
  ) {
    this.lane = lane;
    this.#protocol = protocol;
    this.#options = options;
    this.#owner = owner;
    this.tracks = feeds.map((feed) => new BookTrack(feed, protocol, protocol.lanes(feed.instrument)[0] === lane));
    const instruments = feeds.map(({ instrument }) => instrument);
    this.#socket = new StreamSocket({
      address: () => protocol.address(lane, instruments, this.#closed.signal),
      wall: options.wall,
      rng: options.rng,
      connectTimeoutMs: options.connectTimeoutMs,
      onOpen: () => this.#onOpen(instruments),
      onMessage: (message, isBinary) => this.#onMessage(message, isBinary),
      onLost: (reason, retryInMs) => this.#onLost(reason, retryInMs),
    });
    this.#checkEveryMs = Math.max(50, options.silenceMs / 5);
    this.#lastCheckWallMs = options.wall.now();
    this.#cancels.add(options.wall.every(this.#checkEveryMs, () => this.#checkSilence()));
  }

  get state(): ConnectionState {
    return this.#socket.state;
  }

  async close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort();
      for (const cancel of this.#cancels) cancel();
      this.#cancelKeepAlive?.();
      for (const track of this.tracks) track.sync.disconnected('the session was closed');
    }
    await this.#socket.close();
  }

  onHeard(track: Track): void {
    const { feed, isCurrent } = track as BookTrack;
    if (!isCurrent) return;
    feed.lastMessageWallMs = this.#lastMessageWallMs;
    feed.rate.add(this.#lastMessageWallMs);
  }

  onDelta(of: Track, delta: DepthDelta): void {
    const track = of as BookTrack;
    track.lastDepthWallMs = this.#lastMessageWallMs;
    if (track.isCurrent) track.feed.loneTradeWallMs = undefined;
    track.onDelta(delta, this.tsReceived);
    if (track.sync.state !== 'live') this.#seekSnapshot(track);
    else if (track.snapshotPending && delta.snapshot) this.#endSnapshot(track);
    if (!track.isCurrent) this.#owner.onShadow(this);
  }

  onTrade(of: Track, trade: Trade): void {
    const track = of as BookTrack;
    track.onTrade(trade);
    if (track.isCurrent) track.feed.noteTrade(this.#lastMessageWallMs, this.#options.silenceMs);
    if (track.feed.trades.wantsBackfill) this.#owner.onTrades(track.feed);
  }

  onKline(of: Track, candle: Candle, closed: boolean, timeframe: Timeframe): void {
    const { feed, isCurrent } = of as BookTrack;
    if (isCurrent) feed.listener.onKline(feed.instrument, candle, closed, timeframe);
  }

  onUnreadable(of: Track, kind: 'depth' | 'trade' | 'kline', reason: string): void {
    const track = of as BookTrack;
    this.#noteError(track, `unreadable ${kind} message: ${reason}`);
    if (kind !== 'depth') return;
    track.sync.invalidate(`unreadable depth update: ${reason}`);
    this.#seekSnapshot(track);
  }

  invalidateAll(reason: string): void {
    this.#noteError(undefined, reason);
    for (const track of this.tracks) {
      if (!track.hasBook) continue;
      track.sync.gaps++;
      track.sync.invalidate(reason);
      this.#seekSnapshot(track);
    }
  }

  onOdd(reason: string): void {
    this.#noteError(undefined, reason);
  }

  send(message: string): void {
    this.#socket.send(message);
  }

  rotate(reason: string): void {
    this.#owner.onRotate(this, reason);
  }

  drop(reason: string): void {
    this.#socket.drop(reason);
  }

  #onOpen(instruments: readonly Instrument[]): void {
    const { wall, log } = this.#options;
    const protocol = this.#protocol;
    const wallNow = wall.now();
    this.lastError = undefined;
    this.#lastMessageWallMs = wallNow;
    this.#isProbed = false;
    this.openedWallMs = wallNow;
    this.#wire = protocol.wire(this);
    log.info({ venue: protocol.venue, lane: this.lane, instruments: instruments.length }, 'market data connected');
    for (const track of this.tracks) {
      if (!track.hasBook) continue;
      track.lastDepthWallMs = wallNow;
      track.snapshotAttempts = 0;
      this.#endSnapshot(track);
      track.sync.connected();
      // A book that begins in the stream comes by itself after the subscription.
      if (track.sync.wantsSnapshot) this.#awaitSnapshot(track);
    }
    this.#outbox = [];
    this.#post(protocol.subscribe(this.lane, instruments));
    const { keepAlive } = protocol;
    if (keepAlive !== undefined) {
      this.#cancelKeepAlive = wall.every(keepAlive.everyMs, () => this.#socket.send(keepAlive.message(this.lane)));
    }
    this.#owner.onOpen(this);
  }

  #onLost(reason: string, retryInMs: number): void {
    const { log } = this.#options;
    this.lastError = reason;
    this.#cancelKeepAlive?.();
    this.#cancelKeepAlive = undefined;
    log.warn(
      { venue: this.#protocol.venue, lane: this.lane, reason, retryInMs: Math.round(retryInMs) },
      'market data connection lost',
    );
    for (const track of this.tracks) {
      if (track.hasBook) track.sync.disconnected(reason);
      if (track.isCurrent) track.feed.interrupt();
    }
    this.#owner.onLost(this, reason);
  }

  #onMessage(message: Buffer, isBinary: boolean): void {
    this.#lastMessageWallMs = this.#options.wall.now();
    this.#isProbed = false;
    this.tsReceived = this.#options.clock.now();
    this.#wire?.onMessage(message, isBinary);
  }

  /** Subscriptions leave in order, with the venue's pause in between. */
  #post(messages: readonly string[]): void {
    for (const message of messages) this.#outbox.push(message);
    if (!this.#sending) this.#sendNext();
  }

  #sendNext(): void {
    const message = this.#outbox.shift();
    this.#sending = message !== undefined;
    if (message === undefined) return;
    this.#socket.send(message);
    const { subscribeIntervalMs } = this.#protocol;
    if (subscribeIntervalMs === 0) this.#sendNext();
    else this.#after(subscribeIntervalMs, () => this.#sendNext());
  }

  #endSnapshot(track: BookTrack): void {
    track.snapshotPending = false;
    track.snapshotRound++;
  }

  #awaitSnapshot(track: BookTrack): void {
    track.snapshotPending = true;
    const round = ++track.snapshotRound;
    this.#after(SNAPSHOT_WAIT_MS, () => {
      if (round !== track.snapshotRound) return;
      track.snapshotPending = false;
      if (!track.sync.wantsSnapshot) return;
      this.#noteError(track, `no book within ${SNAPSHOT_WAIT_MS / 1000} s of the subscription`);
      this.#seekSnapshot(track);
    });
  }

  /** Asks for a snapshot when the book needs one and none is under way. The first at once, later ones with back-off. */
  #seekSnapshot(track: BookTrack): void {
    if (track.snapshotPending || !track.sync.wantsSnapshot || this.#closed.signal.aborted) return;
    track.snapshotPending = true;
    // What kept depth from coming may have kept trades too, and not every venue's ids show it.
    if (track.isCurrent && track.tsEvent > 0) track.feed.trades.interrupted(track.tsEvent);
    const wallNow = this.#options.wall.now();
    if (wallNow - track.lastSnapshotWallMs > SNAPSHOT_CALM_MS) track.snapshotAttempts = 0;
    track.lastSnapshotWallMs = wallNow;
    const attempt = track.snapshotAttempts++;
    const fromRest = this.#protocol.fetchSnapshot !== undefined;
    const delayMs = Math.max(
      attempt === 0 ? 0 : backoffMs(attempt - 1, this.#options.rng),
      fromRest ? this.#options.blockedForMs() : 0,
    );
    const request = fromRest ? () => void this.#fetchSnapshot(track) : () => this.#resubscribe(track);
    if (delayMs === 0) request();
    else this.#after(delayMs, request);
  }

  #resubscribe(track: BookTrack): void {
    if (!track.sync.wantsSnapshot) {
      this.#endSnapshot(track);
      return;
    }
    this.#post(this.#protocol.resubscribe(track.instrument, this.#wire));
    this.#awaitSnapshot(track);
  }

  async #fetchSnapshot(track: BookTrack): Promise<void> {
    const answer = await this.#protocol.fetchSnapshot?.(track, this.#closed.signal);
    track.snapshotPending = false;
    if (answer === undefined || this.#closed.signal.aborted) return;
    track.tsReceived = this.#options.clock.now();
    if (answer.ok) track.sync.onSnapshot(answer.value);
    else this.#noteError(track, answer.error.message);
    this.#seekSnapshot(track);
  }

  #checkSilence(): void {
    const { wall, silenceMs } = this.#options;
    if (this.#socket.state !== 'open') return;
    const wallNow = wall.now();
    // Timers run before sockets are read: after a stall of this process (or the machine's sleep) it was us who did not listen.
    const overdueMs = wallNow - this.#lastCheckWallMs - this.#checkEveryMs;
    this.#lastCheckWallMs = wallNow;
    if (overdueMs > this.#checkEveryMs) return;
    const quietMs = wallNow - this.#lastMessageWallMs;
    if (quietMs > silenceMs) {
      this.#socket.drop(`nothing received for ${quietMs} ms`);
      return;
    }
    if (quietMs > silenceMs / 2 && !this.#isProbed) {
      const probe = this.#protocol.probe?.(this.lane);
      if (probe !== undefined) this.#isProbed = this.#socket.send(probe);
    }
    for (const track of this.tracks) {
      if (track.sync.state !== 'live') continue;
      const doubt = this.#doubtOf(track, wallNow);
      if (doubt === undefined) continue;
      track.feed.loneTradeWallMs = undefined;
      track.sync.invalidate(doubt);
      this.#seekSnapshot(track);
    }
  }

  /** Why a book that says nothing cannot be believed any more. */
  #doubtOf({ lastDepthWallMs, feed, isCurrent }: BookTrack, wallNow: number): string | undefined {
    const { silenceMs } = this.#options;
    const silentMs = wallNow - lastDepthWallMs;
    if (silentMs > Math.max(silenceMs, this.#protocol.bookSilenceMs ?? 0)) return `no depth update for ${silentMs} ms`;
    // The connection lives and the book rests, but its subscription may be lost: then trades go on without it.
    const { loneTradeWallMs } = feed;
    if (!isCurrent || loneTradeWallMs === undefined || wallNow - loneTradeWallMs <= silenceMs) return undefined;
    return `a trade, but no depth update for ${silentMs} ms`;
  }

  #after(delayMs: number, task: () => void): void {
    const cancel = this.#options.wall.after(delayMs, () => {
      this.#cancels.delete(cancel);
      task();
    });
    this.#cancels.add(cancel);
  }

  #noteError(track: BookTrack | undefined, message: string): void {
    if (track === undefined) this.lastError = message;
    else track.feed.lastError = message;
    this.#options.log.warn({ venue: this.#protocol.venue, symbol: track?.instrument.symbol }, message);
  }
}
