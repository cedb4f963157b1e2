import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { type MarketStructure, pivotName } from '../../../core/analysis/pivots/market-structure.ts';
import type { PivotEvent, PivotLevelNumber, PivotView, StructureView } from '../../../core/contracts/structure.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type Timeframe, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import { pivotView, StructureSeries } from './structure-series.ts';

const RETRY_WALL_MS = 3_000;
/** Of several that wait, the order in which they are analysed: what a chart opens with first, the month of seconds last. */
const ORDER: readonly Timeframe[] = ['1m', '5m', '15m', '1h', '4h', '1d', '1s'];

export interface StructureServiceDeps {
  readonly candles: { onCandleClosed(symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void): Cancel };
  readonly market: Pick<MarketRepository, 'candleBounds' | 'candleColumns'>;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly fractalWidth: number;
  /** How far back stored candles are analysed. */
  readonly contextDays: Readonly<Record<Timeframe, number>>;
  readonly log: Log;
}

interface Opened {
  readonly series: StructureSeries;
  readonly end: () => void;
}

/** Market structure of followed symbols, on the timeframes that somebody asked for: a month of seconds takes its time and its room. */
export class StructureService {
  /** Of candles that close while it runs: what history holds is no event. */
  readonly events: Emitter<PivotEvent>;
  /** After each change of a pivot, and when history has been analysed. */
  readonly views: Emitter<StructureView>;
  readonly #deps: StructureServiceDeps;
  readonly #series = new Map<string, Opened>();
  readonly #followed = new Map<string, Promise<unknown>>();
  readonly #wanted = new Map<string, Set<Timeframe>>();
  /** One analysis at a time: they share the disk with live data. */
  #analysing: Promise<unknown> = Promise.resolve();
  readonly #waiting: { readonly timeframe: Timeframe; readonly analyse: () => Promise<void> }[] = [];
  readonly #looking = new Set<StructureSeries>();
  #closed = false;

  constructor(deps: StructureServiceDeps) {
    this.#deps = deps;
    const onError = (thrown: unknown): void => deps.log.error({ detail: String(thrown) }, 'a market-structure listener failed');
    this.events = new Emitter(onError);
    this.views = new Emitter(onError);
  }

  /** @param stored resolves when the first history is in the store; candles that close from now on are not missed */
  follow(symbol: string, stored: Promise<unknown>): void {
    this.unfollow(symbol);
    this.#followed.set(symbol, stored);
    for (const timeframe of this.#wanted.get(symbol) ?? []) this.#open(symbol, timeframe, stored);
  }

  unfollow(symbol: string): void {
    this.#followed.delete(symbol);
    for (const timeframe of TIMEFRAMES) this.#series.get(keyOf(symbol, timeframe))?.end();
  }

  /** This series is analysed from now on, or as soon as the symbol is followed. Whoever asks for something of it wants it by that. */
  want(symbol: string, timeframe: Timeframe): void {
    const wanted = this.#wanted.get(symbol) ?? new Set();
    if (wanted.has(timeframe)) return;
    this.#wanted.set(symbol, wanted.add(timeframe));
    const stored = this.#followed.get(symbol);
    if (stored !== undefined) this.#open(symbol, timeframe, stored);
  }

  /** Undefined for a symbol that is not followed. */
  view(symbol: string, timeframe: Timeframe): StructureView | undefined {
    return this.#get(symbol, timeframe)?.view();
  }

  /** To read from, in the turn in which it was asked for. Undefined until history has been analysed. */
  structure(symbol: string, timeframe: Timeframe): MarketStructure | undefined {
    return this.#get(symbol, timeframe)?.structure;
  }

  /** Pivots of `level` and above in [from, to]. Older history that was stored since it was analysed is taken in for the next time. */
  pivots(symbol: string, timeframe: Timeframe, level: PivotLevelNumber, from: number, to: number): PivotView[] | undefined {
    const series = this.#get(symbol, timeframe);
    if (series?.beginsAfter(from)) void this.#lookAgain(series, symbol, timeframe);
    return series?.pivots(level, from, to);
  }

  close(): void {
    this.#closed = true;
    for (const symbol of [...this.#followed.keys()]) this.unfollow(symbol);
  }

  #get(symbol: string, timeframe: Timeframe): StructureSeries | undefined {
    this.want(symbol, timeframe);
    return this.#series.get(keyOf(symbol, timeframe))?.series;
  }

  #open(symbol: string, timeframe: Timeframe, stored: Promise<unknown>): void {
    const series = this.#newSeries(symbol, timeframe);
    const leave = this.#deps.candles.onCandleClosed(symbol, timeframe, (candle) => series.onClosed(candle));
    let ended = false;
    const end = (): void => {
      ended = true;
      leave();
      series.close();
      this.#series.delete(keyOf(symbol, timeframe));
    };
    this.#series.set(keyOf(symbol, timeframe), { series, end });
    void stored.then(() => {
      if (!ended) void this.#analyse(series, symbol, timeframe);
    });
  }

  #newSeries(symbol: string, timeframe: Timeframe): StructureSeries {
    const { market, clock, fractalWidth, contextDays } = this.#deps;
    const series: StructureSeries = new StructureSeries({
      symbol,
      timeframe,
      fractalWidth,
      contextDays: contextDays[timeframe],
      market,
      clock,
      onPivot: (level, index, change, at) => {
        if (this.events.listenerCount === 0) return;
        const pivot = pivotView(level.pivot(index));
        const name = pivotName(level.level, level.isHigh(index));
        this.events.emit({ symbol, timeframe, name, change, pivot, at });
      },
      onChange: () => {
        if (this.views.listenerCount > 0) this.views.emit(series.view());
      },
    });
    return series;
  }

  #analyse(series: StructureSeries, symbol: string, timeframe: Timeframe): Promise<unknown> {
    const analyse = async (): Promise<void> => {
      const done = await series.analyse();
      if (done.ok || this.#closed) return;
      this.#deps.log.warn({ symbol, reason: done.error.message }, 'market structure could not be analysed; trying again');
      this.#deps.wall.after(RETRY_WALL_MS, () => void this.#analyse(series, symbol, timeframe));
    };
    this.#waiting.push({ timeframe, analyse });
    this.#analysing = this.#analysing.then(async () => {
      this.#waiting.sort((a, b) => ORDER.indexOf(a.timeframe) - ORDER.indexOf(b.timeframe));
      if (!this.#closed) await this.#waiting.shift()?.analyse();
    });
    return this.#analysing;
  }

  async #lookAgain(series: StructureSeries, symbol: string, timeframe: Timeframe): Promise<void> {
    if (this.#looking.has(series)) return;
    this.#looking.add(series);
    if (await series.hasGrown()) await this.#analyse(series, symbol, timeframe);
    this.#looking.delete(series);
  }
}

function keyOf(symbol: string, timeframe: Timeframe): string {
  return `${symbol} ${timeframe}`;
}
