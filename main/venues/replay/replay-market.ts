import type { Clock } from '../../../core/base/clock.ts';
import type { ImportKind } from '../../../core/contracts/import.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { RecordedInstrument, ReplayedEvent } from '../../../core/recording/recorded-event.ts';
import type { ReplayListener, TimeSpan } from '../../../core/recording/replay-engine.ts';
import type { MarketListener, MarketSession, SessionHealth, VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { ReplayInstrument } from './replay-instrument.ts';
import { TradeLag } from './trade-lag.ts';

/** The oldest `limit` candles that the recorded market's store has of those that opened in [from, to), oldest first. */
export type RecordedCandles = (
  instrument: Instrument,
  timeframe: Timeframe,
  from: number,
  to: number,
  limit: number,
) => Promise<Result<readonly Candle[]>>;

export interface ReplayMarketOptions {
  readonly instruments: readonly RecordedInstrument[];
  readonly clock: Clock;
  readonly candles: RecordedCandles;
  /** An imported history rather than a recording: it has no book, and may have no trades either. */
  readonly history?: ImportKind | undefined;
}

/** Consolidated-book bucket width of an instrument, in quote units. */
type BucketWidthOf = (instrument: Instrument) => number;

/** A recording in the shape of the venues that it was made on: what the engine plays, their listeners hear. */
export class ReplayMarket implements ReplayListener {
  readonly #options: ReplayMarketOptions;
  /** By the recording's index. */
  readonly #feeds: readonly ReplayInstrument[];
  #silentUntil = Number.NEGATIVE_INFINITY;
  #begun = false;
  readonly #lag = new TradeLag();

  constructor(options: ReplayMarketOptions) {
    this.#options = options;
    const hasBooks = options.history === undefined;
    this.#feeds = options.instruments.map((recording) => new ReplayInstrument(recording, hasBooks));
  }

  get venues(): readonly VenueId[] {
    return [...new Set(this.#feeds.map(({ instrument }) => instrument.venue))];
  }

  /** Market time by which trades came late when they were recorded. */
  get tradeLagMs(): number {
    return this.#lag.ms;
  }

  onEvent(event: ReplayedEvent, silent: boolean): void {
    if (event.kind === 'trade') this.#lag.add(event);
    this.#feeds[event.instrument]?.onEvent(event, silent);
  }

  onBegin(): void {
    this.#begun = true;
    for (const feed of this.#feeds) feed.begin(this.#options.clock.now());
  }

  onGap(gap: TimeSpan): void {
    this.#silentUntil = gap.to;
    const reason = `not recorded between ${iso(gap.from)} and ${iso(gap.to)}`;
    for (const feed of this.#feeds) feed.interrupt(reason);
  }

  /** Public market data of one recorded venue, as its connector would give it. */
  marketDataOf(venue: VenueId, bucketWidthOf: BucketWidthOf): VenueMarketData {
    const { clock, history } = this.#options;
    const feeds = this.#feeds.filter(({ instrument }) => instrument.venue === venue);
    return {
      venue,
      tellsCandlesOnly: history === 'candles',
      serverTime: async () => ok(clock.now()),
      instruments: async (symbols) => {
        const found: Instrument[] = [];
        const unknown: string[] = [];
        for (const symbol of symbols) {
          const feed = feeds.find(({ instrument }) => instrument.symbol === symbol);
          if (feed === undefined) unknown.push(symbol);
          else found.push(feed.instrument);
        }
        return unknown.length === 0
          ? ok(found)
          : fail('VENUE_UNKNOWN_SYMBOL', `${unknown.join(', ')} on ${venue} is not in this recording.`);
      },
      symbols: async () => ok(feeds.map(({ instrument }) => instrument.symbol).sort()),
      candles: (instrument, timeframe, from, to, limit) => this.#candles(instrument, timeframe, from, to, limit),
      open: (instruments, listener) => this.#open(feeds, bucketWidthOf, instruments, listener),
    };
  }

  /** Closed ones only: nothing that the recorded market learnt later than the replay's now. */
  async #candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    if (this.#options.history === 'candles' && timeframe === '1s')
      return fail('VENUE_REFUSED', `This history of ${instrument.symbol} has candles of 1m and longer.`);
    const length = TIMEFRAME_MS[timeframe];
    const end = Math.min(to, this.#options.clock.now() - length + 1);
    if (from >= end) return ok([]);
    const read = await this.#options.candles(instrument, timeframe, from, end, limit);
    if (read.ok) return ok([...read.value]);
    return fail('VENUE_BAD_ANSWER', `The recorded market's candles cannot be read: ${read.error.message}`, { retryable: true });
  }

  #open(
    feeds: readonly ReplayInstrument[],
    bucketWidthOf: BucketWidthOf,
    instruments: readonly Instrument[],
    listener: MarketListener,
  ): MarketSession {
    const { clock } = this.#options;
    const feedOf = (symbol: string): ReplayInstrument => {
      const feed = feeds.find(({ instrument }) => instrument.symbol === symbol);
      if (feed === undefined) throw new Error(`${symbol} is not in this recording`);
      return feed;
    };
    let followed = new Set<string>();
    const change = (next: readonly Instrument[]): void => {
      const before = followed;
      followed = new Set(next.map(({ symbol }) => symbol));
      for (const symbol of before) if (!followed.has(symbol)) feedOf(symbol).release();
      for (const symbol of followed) {
        const feed = feedOf(symbol);
        if (!before.has(symbol)) feed.follow(listener, bucketWidthOf(feed.instrument));
      }
    };
    change(instruments);
    const session = {
      health: ({ symbol }: Instrument): SessionHealth => {
        const now = clock.now();
        return feedOf(symbol).health(now, this.#begun && now >= this.#silentUntil);
      },
      book: ({ symbol }: Instrument): L2Book => feedOf(symbol).book,
      change,
      close: async () => change([]),
    };
    return session;
  }
}

function iso(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().replace('.000Z', 'Z') : 'the end';
}
