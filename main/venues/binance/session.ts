import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { reasonOf } from '../../../core/base/result.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { MarketListener, MarketSession, SessionHealth } from '../../ports/venue.ts';
import { emptyDelta } from './depth-delta.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import type { BinanceHttp } from './http.ts';
import { InstrumentFeed } from './instrument-feed.ts';
import { depthFromJson, isObject, klineFromEvent, snapshotFromJson, tradeFromJson } from './parse.ts';
import { backoffMs, combinedStreamUrl, StreamSocket } from './ws.ts';

/** The shape of pino's `info` and `warn`. */
export interface VenueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SessionOptions {
  readonly streamUrl: string;
  readonly connectTimeoutMs: number;
  /** Wall milliseconds without a depth update after which a book is stale. */
  readonly silenceMs: number;
  /** Market time, for `tsReceived`. */
  readonly clock: Clock;
  /** Wall time, for liveness, time-outs and back-off. */
  readonly wall: Clock;
  readonly rng: Rng;
  readonly log: VenueLog;
  readonly bucketWidthOf: (instrument: Instrument) => number;
}

type StreamKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly feed: InstrumentFeed;
  readonly kind: StreamKind;
}

/** 1,000 levels a side cost 50 of the 6,000 request weight a minute. Source: Binance spot docs, "Order book". */
const SNAPSHOT_LEVELS = 1000;
/** After so long without asking, the next snapshot is asked for at once again; a book that breaks over and over has to wait. */
const SNAPSHOT_CALM_MS = 30_000;

/**
 * One combined-stream connection for all instruments: books kept in step, trades and 1s klines passed on,
 * silence noticed, lost connections made anew.
 */
export class BinanceSession implements MarketSession {
  readonly #options: SessionOptions;
  readonly #http: BinanceHttp;
  readonly #feeds = new Map<string, InstrumentFeed>();
  readonly #routes = new Map<string, Route>();
  readonly #socket: StreamSocket;
  readonly #parser = new DepthParser();
  readonly #delta = emptyDelta();
  readonly #envelope: StreamEnvelope = { stream: '', dataStart: 0 };
  readonly #closed = new AbortController();
  readonly #cancels = new Set<Cancel>();
  #connectionError: string | undefined;
  #lastMessageWallMs = 0;

  constructor(instruments: readonly Instrument[], listener: MarketListener, http: BinanceHttp, options: SessionOptions) {
    this.#options = options;
    this.#http = http;
    for (const instrument of instruments) {
      const feed = new InstrumentFeed(instrument, options.bucketWidthOf(instrument), listener);
      const name = instrument.venueSymbol.toLowerCase();
      this.#feeds.set(instrument.symbol, feed);
      this.#routes.set(`${name}@depth@100ms`, { feed, kind: 'depth' });
      this.#routes.set(`${name}@trade`, { feed, kind: 'trade' });
      this.#routes.set(`${name}@kline_1s`, { feed, kind: 'kline' });
    }
    this.#socket = new StreamSocket({
      url: combinedStreamUrl(options.streamUrl, [...this.#routes.keys()]),
      wall: options.wall,
      rng: options.rng,
      connectTimeoutMs: options.connectTimeoutMs,
      onOpen: () => this.#onOpen(),
      onMessage: (message) => this.#onMessage(message),
      onLost: (reason, retryInMs) => this.#onLost(reason, retryInMs),
    });
    this.#cancels.add(options.wall.every(Math.max(50, options.silenceMs / 5), () => this.#checkSilence()));
  }

  health(instrument: Instrument): SessionHealth {
    return this.#feed(instrument).health(this.#socket.state, this.#options.wall.now(), this.#connectionError);
  }

  book(instrument: Instrument): L2Book {
    return this.#feed(instrument).book;
  }

  async close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort();
      for (const cancel of this.#cancels) cancel();
      for (const feed of this.#feeds.values()) feed.sync.disconnected('the session was closed');
    }
    await this.#socket.close();
  }

