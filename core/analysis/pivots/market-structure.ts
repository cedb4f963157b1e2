import type { EpochMs } from '../../base/clock.ts';
import type { CandleColumns } from '../../market/candle.ts';
import { FOUND_AT, FOUND_ATR, FOUND_LENGTH, FOUND_PRICE, FOUND_TIME, PivotLevel } from './pivot-level.ts';

export const PIVOT_LEVELS = 5;
/** Candles on either side of a fractal's middle (Williams, "Trading Chaos": five-bar fractals). */
export const FRACTAL_WIDTH = 2;
const ATR_PERIOD = 14;

/**
 * - `confirmed`: the pivot is known from now on (event `L1H`, `L1L` … of DOMAIN section 5).
 * - `retracted`: a more extreme one of its kind takes its place. Told first, while the level still holds the old one;
 *   `confirmed` for the new one, which has the same number, follows at once.
 */
export type PivotChange = 'confirmed' | 'retracted';

/** @param at close time of the candle that brought it, which is when it may be known */
export type PivotListener = (level: PivotLevel, index: number, change: PivotChange, at: EpochMs) => void;

export interface MarketStructureOptions {
  /** Length of a candle: one that opened at t closes at t + length. */
  readonly lengthMs: number;
  /** 1 … 32; `FRACTAL_WIDTH` when absent. */
  readonly fractalWidth?: number;
  /** Pivots kept of level 1, a power of two from 1,024; every level above keeps half as many as the one below. 16,384 when absent. */
  readonly capacity?: number;
  readonly onChange?: PivotListener;
}

export type PivotName = `L${1 | 2 | 3 | 4 | 5}${'H' | 'L'}`;

/** `L1H`, `L3L` … */
export function pivotName(level: number, isHigh: boolean): PivotName {
  return `L${level}${isHigh ? 'H' : 'L'}` as PivotName;
}

/**
 * Williams market structure, DOMAIN section 5: the pivots of five levels and their trends, after every closed candle.
 *
 * Constant time per candle, amortised (a candle of level n needs one of level n−1), and no allocation after the
 * constructor. The state after a candle is a function of that candle and those before it, nothing else, so that the same
 * candles pushed one by one, in slices or all at once leave the same state.
 *
 * Where the definition is silent (docs/adr/0009-settled-pivots.md says why):
 * - A candle that is both a high and a low counts first as the kind that the newest pivot is not (the high, when there
 *   is none), so that both are kept.
 * - Of two successive equal highs or lows the earlier one is kept.
 * - A pivot is *settled* when the next one, of the other kind, is confirmed: it cannot be replaced any more. Levels above
 *   see settled pivots only, as level 1 sees closed candles only. So nothing that happens below takes a pivot back.
 * - ATR(14) is Wilder's over the candles, with the mean of the true ranges that there are before there are 14.
 * - Strength: the excursion is the mean of those to the neighbours that are known; until the next one is confirmed, that to the one before.
 * - Neighbours are the candles before and after that exist; a gap in the data is no candle.
 */
export class MarketStructure {
  readonly levels: readonly PivotLevel[];
  readonly #lengthMs: number;
  readonly #width: number;
  readonly #onChange: PivotListener | undefined;
  readonly #mask: number;
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  readonly #times: Float64Array;
  readonly #closes: Float64Array;
  readonly #atrs: Float64Array;
  /** The fractal on its way to its level: arguments would be boxed at each call. */
  readonly #found = new Float64Array(FOUND_LENGTH);
  #candles = 0;

  constructor({ lengthMs, fractalWidth = FRACTAL_WIDTH, capacity = 16_384, onChange }: MarketStructureOptions) {
    if (!Number.isInteger(fractalWidth) || fractalWidth < 1 || fractalWidth > 32)
      throw new Error(`a fractal width of ${fractalWidth} is not within 1 … 32`);
    if (capacity < 1_024) throw new Error(`a capacity of ${capacity} is below 1,024`);
    this.#lengthMs = lengthMs;
    this.#width = fractalWidth;
    this.#onChange = onChange;
    this.levels = Array.from({ length: PIVOT_LEVELS }, (_, i) => new PivotLevel(i + 1, capacity / 2 ** i));
    const window = 2 ** Math.ceil(Math.log2(2 * fractalWidth + 1));
    this.#mask = window - 1;
    this.#highs = new Float64Array(window);
    this.#lows = new Float64Array(window);
    this.#times = new Float64Array(window);
    this.#closes = new Float64Array(window);
    this.#atrs = new Float64Array(window);
  }

  /** Candles seen. */
  get candles(): number {
    return this.#candles;
  }

  /** Close time of the newest candle: what is told here was known then. Undefined before the first. */
  get asOf(): EpochMs | undefined {
    return this.#candles === 0 ? undefined : (this.#times[(this.#candles - 1) & this.#mask] as number) + this.#lengthMs;
  }

  /** Wilder's ATR(14) at the newest candle. */
  get atr(): number {
    return this.#candles === 0 ? 0 : (this.#atrs[(this.#candles - 1) & this.#mask] as number);
  }

