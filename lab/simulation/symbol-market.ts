import { SplitMix32 } from '../../core/base/rng.ts';
import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import type { BookDiff, LabBook } from './book.ts';
import { BookFlow } from './book-flow.ts';
import { type Kline, type KlineQuery, klineOfTrades, klinesOf } from './kline.ts';
import { lowerBound, type MinuteTrades } from './minute.ts';
import { minuteTrades, type PlayedMinute, playMinute } from './minute-trades.ts';
import { streamSeed } from './trade-plan.ts';

export const STEP_MS = 100;
const SECOND_MS = 1_000;
/** Update ids of a market that begins at its recording's first millisecond; later starts begin higher, so that ids rise over a restart. */
const FIRST_UPDATE_ID = 1_000_000_000;
const UPDATE_IDS_PER_MS = 2;

export interface TradeEvent {
  readonly id: number;
  readonly time: number;
  readonly price: number;
  readonly lots: number;
  readonly buy: boolean;
}

/** What a playing symbol tells, in order of market time. */
export interface MarketSink {
  onTrade(market: SymbolMarket, trade: TradeEvent): void;
  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void;
  /** A second's candle, right after the second. */
  onSecond(market: SymbolMarket, time: number, kline: Kline): void;
}

/** One symbol playing: its trades at their times, its book around them, its candles up to now. Time comes as an argument. */
export class SymbolMarket {
  readonly recording: Recording;
  readonly #seed: number;
  readonly #flow: BookFlow;
  #now: number;
  /** The minute being played, and the next of its trades. */
  #index: number | undefined;
  #minuteOpen = Number.NaN;
  #played: PlayedMinute | undefined;
  #cursor = 0;
  #lastPrice: number;

