import type { Cancel } from '../../../core/base/clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { MarketListener, MarketSession, SessionHealth } from '../../ports/venue.ts';
import { backoffMs } from './backoff.ts';
import { InstrumentFeed } from './instrument-feed.ts';
import { Shard } from './shard.ts';
import type { SessionOptions } from './stream-connection.ts';
import type { StreamProtocol } from './stream-protocol.ts';

/** REST pages asked for before trades are given up as missed. */
const BACKFILL_ATTEMPTS = 3;
/** New trades are not held back for longer than this because the venue's REST asks for patience. */
const BACKFILL_PATIENCE_MS = 10_000;
/** Trades are fetched after the new subscription is surely in force, so that nothing falls between the two. */
const BACKFILL_DELAY_MS = 1_500;

/** Market data of any number of instruments of one venue, spread over as many connections as the venue's limits want. */
export class VenueSession implements MarketSession {
  readonly #protocol: StreamProtocol;
  readonly #options: SessionOptions;
  readonly #listener: MarketListener;
  readonly #feeds = new Map<string, InstrumentFeed>();
  /** By symbol: the shard that carries its book. */
  readonly #shardOf = new Map<string, Shard>();
  readonly #shards: Shard[] = [];
  readonly #closed = new AbortController();
  readonly #cancels = new Set<Cancel>();

  constructor(instruments: readonly Instrument[], listener: MarketListener, protocol: StreamProtocol, options: SessionOptions) {
    this.#protocol = protocol;
    this.#options = options;
    this.#listener = listener;
    this.change(instruments);
  }

