import type { EpochMs } from '../base/clock.ts';
import type { Candle } from './candle.ts';
import { openTimeOf, TIMEFRAME_MS, type Timeframe, TIMEFRAMES } from './timeframe.ts';
import type { Trade } from './trade.ts';

export interface CandleListener {
  onClosed(timeframe: Timeframe, candle: Candle): void;
  /** A trade of a candle that was closed already: the candle stays as it is, and is wrong by this trade. */
  onLateTrade?(timeframe: Timeframe, trade: Trade): void;
  /** So long without trades or clock that [from, to) is unknown rather than quiet: it was not filled. Back-fill it. */
  onSkipped?(timeframe: Timeframe, from: EpochMs, to: EpochMs): void;
}

export interface CandleBuilderOptions {
  readonly listener: CandleListener;
  /**
   * How long after its end the clock may close a candle, in the clock's milliseconds: trades of its last moment are
   * still under way. A trade of a later period closes it at once.
   */
  readonly closeDelayMs: number;
  readonly timeframes?: readonly Timeframe[];
  /** The longest hole that is filled in one step; a longer one is skipped and reported. */
  readonly maxFillMs?: number;
}

/** What the venue's candles already tell when the builder takes over at `liveFrom`. */
export interface CandleSeed {
  /** The part of the running candle before `liveFrom`; absent when it holds no trade. */
  readonly partial?: Candle | undefined;
  /** The newest closed candle: its close is what empty periods are filled with. */
  readonly previous?: Candle | undefined;
}

const DEFAULT_MAX_FILL_MS = 2 * 3_600_000;

/**
 * Trades → candles of every timeframe in one pass.
 *
 * Within a candle, trades count in the order of (time, id), whatever order they come in. A candle closes when a trade
 * of a later period comes or the clock passes its end; periods without a trade close as filled candles. When several
 * close at one instant, finer timeframes come first.
 */
export class CandleBuilder {
  readonly #forming: FormingCandle[];
  readonly #listener: CandleListener;
  readonly #closeDelayMs: number;
  readonly #maxFillMs: number;
  #liveFrom: EpochMs = Number.NEGATIVE_INFINITY;
  /** No forming candle ends before this. */
  #nextEnd = Number.POSITIVE_INFINITY;
  #lateTrades = 0;
  #coveredTrades = 0;

  constructor(options: CandleBuilderOptions) {
    const wanted = options.timeframes ?? TIMEFRAMES;
    this.#forming = TIMEFRAMES.filter((timeframe) => wanted.includes(timeframe)).map((timeframe) => new FormingCandle(timeframe));
    this.#listener = options.listener;
    this.#closeDelayMs = options.closeDelayMs;
    this.#maxFillMs = options.maxFillMs ?? DEFAULT_MAX_FILL_MS;
  }

  /** Trades that came after a candle they belong to had closed. */
  get lateTrades(): number {
    return this.#lateTrades;
  }

  /** Trades before `liveFrom`, which the seed holds already. */
  get coveredTrades(): number {
    return this.#coveredTrades;
  }

