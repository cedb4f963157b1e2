import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { type MarketStructure, pivotName } from '../../../core/analysis/pivots/market-structure.ts';
import type { PivotEvent, PivotLevelNumber, PivotView, StructureView } from '../../../core/contracts/structure.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import { pivotView, StructureSeries } from './structure-series.ts';

const RETRY_WALL_MS = 3_000;
/** In the order in which they are analysed: what a chart opens with first, the month of seconds last. */
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

/** Market structure of every followed symbol on every timeframe. */
export class StructureService {
  /** Of candles that close while it runs: what history holds is no event. */
  readonly events: Emitter<PivotEvent>;
  /** After each change of a pivot, and when history has been analysed. */
  readonly views: Emitter<StructureView>;
  readonly #deps: StructureServiceDeps;
  readonly #series = new Map<string, StructureSeries>();
  readonly #ends = new Map<string, () => void>();
  /** One analysis at a time: they share the disk with live data. */
  #analysing: Promise<unknown> = Promise.resolve();
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
    const ends: (() => void)[] = [];
    const all = ORDER.map((timeframe) => {
      const series = this.#newSeries(symbol, timeframe);
      this.#series.set(keyOf(symbol, timeframe), series);
      ends.push(
        this.#deps.candles.onCandleClosed(symbol, timeframe, (candle) => series.onClosed(candle)),
        () => series.close(),
        () => this.#series.delete(keyOf(symbol, timeframe)),
      );
      return series;
    });
    let followed = true;
    ends.push(() => {
      followed = false;
    });
    this.#ends.set(symbol, () => {
      for (const end of ends) end();
    });
    void stored.then(() => {
      if (followed) for (const series of all) this.#analyse(series, symbol);
    });
  }

  unfollow(symbol: string): void {
    this.#ends.get(symbol)?.();
    this.#ends.delete(symbol);
  }

  /** Undefined for a symbol that is not followed. */
  view(symbol: string, timeframe: Timeframe): StructureView | undefined {
    return this.#series.get(keyOf(symbol, timeframe))?.view();
  }

  /** To read from, in the turn in which it was asked for. Undefined until history has been analysed. */
  structure(symbol: string, timeframe: Timeframe): MarketStructure | undefined {
    return this.#series.get(keyOf(symbol, timeframe))?.structure;
  }

  /** Pivots of `level` and above in [from, to]. Older history that was stored since it was analysed is taken in for the next time. */
  pivots(symbol: string, timeframe: Timeframe, level: PivotLevelNumber, from: number, to: number): PivotView[] | undefined {
    const series = this.#series.get(keyOf(symbol, timeframe));
    if (series?.beginsAfter(from)) void this.#lookAgain(series, symbol);
    return series?.pivots(level, from, to);
  }

  close(): void {
    this.#closed = true;
    for (const symbol of [...this.#ends.keys()]) this.unfollow(symbol);
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

  #analyse(series: StructureSeries, symbol: string): Promise<unknown> {
    this.#analysing = this.#analysing.then(async () => {
      if (this.#closed) return;
      const done = await series.analyse();
      if (done.ok || this.#closed) return;
      this.#deps.log.warn({ symbol, reason: done.error.message }, 'market structure could not be analysed; trying again');
      this.#deps.wall.after(RETRY_WALL_MS, () => void this.#analyse(series, symbol));
    });
    return this.#analysing;
  }

  async #lookAgain(series: StructureSeries, symbol: string): Promise<void> {
    if (this.#looking.has(series)) return;
    this.#looking.add(series);
    if (await series.hasGrown()) await this.#analyse(series, symbol);
    this.#looking.delete(series);
  }
}

function keyOf(symbol: string, timeframe: Timeframe): string {
  return `${symbol} ${timeframe}`;
}
