import type { Clock } from '../../../core/base/clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import { ContextBounds } from '../../../core/analysis/pivots/context-bounds.ts';
import { MarketStructure, type PivotListener } from '../../../core/analysis/pivots/market-structure.ts';
import type { Pivot, PivotLevel } from '../../../core/analysis/pivots/pivot-level.ts';
import type { PivotLevelNumber, PivotView, StructureLevelView, StructureView } from '../../../core/contracts/structure.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, storedTimeframeOf, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';

/** Read and analysed at one go: about 2 ms of the event loop. */
const PAGE_CANDLES = 10_000;
const MOST_PIVOTS_OF_A_LEVEL = 5_000;
const DAY_MS = 86_400_000;
/** Pivots kept of level 1: what a chart of 50,000 candles can show. Coarse timeframes never have as many. */
const CAPACITY_FINE = 16_384;
const CAPACITY_COARSE = 4_096;

export interface StructureSeriesDeps {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly fractalWidth: number;
  readonly contextDays: number;
  readonly market: Pick<MarketRepository, 'candleBounds' | 'candleColumns'>;
  readonly clock: Clock;
  /** A pivot of a candle that closed now; none while history is analysed. */
  readonly onPivot: PivotListener;
  readonly onChange: () => void;
}

interface Analysis {
  readonly structure: MarketStructure;
  readonly bounds: ContextBounds;
  readonly from: number | undefined;
}

/** Market structure of one symbol and timeframe: stored candles page by page, then each that closes. */
export class StructureSeries {
  readonly #deps: StructureSeriesDeps;
  readonly #lengthMs: number;
  #analysis: Analysis | undefined;
  /** Candles that closed while history is analysed. */
  #arrived: Candle[] | undefined = [];
  #live = false;
  #changed = false;
  #revision = 0;
  /** Open time of the oldest stored candle when history was last looked at. */
  #storedFrom = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(deps: StructureSeriesDeps) {
    this.#deps = deps;
    this.#lengthMs = TIMEFRAME_MS[deps.timeframe];
  }

  get structure(): MarketStructure | undefined {
    return this.#analysis?.structure;
  }

  close(): void {
    this.#closed = true;
  }

  onClosed(candle: Candle): void {
    this.#arrived?.push(candle);
    if (this.#analysis === undefined) return;
    this.#live = true;
    this.#changed = false;
    const taken = take(this.#analysis, candle);
    this.#live = false;
    if (taken && this.#changed) this.#tell();
  }

  /**
   * Analyses what is stored of the context and takes over from what was analysed before. Resolves when it has;
   * candles that close meanwhile follow it.
   */
  async analyse(): Promise<Result<void>> {
    const { symbol, timeframe, market, clock, contextDays, fractalWidth, onPivot } = this.#deps;
    this.#arrived ??= [];
    const stored = await market.candleBounds(symbol, storedTimeframeOf(timeframe));
    if (!stored.ok || this.#closed) return stored.ok ? ok(undefined) : stored;
    const structure = new MarketStructure({
      lengthMs: this.#lengthMs,
      fractalWidth,
      capacity: this.#lengthMs <= TIMEFRAME_MS['1m'] ? CAPACITY_FINE : CAPACITY_COARSE,
      onChange: (level, index, change, at) => {
        this.#changed = true;
        if (this.#live) onPivot(level, index, change, at);
      },
    });
    const next: Analysis = { structure, bounds: new ContextBounds(contextDays * DAY_MS), from: undefined };
    let first: number | undefined;
    const start = openTimeOf(Math.max(stored.value?.first ?? 0, clock.now() - contextDays * DAY_MS), timeframe);
    if (stored.value !== undefined) {
      for (let from = start; from <= stored.value.last; from += PAGE_CANDLES * this.#lengthMs) {
        const page = await market.candleColumns(symbol, timeframe, from, from + PAGE_CANDLES * this.#lengthMs);
        if (!page.ok || this.#closed) return page.ok ? ok(undefined) : page;
        first ??= page.value.openTime[0];
        structure.pushColumns(page.value);
        next.bounds.pushColumns(page.value);
      }
    }
    this.#storedFrom = stored.value?.first ?? Number.POSITIVE_INFINITY;
    this.#analysis = { ...next, from: first };
    for (const candle of this.#arrived ?? []) take(this.#analysis, candle);
    this.#arrived = undefined;
    this.#tell();
    return ok(undefined);
  }

  /** Whether older candles than those analysed have been stored, within the context. */
  async hasGrown(): Promise<boolean> {
    const { symbol, timeframe, market, clock, contextDays } = this.#deps;
    const from = this.#analysis?.from;
    if (this.#analysis === undefined || (from !== undefined && from <= clock.now() - contextDays * DAY_MS)) return false;
    const stored = await market.candleBounds(symbol, storedTimeframeOf(timeframe));
    return stored.ok && stored.value !== undefined && stored.value.first < this.#storedFrom;
  }

  /** Whether candles from before this time were left out of the analysis. */
  beginsAfter(time: number): boolean {
    return this.#analysis !== undefined && (this.#analysis.from ?? Number.POSITIVE_INFINITY) > time;
  }

  view(): StructureView {
    const { symbol, timeframe } = this.#deps;
    const { structure, bounds, from } = this.#analysis ?? {};
    const asOf = structure?.asOf;
    const extremes = bounds?.bounds;
    return {
      symbol,
      timeframe,
      ready: structure !== undefined,
      revision: this.#revision,
      candles: structure?.candles ?? 0,
      ...(from === undefined ? {} : { from }),
      ...(asOf === undefined ? {} : { asOf }),
      levels: structure?.levels.map(levelView) ?? [],
      ...(extremes === undefined ? {} : { bounds: extremes }),
    };
  }

  pivots(fromLevel: PivotLevelNumber, from: number, to: number): PivotView[] {
    const found: PivotView[] = [];
    for (const level of this.#analysis?.structure.levels ?? []) {
      if (level.level < fromLevel) continue;
      const end = level.indexFrom(to + 1);
      for (let i = Math.max(level.indexFrom(from), end - MOST_PIVOTS_OF_A_LEVEL); i < end; i++)
        found.push(pivotView(level.pivot(i)));
    }
    return found;
  }

  #tell(): void {
    this.#revision++;
    this.#deps.onChange();
  }
}

/** False for a candle that is in it already. */
function take({ structure, bounds }: Analysis, { openTime, high, low, close }: Candle): boolean {
  const { asOf } = structure;
  if (asOf !== undefined && openTime < asOf) return false;
  structure.push(openTime, high, low, close);
  bounds.push(openTime, high, low);
  return true;
}

function levelView(level: PivotLevel): StructureLevelView {
  const newest = level.count - 1;
  const at = (index: number) => (index < 0 ? undefined : pivotView(level.pivot(index)));
  const [one, other] = [at(newest), at(newest - 1)];
  const high = one?.kind === 'high' ? one : other;
  const low = one?.kind === 'low' ? one : other;
  return {
    level: level.level as PivotLevelNumber,
    trend: level.trend,
    trendStrength: level.trendStrength,
    count: level.count,
    ...(high === undefined ? {} : { high }),
    ...(low === undefined ? {} : { low }),
  };
}

export function pivotView({ label, ...pivot }: Pivot): PivotView {
  return label === undefined ? pivot : { ...pivot, label };
}