  /** `startAt` is on a STEP_MS boundary inside the recording. */
  constructor(recording: Recording, seed: number, startAt: number) {
    this.recording = recording;
    this.#seed = seed;
    this.#now = startAt;
    const next = Math.min(recording.lowerBound(Math.floor(startAt / MINUTE_MS) * MINUTE_MS), recording.length - 1);
    this.#lastPrice = recording.closeBefore(next);
    this.#enterMinute(startAt);
    if (this.#played !== undefined) {
      const { trades } = this.#played;
      this.#cursor = lowerBound(trades, startAt - this.#minuteOpen);
      if (this.#cursor > 0) this.#lastPrice = trades.price[this.#cursor - 1] as number;
    }
    const rng = new SplitMix32(streamSeed(seed, recording.instrument.symbol, startAt, 2));
    const firstUpdateId = FIRST_UPDATE_ID + Math.floor((startAt - recording.startTime) * UPDATE_IDS_PER_MS);
    this.#flow = new BookFlow(rng, recording.instrument, this.#lastPrice, firstUpdateId);
  }

  get symbol(): string {
    return this.recording.instrument.symbol;
  }

  get now(): number {
    return this.#now;
  }

  get book(): LabBook {
    return this.#flow.book;
  }

  /** Whether the exchange was up in the step that ends at the next STEP_MS boundary. */
  get open(): boolean {
    return this.#index !== undefined;
  }

  /** Time of the next trade in the minute being played. */
  get nextTradeTime(): number | undefined {
    const trades = this.#played?.trades;
    return trades !== undefined && this.#cursor < trades.count
      ? this.#minuteOpen + (trades.offsetMs[this.#cursor] as number)
      : undefined;
  }

  klines(query: KlineQuery): Kline[] {
    return klinesOf(this.recording, this.#seed, query, this.#now);
  }

  /** The latest trades up to now, oldest first. */
  recentTrades(limit: number): TradeEvent[] {
    const found: TradeEvent[] = [];
    for (let index = this.recording.lowerBound(this.#now + 1) - 1; index >= 0 && found.length < limit; index--) {
      const minute = this.recording.minute(index);
      const trades = minuteTrades(this.#seed, this.recording, minute);
      const past = lowerBound(trades, this.#now + 1 - minute.openTime);
      for (let i = past - 1; i >= 0 && found.length < limit; i--)
        found.push(tradeAt(trades, i, this.recording.firstTradeId(index), minute.openTime));
    }
    return found.reverse();
  }

  /** Trades with ids from `id` on that have happened, oldest first; the oldest recorded where `id` is before them. */
  tradesFrom(id: number, limit: number): TradeEvent[] {
    const found: TradeEvent[] = [];
    const { recording } = this;
    for (let index = recording.minuteOfTrade(id); index < recording.length && found.length < limit; index++) {
      const minute = recording.minute(index);
      if (minute.openTime > this.#now) break;
      const firstId = recording.firstTradeId(index);
      const trades = minuteTrades(this.#seed, recording, minute);
      const past = lowerBound(trades, this.#now + 1 - minute.openTime);
      for (let i = Math.max(0, id - firstId); i < past && found.length < limit; i++)
        found.push(tradeAt(trades, i, firstId, minute.openTime));
    }
    return found;
  }

  /** Plays on to `time`: everything that is due up to and including it is told. `time` is at most one step ahead of now. */
  advanceTo(time: number, sink: MarketSink): void {
    const boundary = Math.floor(this.#now / STEP_MS) * STEP_MS + STEP_MS;
    if (time < boundary) {
      this.#playTrades(time, sink);
      this.#now = time;
      return;
    }
    this.#playTrades(boundary - 1, sink);
    this.#now = boundary;
    this.#closeStep(boundary, sink);
    if (boundary % MINUTE_MS === 0) this.#enterMinute(boundary);
    this.#playTrades(boundary, sink);
  }

  #enterMinute(time: number): void {
    this.#index = this.recording.indexAt(time);
    this.#cursor = 0;
    this.#minuteOpen = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    this.#played =
      this.#index === undefined ? undefined : playMinute(this.#seed, this.recording, this.recording.minute(this.#index));
  }

  #playTrades(until: number, sink: MarketSink): void {
    const trades = this.#played?.trades;
    if (trades === undefined || this.#index === undefined) return;
    const last = until - this.#minuteOpen;
    const firstId = this.recording.firstTradeId(this.#index);
    while (this.#cursor < trades.count && (trades.offsetMs[this.#cursor] as number) <= last) {
      const trade = tradeAt(trades, this.#cursor, firstId, this.#minuteOpen);
      this.#cursor++;
      this.#lastPrice = trade.price;
      this.#flow.applyTrade(trade.price, trade.lots, trade.buy);
      sink.onTrade(this, trade);
    }
  }

  #closeStep(boundary: number, sink: MarketSink): void {
    if (this.#index === undefined || this.#played === undefined) return;
    const { trades } = this.#played;
    this.#flow.churn();
    // Before anybody is told of the book: a venue's makers see every venue's trades, and leave no quote that the others would take.
    this.#flow.quote(this.#played.priceAt(boundary - this.#minuteOpen));
    const diff = this.book.drain();
    if (diff !== undefined) sink.onDepth(this, boundary, diff);
    if (boundary % SECOND_MS !== 0) return;
    const offset = boundary - SECOND_MS - this.#minuteOpen;
    const before = lowerBound(trades, offset);
    const previousClose = before > 0 ? (trades.price[before - 1] as number) : this.recording.closeBefore(this.#index);
    const firstId = this.recording.firstTradeId(this.#index);
    sink.onSecond(
      this,
      boundary,
      klineOfTrades(
        trades,
        firstId,
        boundary - SECOND_MS,
        SECOND_MS,
        offset,
        offset + SECOND_MS,
        previousClose,
        this.recording.instrument.inverse,
      ),
    );
  }
}

function tradeAt(trades: MinuteTrades, i: number, firstId: number, minuteOpen: number): TradeEvent {
  return {
    id: firstId + i,
    time: minuteOpen + (trades.offsetMs[i] as number),
    price: trades.price[i] as number,
    lots: trades.lots[i] as number,
    buy: trades.buy[i] === 1,
  };
}