  #feed(instrument: Instrument): InstrumentFeed {
    const feed = this.#feeds.get(instrument.symbol);
    if (feed === undefined) throw new Error(`${instrument.symbol} is not part of this session`);
    return feed;
  }

  #onOpen(): void {
    const wallNow = this.#options.wall.now();
    this.#connectionError = undefined;
    this.#lastMessageWallMs = wallNow;
    this.#options.log.info({ venue: 'binance', streams: this.#routes.size }, 'market data connected');
    for (const feed of this.#feeds.values()) {
      feed.lastDepthWallMs = wallNow;
      feed.snapshotAttempts = 0;
      feed.sync.connected();
    }
  }

  #onLost(reason: string, retryInMs: number): void {
    this.#connectionError = reason;
    this.#options.log.warn({ venue: 'binance', reason, retryInMs: Math.round(retryInMs) }, 'market data connection lost');
    for (const feed of this.#feeds.values()) feed.sync.disconnected(reason);
  }

  #onMessage(message: Buffer): void {
    const wallNow = this.#options.wall.now();
    const tsReceived = this.#options.clock.now();
    this.#lastMessageWallMs = wallNow;
    const envelope = this.#envelope;
    if (!readEnvelope(message, envelope)) {
      this.#onOddMessage(message, tsReceived);
      return;
    }
    const route = this.#routes.get(envelope.stream);
    if (route === undefined) return;
    const { feed, kind } = route;
    feed.lastMessageWallMs = wallNow;
    feed.rate.add(wallNow);
    if (kind === 'depth' && this.#parser.parse(message, envelope.dataStart, feed.tick, feed.lot, this.#delta)) {
      this.#onDelta(feed, wallNow, tsReceived);
      return;
    }
    this.#onJson(route, message.toString('utf8', envelope.dataStart, message.length - 1), tsReceived);
  }

  /** Not `{"stream":"…","data":…}` in this very order: an answer to a request, an error, or a changed envelope. */
  #onOddMessage(message: Buffer, tsReceived: number): void {
    const parsed = parseJson(message.toString());
    const route = isObject(parsed) && typeof parsed.stream === 'string' ? this.#routes.get(parsed.stream) : undefined;
    if (route !== undefined && isObject(parsed)) this.#onJson(route, JSON.stringify(parsed.data ?? null), tsReceived);
    else this.#noteError(undefined, `unknown message: ${message.toString('utf8', 0, Math.min(200, message.length))}`);
  }

  #onJson(route: Route, text: string, tsReceived: number): void {
    const { feed, kind } = route;
    const event = parseJson(text);
    if (!isObject(event)) {
      this.#onUnreadable(route, `not JSON: ${text.slice(0, 200)}`);
      return;
    }
    if (kind === 'depth') {
      const parsed = depthFromJson(event, feed.tick, feed.lot, this.#delta);
      if (parsed.ok) this.#onDelta(feed, this.#lastMessageWallMs, tsReceived);
      else this.#onUnreadable(route, parsed.error.message);
    } else if (kind === 'trade') {
      const parsed = tradeFromJson(event, tsReceived);
      if (parsed.ok) feed.onTrade(parsed.value);
      else this.#onUnreadable(route, parsed.error.message);
    } else {
      const parsed = klineFromEvent(event);
      if (parsed.ok) feed.onKline(parsed.value.candle, parsed.value.closed);
      else this.#onUnreadable(route, parsed.error.message);
    }
  }

  #onUnreadable({ feed, kind }: Route, reason: string): void {
    this.#noteError(feed, `unreadable ${kind} message: ${reason}`);
    // A lost diff is a gap whether or not we know its ids.
    if (kind === 'depth') feed.sync.invalidate(`unreadable depth update: ${reason}`);
  }

  #onDelta(feed: InstrumentFeed, wallNow: number, tsReceived: number): void {
    feed.lastDepthWallMs = wallNow;
    feed.onDelta(this.#delta, tsReceived);
    this.#seekSnapshot(feed);
  }

  /** Asks for a snapshot when the book needs one and none is under way. The first at once, later ones with back-off. */
  #seekSnapshot(feed: InstrumentFeed): void {
    if (feed.snapshotPending || !feed.sync.wantsSnapshot || this.#closed.signal.aborted) return;
    feed.snapshotPending = true;
    const wallNow = this.#options.wall.now();
    if (wallNow - feed.lastSnapshotWallMs > SNAPSHOT_CALM_MS) feed.snapshotAttempts = 0;
    feed.lastSnapshotWallMs = wallNow;
    const attempt = feed.snapshotAttempts++;
    const delayMs = Math.max(attempt === 0 ? 0 : backoffMs(attempt - 1, this.#options.rng), this.#http.blockedForMs);
    if (delayMs === 0) {
      void this.#fetchSnapshot(feed);
      return;
    }
    const cancel = this.#options.wall.after(delayMs, () => {
      this.#cancels.delete(cancel);
      void this.#fetchSnapshot(feed);
    });
    this.#cancels.add(cancel);
  }

  async #fetchSnapshot(feed: InstrumentFeed): Promise<void> {
    const query = { symbol: feed.instrument.venueSymbol, limit: SNAPSHOT_LEVELS };
    const answer = await this.#http.get('/api/v3/depth', query, this.#closed.signal);
    feed.snapshotPending = false;
    if (this.#closed.signal.aborted) return;
    if (!answer.ok) {
      this.#noteError(feed, answer.error.message);
    } else {
      const snapshot = snapshotFromJson(answer.value, feed.tick, feed.lot);
      if (!snapshot.ok) this.#noteError(feed, `unreadable snapshot: ${snapshot.error.message}`);
      else feed.sync.onSnapshot(snapshot.value);
    }
    this.#seekSnapshot(feed);
  }

  #checkSilence(): void {
    const { wall, silenceMs } = this.#options;
    if (this.#socket.state !== 'open') return;
    const wallNow = wall.now();
    if (wallNow - this.#lastMessageWallMs > silenceMs) {
      this.#socket.drop(`nothing received for ${wallNow - this.#lastMessageWallMs} ms`);
      return;
    }
    for (const feed of this.#feeds.values()) {
      const silentMs = wallNow - feed.lastDepthWallMs;
      if (silentMs <= silenceMs || feed.sync.state !== 'live') continue;
      feed.sync.invalidate(`no depth update for ${silentMs} ms`);
    }
  }

  #noteError(feed: InstrumentFeed | undefined, message: string): void {
    if (feed === undefined) this.#connectionError = message;
    else feed.lastError = message;
    this.#options.log.warn({ venue: 'binance', symbol: feed?.instrument.symbol }, message);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}
