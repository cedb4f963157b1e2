import type { EpochMs } from '../../base/clock.ts';
import type { CandleColumns } from '../../market/candle.ts';
import { PivotLevel } from './pivot-level.ts';

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
  readonly #atrs: Float64Array;
  #candles = 0;
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastClose = 0;
  #atr = 0;

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
    this.#atrs = new Float64Array(window);
  }

  /** Candles seen. */
  get candles(): number {
    return this.#candles;
  }

  /** Close time of the newest candle: what is told here was known then. Undefined before the first. */
  get asOf(): EpochMs | undefined {
    return this.#candles === 0 ? undefined : this.#lastTime + this.#lengthMs;
  }

  /** Wilder's ATR(14) at the newest candle. */
  get atr(): number {
    return this.#atr;
  }

  /**
   * Takes the next closed candle.
   * @throws when it does not open after the one before: the state could not be told from one with look-ahead
   */
  push(openTime: EpochMs, high: number, low: number, close: number): void {
    if (!(openTime > this.#lastTime)) throw new Error(`a candle of ${openTime} after the one of ${this.#lastTime}`);
    this.#lastTime = openTime;
    const before = this.#lastClose;
    this.#lastClose = close;
    let range = high - low;
    const now = this.#candles++;
    if (now > 0) {
      const up = high - before;
      const down = before - low;
      if (up > range) range = up;
      if (down > range) range = down;
    }
    this.#atr += (range - this.#atr) / (now < ATR_PERIOD ? now + 1 : ATR_PERIOD);

    const mask = this.#mask;
    const slot = now & mask;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#times[slot] = openTime;
    this.#atrs[slot] = this.#atr;
    const width = this.#width;
    if (now < 2 * width) return;
    const middle = now - width;
    const isHigh = isPeak(this.#highs, middle, width, mask);
    const isLow = isTrough(this.#lows, middle, width, mask);
    if (!isHigh && !isLow) return;
    const at = openTime + this.#lengthMs;
    const first = this.levels[0] as PivotLevel;
    const highFirst = isHigh && (!isLow || first.count === 0 || !first.isHigh(first.count - 1));
    if (highFirst) this.#acceptCandle(true, middle & mask, at);
    if (isLow) this.#acceptCandle(false, middle & mask, at);
    if (isHigh && !highFirst) this.#acceptCandle(true, middle & mask, at);
  }

  /** Takes the candles `from` … `to − 1` of the columns, as `push` does. */
  pushColumns(candles: CandleColumns, from = 0, to = candles.openTime.length): void {
    const { openTime, high, low, close } = candles;
    for (let i = from; i < to; i++) {
      this.push(openTime[i] as number, high[i] as number, low[i] as number, close[i] as number);
    }
  }

  #acceptCandle(isHigh: boolean, slot: number, at: EpochMs): void {
    const price = (isHigh ? this.#highs[slot] : this.#lows[slot]) as number;
    this.#accept(0, isHigh, price, this.#times[slot] as number, this.#atrs[slot] as number, at);
  }

  /** A fractal of level `position + 1`: kept in turn with those of the other kind. */
  #accept(position: number, isHigh: boolean, price: number, time: EpochMs, atr: number, at: EpochMs): void {
    const level = this.levels[position] as PivotLevel;
    const newest = level.count - 1;
    if (newest >= 0 && level.isHigh(newest) === isHigh) {
      const known = level.price(newest);
      if (isHigh ? price <= known : price >= known) return;
      this.#onChange?.(level, newest, 'retracted', at);
      level.replaceNewest(price, time, atr, at);
      this.#onChange?.(level, newest, 'confirmed', at);
      return;
    }
    level.append(isHigh, price, time, atr, at);
    this.#onChange?.(level, newest + 1, 'confirmed', at);
    if (position + 1 < PIVOT_LEVELS) this.#onSettled(position, newest, at);
  }

  /** Pivot `settled` of the level is final: the one `width` of its kind before it may be one of the level above. */
  #onSettled(position: number, settled: number, at: EpochMs): void {
    const width = this.#width;
    const middle = settled - 2 * width;
    if (middle < 2 * width) return;
    const below = this.levels[position] as PivotLevel;
    const isHigh = below.isHigh(middle);
    const price = below.price(middle);
    for (let i = 1; i <= width; i++) {
      const before = below.price(middle - 2 * i);
      const after = below.price(middle + 2 * i);
      if (isHigh ? before >= price || after > price : before <= price || after < price) return;
    }
    this.#accept(position + 1, isHigh, price, below.time(middle), below.atr(middle), at);
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
