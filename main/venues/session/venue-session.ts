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
  readonly #feeds = new Map<string, InstrumentFeed>();
  /** By symbol: the shard that carries its book. */
  readonly #shardOf = new Map<string, Shard>();
  readonly #shards: Shard[] = [];
  readonly #closed = new AbortController();
  readonly #cancels = new Set<Cancel>();

  constructor(instruments: readonly Instrument[], listener: MarketListener, protocol: StreamProtocol, options: SessionOptions) {
    this.#protocol = protocol;
    this.#options = options;
    const lanes = new Map<string, InstrumentFeed[]>();
    for (const instrument of instruments) {
      if (this.#feeds.has(instrument.symbol)) throw new RangeError(`${instrument.symbol} is twice in one session`);
      const feed = new InstrumentFeed(instrument, options.bucketWidthOf(instrument), protocol, listener);
      this.#feeds.set(instrument.symbol, feed);
      for (const lane of protocol.lanes(instrument)) {
        const members = lanes.get(lane) ?? [];
        members.push(feed);
        lanes.set(lane, members);
      }
    }
    for (const [lane, feeds] of lanes) {
      const size = protocol.instrumentsPerConnection;
      for (let from = 0; from < feeds.length; from += size) {
        const part = feeds.slice(from, from + size);
        const shard = new Shard(lane, part, protocol, options, (feed, held) => this.#seekTrades(feed, held));
        this.#shards.push(shard);
        for (const feed of part) {
          if (protocol.lanes(feed.instrument)[0] === lane) this.#shardOf.set(feed.instrument.symbol, shard);
        }
      }
    }
  }

  health(instrument: Instrument): SessionHealth {
    const shard = this.#shardOf.get(instrument.symbol);
    return this.#feed(instrument).health(shard?.state ?? 'closed', this.#options.wall.now(), shard?.lastError);
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

  #feed(instrument: Instrument): InstrumentFeed {
    const feed = this.#feeds.get(instrument.symbol);
    if (feed === undefined) throw new Error(`${instrument.symbol} is not part of this session`);
    return feed;
  }

  /** `held`: a trade waits already, which proves that the subscription is in force. */
  #seekTrades(feed: InstrumentFeed, held: boolean): void {
    if (feed.backfillPending || this.#closed.signal.aborted) return;
    feed.backfillPending = true;
    if (held) void this.#backfill(feed);
    else void this.#wait(BACKFILL_DELAY_MS).then(() => this.#backfill(feed));
  }

  async #backfill(feed: InstrumentFeed): Promise<void> {
    const { trades } = feed;
    for (let attempt = 0; trades.wantsBackfill && !this.#closed.signal.aborted; attempt++) {
      const answer = await this.#protocol.fetchTrades?.(feed.instrument, trades.cursor, this.#closed.signal);
      if (this.#closed.signal.aborted) return;
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
  return (instruments, listener) => {
    for (const { symbol } of instruments) {
      if (followed.has(symbol)) throw new Error(`${symbol} of ${protocol.name} is already followed by an open session`);
    }
    const session = new VenueSession(instruments, listener, protocol, options);
    for (const { symbol } of instruments) followed.add(symbol);
    let open = true;
    return {
      health: (instrument) => session.health(instrument),
      book: (instrument) => session.book(instrument),
      async close() {
        if (open) for (const { symbol } of instruments) followed.delete(symbol);
        open = false;
        await session.close();
      },
    };
  };
}