  /**
   * Takes the next closed candle.
   * @throws when it does not open after the one before: the state could not be told from one with look-ahead
   */
  push(openTime: EpochMs, high: number, low: number, close: number): void {
    const slot = this.#candles & this.#mask;
    this.#times[slot] = openTime;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#closes[slot] = close;
    this.#step();
  }

  /** Takes the candles `from` … `to − 1` of the columns, as `push` does. */
  pushColumns(candles: CandleColumns, from = 0, to = candles.openTime.length): void {
    const { openTime, high, low, close } = candles;
    const mask = this.#mask;
    for (let i = from; i < to; i++) {
      const slot = this.#candles & mask;
      this.#times[slot] = openTime[i] as number;
      this.#highs[slot] = high[i] as number;
      this.#lows[slot] = low[i] as number;
      this.#closes[slot] = close[i] as number;
      this.#step();
    }
  }

  /** The next candle is in its slot. */
  #step(): void {
    const mask = this.#mask;
    const now = this.#candles;
    const slot = now & mask;
    const last = (now - 1) & mask;
    const highs = this.#highs;
    const lows = this.#lows;
    if (!((this.#times[slot] as number) > (now === 0 ? Number.NEGATIVE_INFINITY : (this.#times[last] as number))))
      throw new Error(`a candle of ${this.#times[slot]} after the one of ${this.#times[last]}`);
    this.#candles = now + 1;
    const high = highs[slot] as number;
    const low = lows[slot] as number;
    let range = high - low;
    let atr = 0;
    if (now > 0) {
      const before = this.#closes[last] as number;
      if (high - before > range) range = high - before;
      if (before - low > range) range = before - low;
      atr = this.#atrs[last] as number;
    }
    this.#atrs[slot] = atr + (range - atr) / (now < ATR_PERIOD ? now + 1 : ATR_PERIOD);
    const width = this.#width;
    if (now < 2 * width) return;
    const middle = now - width;
    const isHigh = isPeak(highs, middle, width, mask);
    const isLow = isTrough(lows, middle, width, mask);
    if (!isHigh && !isLow) return;
    this.#found[FOUND_AT] = (this.#times[slot] as number) + this.#lengthMs;
    const first = this.levels[0] as PivotLevel;
    const highFirst = isHigh && (!isLow || first.count === 0 || !first.isHigh(first.count - 1));
    if (highFirst) this.#acceptCandle(true, middle & mask);
    if (isLow) this.#acceptCandle(false, middle & mask);
    if (isHigh && !highFirst) this.#acceptCandle(true, middle & mask);
  }

  #acceptCandle(isHigh: boolean, slot: number): void {
    const found = this.#found;
    found[FOUND_PRICE] = (isHigh ? this.#highs[slot] : this.#lows[slot]) as number;
    found[FOUND_TIME] = this.#times[slot] as number;
    found[FOUND_ATR] = this.#atrs[slot] as number;
    this.#accept(0, isHigh);
  }

  /** What was found is a fractal of level `position + 1`: kept in turn with those of the other kind. */
  #accept(position: number, isHigh: boolean): void {
    const level = this.levels[position] as PivotLevel;
    const found = this.#found;
    const newest = level.count - 1;
    if (newest >= 0 && level.isHigh(newest) === isHigh) {
      if (!level.isBeyondNewest(found)) return;
      this.#onChange?.(level, newest, 'retracted', found[FOUND_AT] as number);
      level.replaceNewest(found);
      this.#onChange?.(level, newest, 'confirmed', found[FOUND_AT] as number);
      return;
    }
    level.append(isHigh, found);
    this.#onChange?.(level, newest + 1, 'confirmed', found[FOUND_AT] as number);
    if (position + 1 < PIVOT_LEVELS) this.#onSettled(position, newest);
  }

  /** Pivot `settled` of the level is final: the one `width` of its kind before it may be one of the level above. */
  #onSettled(position: number, settled: number): void {
    const middle = settled - 2 * this.#width;
    if (middle < 2 * this.#width) return;
    const below = this.levels[position] as PivotLevel;
    if (!below.isFractal(middle, this.#width)) return;
    below.copyTo(middle, this.#found);
    this.#accept(position + 1, below.isHigh(middle));
  }
}

/** Strictly above the `width` before it and not below those after it. */
function isPeak(values: Float64Array, middle: number, width: number, mask: number): boolean {
  const value = values[middle & mask] as number;
  for (let i = 1; i <= width; i++) {
    if ((values[(middle - i) & mask] as number) >= value || (values[(middle + i) & mask] as number) > value) return false;
  }
  return true;
}

function isTrough(values: Float64Array, middle: number, width: number, mask: number): boolean {
  const value = values[middle & mask] as number;
  for (let i = 1; i <= width; i++) {
    if ((values[(middle - i) & mask] as number) <= value || (values[(middle + i) & mask] as number) < value) return false;
  }
  return true;
}