  /**
   * Starts (or, after an outage, starts anew) at `liveFrom`, a whole second from which on every trade will be seen.
   * Everything before it comes from the venue's candles: `partialCandle` puts the running ones together. Earlier trades
   * are ignored from now on, so that nothing is counted twice.
   */
  seed(liveFrom: EpochMs, seeds: Partial<Record<Timeframe, CandleSeed>>): void {
    this.#liveFrom = liveFrom;
    for (const forming of this.#forming) forming.seed(liveFrom, seeds[forming.timeframe] ?? {});
    this.#findNextEnd();
  }

  addTrade(trade: Trade): void {
    if (trade.tsEvent < this.#liveFrom) {
      this.#coveredTrades++;
      return;
    }
    if (trade.tsEvent >= this.#nextEnd) this.#closeUpTo(trade.tsEvent);
    let late = false;
    for (const forming of this.#forming) {
      if (forming.add(trade)) {
        if (forming.end < this.#nextEnd) this.#nextEnd = forming.end;
        continue;
      }
      late = true;
      this.#listener.onLateTrade?.(forming.timeframe, trade);
    }
    if (late) this.#lateTrades++;
  }

  /** Tells the time. Do not call while the venue cannot be heard: silence would be taken for an empty market. */
  advanceTo(now: EpochMs): void {
    if (now - this.#closeDelayMs >= this.#nextEnd) this.#closeUpTo(now - this.#closeDelayMs);
  }

  /** The running candle; undefined before the first trade or seed. A running candle without a trade reads as filled. */
  forming(timeframe: Timeframe): Candle | undefined {
    return this.#forming.find((candidate) => candidate.timeframe === timeframe)?.toCandle();
  }

  /** Closes every candle that ends at or before `time`, in order of end time. */
  #closeUpTo(time: EpochMs): void {
    for (const forming of this.#forming) {
      const target = openTimeOf(time, forming.timeframe);
      if (!(target - forming.end > this.#maxFillMs)) continue;
      // Close what is there, then jump: thousands of filled candles would tell of a quiet market that nobody watched.
      const from = forming.end;
      this.#close(forming);
      forming.restart(target);
      this.#listener.onSkipped?.(forming.timeframe, from, target);
    }
    for (;;) {
      let next: FormingCandle | undefined;
      for (const forming of this.#forming) {
        if (forming.end <= time && (next === undefined || forming.end < next.end)) next = forming;
      }
      if (next === undefined) break;
      const end = next.end;
      this.#close(next);
      next.restart(end);
    }
    this.#findNextEnd();
  }

  #close(forming: FormingCandle): void {
    const candle = forming.toCandle();
    if (candle !== undefined) this.#listener.onClosed(forming.timeframe, candle);
  }

  #findNextEnd(): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const forming of this.#forming) this.#nextEnd = Math.min(this.#nextEnd, forming.end);
  }
}

class FormingCandle {
  readonly timeframe: Timeframe;
  readonly #length: number;
  #openTime = Number.NaN;
  /** Not the same as a trade count above 0: some recorded candles carry no counts. */
  #traded = false;
  /** Infinite until there is a first trade or seed. */
  end = Number.POSITIVE_INFINITY;
  #open = Number.NaN;
  #high = Number.NEGATIVE_INFINITY;
  #low = Number.POSITIVE_INFINITY;
  /** The previous candle's close while this one holds no trade. */
  #close = Number.NaN;
  #volume = 0;
  #buyVolume = 0;
  #tradeCount = 0;
  #firstTime = 0;
  #firstId = 0;
  #lastTime = 0;
  #lastId = 0;

  constructor(timeframe: Timeframe) {
    this.timeframe = timeframe;
    this.#length = TIMEFRAME_MS[timeframe];
  }

  restart(openTime: EpochMs): void {
    this.#openTime = openTime;
    this.end = openTime + this.#length;
    this.#traded = false;
    this.#open = Number.NaN;
    this.#high = Number.NEGATIVE_INFINITY;
    this.#low = Number.POSITIVE_INFINITY;
    this.#volume = 0;
    this.#buyVolume = 0;
    this.#tradeCount = 0;
  }

  seed(liveFrom: EpochMs, { partial, previous }: CandleSeed): void {
    this.restart(openTimeOf(liveFrom, this.timeframe));
    this.#close = previous?.close ?? Number.NaN;
    if (partial === undefined || partial.filled) {
      if (Number.isNaN(this.#close) && partial !== undefined) this.#close = partial.close;
      // Nothing to fill with: the first trade starts the candle.
      if (Number.isNaN(this.#close)) this.end = Number.POSITIVE_INFINITY;
      return;
    }
    this.#traded = true;
    this.#open = partial.open;
    this.#high = partial.high;
    this.#low = partial.low;
    this.#close = partial.close;
    this.#volume = partial.volume;
    this.#buyVolume = partial.buyVolume;
    this.#tradeCount = partial.tradeCount;
    // Every trade from now on is later than what the seed holds.
    this.#firstTime = this.#lastTime = Number.NEGATIVE_INFINITY;
  }

  /** False when the trade is older than this candle. */
  add(trade: Trade): boolean {
    const { tsEvent, id, price, quantity } = trade;
    if (this.end === Number.POSITIVE_INFINITY) this.restart(openTimeOf(tsEvent, this.timeframe));
    else if (tsEvent < this.#openTime) return false;
    if (!this.#traded) {
      this.#traded = true;
      this.#open = this.#close = price;
      this.#firstTime = this.#lastTime = tsEvent;
      this.#firstId = this.#lastId = id;
    } else if (tsEvent > this.#lastTime || (tsEvent === this.#lastTime && id >= this.#lastId)) {
      this.#close = price;
      this.#lastTime = tsEvent;
      this.#lastId = id;
    } else if (tsEvent < this.#firstTime || (tsEvent === this.#firstTime && id < this.#firstId)) {
      this.#open = price;
      this.#firstTime = tsEvent;
      this.#firstId = id;
    }
    if (price > this.#high) this.#high = price;
    if (price < this.#low) this.#low = price;
    this.#volume += quantity;
    if (trade.side === 'buy') this.#buyVolume += quantity;
    this.#tradeCount++;
    return true;
  }

  toCandle(): Candle | undefined {
    if (this.end === Number.POSITIVE_INFINITY) return undefined;
    const openTime = this.#openTime;
    if (!this.#traded) return filledCandle(openTime, this.#close);
    return {
      openTime,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      volume: this.#volume,
      buyVolume: this.#buyVolume,
      tradeCount: this.#tradeCount,
      filled: false,
    };
  }
}

/** A period without a trade, at the previous close. */
export function filledCandle(openTime: EpochMs, previousClose: number): Candle {
  return {
    openTime,
    open: previousClose,
    high: previousClose,
    low: previousClose,
    close: previousClose,
    volume: 0,
    buyVolume: 0,
    tradeCount: 0,
    filled: true,
  };
}