  /** Follows exactly these from now on. Those that were followed already lose nothing, not even for a moment. */
  change(instruments: readonly Instrument[]): void {
    if (this.#closed.signal.aborted) return;
    const wanted = new Set(instruments.map(({ symbol }) => symbol));
    if (wanted.size < instruments.length) throw new RangeError('an instrument is twice in one session');
    const members = new Map(
      this.#shards.map((shard) => [shard, shard.feeds.filter((feed) => wanted.has(feed.instrument.symbol))]),
    );
    for (const [symbol, feed] of this.#feeds) {
      if (wanted.has(symbol)) continue;
      feed.release();
      this.#feeds.delete(symbol);
      this.#shardOf.delete(symbol);
    }
    const homeless = new Map<string, InstrumentFeed[]>();
    for (const instrument of instruments) {
      if (this.#feeds.has(instrument.symbol)) continue;
      const feed = new InstrumentFeed(instrument, this.#options.bucketWidthOf(instrument), this.#protocol, this.#listener);
      const after = this.#options.resumeTradesAfter?.(instrument);
      if (after !== undefined) feed.trades.resume(after);
      this.#feeds.set(instrument.symbol, feed);
      for (const lane of this.#protocol.lanes(instrument)) {
        const home = this.#shards.find(
          (shard) => shard.lane === lane && (members.get(shard)?.length ?? 0) < this.#protocol.instrumentsPerConnection,
        );
        const feeds = home === undefined ? (homeless.get(lane) ?? []) : (members.get(home) ?? []);
        feeds.push(feed);
        if (home === undefined) homeless.set(lane, feeds);
        else this.#settle(feed, home);
      }
    }
    for (const [shard, feeds] of members) {
      if (feeds.length === 0) this.#drop(shard);
      else if (feeds.length !== shard.feeds.length || feeds.some((feed) => !shard.feeds.includes(feed))) shard.change(feeds);
    }
    const size = this.#protocol.instrumentsPerConnection;
    for (const [lane, feeds] of homeless) {
      for (let from = 0; from < feeds.length; from += size) {
        const part = feeds.slice(from, from + size);
        const shard = new Shard(lane, part, this.#protocol, this.#options, (feed, held) => this.#seekTrades(feed, held));
        this.#shards.push(shard);
        for (const feed of part) this.#settle(feed, shard);
      }
    }
  }

  health(instrument: Instrument): SessionHealth {
    const shard = this.#shardOf.get(instrument.symbol);
    return this.#feed(instrument).health(shard?.state ?? 'closed', this.#options.wall.now(), shard?.lastError);
  }

  forgetLatencies(): void {
    for (const feed of this.#feeds.values()) feed.latency.clear();
  }

  book(instrument: Instrument): L2Book {
    return this.#feed(instrument).book;
  }

  async close(): Promise<void> {
    if (!this.#closed.signal.aborted) {
      this.#closed.abort();
      for (const cancel of this.#cancels) cancel();
    }
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  /** Remembers the shard that carries the book of `feed`. */
  #settle(feed: InstrumentFeed, shard: Shard): void {
    const { symbol } = feed.instrument;
    if (this.#protocol.lanes(feed.instrument)[0] === shard.lane) this.#shardOf.set(symbol, shard);
  }

  #drop(shard: Shard): void {
    this.#shards.splice(this.#shards.indexOf(shard), 1);
    void shard.close();
  }

  #feed(instrument: Instrument): InstrumentFeed {
    const feed = this.#feeds.get(instrument.symbol);
    if (feed === undefined) throw new Error(`${instrument.symbol} is not part of this session`);
    return feed;
  }

  /** `held`: a trade waits already, which proves that the subscription is in force. */
  #seekTrades(feed: InstrumentFeed, held: boolean): void {
    if (feed.backfillPending || this.#closed.signal.aborted) return;
    feed.backfillPending = true;
    const { losses } = feed;
    if (held) void this.#backfill(feed, losses);
    else void this.#wait(BACKFILL_DELAY_MS).then(() => this.#backfill(feed, losses));
  }

  /** Ends without an answer when the connection is lost once more: what is fetched then would not reach to the next one. */
  async #backfill(feed: InstrumentFeed, losses: number): Promise<void> {
    const { trades } = feed;
    const holesBefore = trades.holes;
    const isOver = (): boolean => this.#closed.signal.aborted || feed.losses !== losses;
    for (let attempt = 0; trades.wantsBackfill && !isOver(); attempt++) {
      const answer = await this.#protocol.fetchTrades?.(feed.instrument, trades.cursor, this.#closed.signal);
      if (isOver()) break;
      const final = attempt === BACKFILL_ATTEMPTS - 1;
      if (answer === undefined) trades.giveUp(`${this.#protocol.name} offers no trades of the past`);
      else if (answer.ok) {
        const tsReceived = this.#options.clock.now();
        if (
          trades.onBackfill(
            answer.value.map((trade) => ({ ...trade, tsReceived })),
            final,
          )
        )
          break;
      } else if (final || !answer.error.retryable) trades.giveUp(answer.error.message);
      if (this.#options.blockedForMs() > BACKFILL_PATIENCE_MS) trades.giveUp(`${this.#protocol.name}'s request limit is used up`);
      if (!trades.wantsBackfill) break;
      await this.#wait(Math.max(backoffMs(attempt, this.#options.rng), this.#options.blockedForMs()));
    }
    feed.backfillPending = false;
    if (trades.problem !== undefined) feed.lastError = trades.problem;
    if (trades.holes > holesBefore) {
      const { venue, symbol } = feed.instrument;
      this.#options.log.warn({ venue, symbol, hole: trades.problem }, 'trades are missing');
    }
    // Connected again meanwhile: nobody else will ask.
    if (trades.wantsBackfill && this.#shardOf.get(feed.instrument.symbol)?.state === 'open') this.#seekTrades(feed, false);
  }

  async #wait(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.wall.after(delayMs, () => {
        this.#cancels.delete(cancel);
        resolve();
      });
      this.#cancels.add(cancel);
    });
  }
}

/**
 * The `open` of a venue's market data, which refuses to follow an instrument twice at the same time: two sessions would
 * count every trade double.
 */
export function sessionOpener(
  protocol: StreamProtocol,
  options: SessionOptions,
): (instruments: readonly Instrument[], listener: MarketListener) => MarketSession {
  const followed = new Set<string>();
  const claim = (instruments: readonly Instrument[]): void => {
    for (const { symbol } of instruments) {
      if (followed.has(symbol)) throw new Error(`${symbol} of ${protocol.name} is already followed by an open session`);
    }
    for (const { symbol } of instruments) followed.add(symbol);
  };
  return (instruments, listener) => {
    claim(instruments);
    const session = new VenueSession(instruments, listener, protocol, options);
    let own = instruments;
    let open = true;
    return {
      change(next) {
        for (const { symbol } of own) followed.delete(symbol);
        try {
          claim(next);
        } catch (thrown) {
          claim(own);
          throw thrown;
        }
        own = next;
        session.change(next);
      },
      health: (instrument) => session.health(instrument),
      book: (instrument) => session.book(instrument),
      forgetLatencies: () => session.forgetLatencies(),
      async close() {
        if (open) for (const { symbol } of own) followed.delete(symbol);
        open = false;
        await session.close();
      },
    };
  };
}
