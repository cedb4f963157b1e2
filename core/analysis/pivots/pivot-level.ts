import type { EpochMs } from '../../base/clock.ts';

export type PivotKind = 'high' | 'low';
/** Of a high: higher (HH) or not higher (LH) than the high before it. Of a low: not lower (HL) or lower (LL) than the low before it. */
export type StructureLabel = 'HH' | 'HL' | 'LH' | 'LL';
export type Trend = 'up' | 'down' | 'sideways';

/** A confirmed pivot as it is known now. */
export interface Pivot {
  /** 1 … 5. */
  readonly level: number;
  readonly kind: PivotKind;
  readonly price: number;
  /** Open time of the candle with the high or low. */
  readonly time: EpochMs;
  /** Close time of the candle that confirmed it: nobody could know of it before. */
  readonly confirmedAt: EpochMs;
  /** 0 … 1. Rises or falls with the neighbouring opposite pivots while they are confirmed and replaced. */
  readonly strength: number;
  /** Undefined for the first pivot of its kind. */
  readonly label: StructureLabel | undefined;
}

/** Slots of a fractal that is offered to a level. */
export const FOUND_PRICE = 0;
export const FOUND_TIME = 1;
export const FOUND_ATR = 2;
export const FOUND_AT = 3;
export const FOUND_LENGTH = 4;

const STEPS_OF_TREND = 6;
const LABELS = [undefined, 'HH', 'HL', 'LH', 'LL'] as const;
const CODE = { HH: 1, HL: 2, LH: 3, LL: 4 } as const;

/**
 * The pivots of one level, highs and lows in turn, numbered from 0. The newest `capacity` are kept; the newest one may
 * be replaced by a more extreme one of its kind until the next is appended.
 */
export class PivotLevel {
  /** 1 … 5. */
  readonly level: number;
  readonly #mask: number;
  readonly #time: Float64Array;
  readonly #price: Float64Array;
  readonly #atr: Float64Array;
  readonly #confirmedAt: Float64Array;
  readonly #strength: Float64Array;
  readonly #label: Uint8Array;
  #count = 0;
  /** Parity of the numbers of highs. */
  #highParity = 0;

  /** @param capacity a power of two, at least 64 */
  constructor(level: number, capacity: number) {
    if (capacity < 64 || (capacity & (capacity - 1)) !== 0)
      throw new Error(`a capacity of ${capacity} is no power of two from 64`);
    this.level = level;
    this.#mask = capacity - 1;
    this.#time = new Float64Array(capacity);
    this.#price = new Float64Array(capacity);
    this.#atr = new Float64Array(capacity);
    this.#confirmedAt = new Float64Array(capacity);
    this.#strength = new Float64Array(capacity);
    this.#label = new Uint8Array(capacity);
  }

  /** How many there have been; the newest is number `count − 1`. */
  get count(): number {
    return this.#count;
  }

  /** Number of the oldest that is kept. */
  get first(): number {
    return Math.max(0, this.#count - this.#mask - 1);
  }

  isHigh(index: number): boolean {
    return (index & 1) === this.#highParity;
  }

  price(index: number): number {
    return this.#price[index & this.#mask] as number;
  }

  time(index: number): EpochMs {
    return this.#time[index & this.#mask] as number;
  }

  /** ATR(14) of the candles at the pivot's own candle. */
  atr(index: number): number {
    return this.#atr[index & this.#mask] as number;
  }

  confirmedAt(index: number): EpochMs {
    return this.#confirmedAt[index & this.#mask] as number;
  }

  strength(index: number): number {
    return this.#strength[index & this.#mask] as number;
  }

  label(index: number): StructureLabel | undefined {
    return LABELS[this.#label[index & this.#mask] as number];
  }

  /** @throws when it is not kept any more or was never there */
  pivot(index: number): Pivot {
    if (index < this.first || index >= this.#count)
      throw new Error(`pivot ${index} of ${this.first} … ${this.#count - 1} is asked for`);
    return {
      level: this.level,
      kind: this.isHigh(index) ? 'high' : 'low',
      price: this.price(index),
      time: this.time(index),
      confirmedAt: this.confirmedAt(index),
      strength: this.strength(index),
      label: this.label(index),
    };
  }

  /** Number of the first kept pivot at or after `time`; `count` when there is none. */
  indexFrom(time: EpochMs): number {
    let low = this.first;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Up when the last two highs and the last two lows both rise, down when both fall, else sideways. */
  get trend(): Trend {
    const last = this.#count - 1;
    if (last < 3) return 'sideways';
    const newest = this.price(last) - this.price(last - 2);
    const other = this.price(last - 1) - this.price(last - 3);
    return newest > 0 && other > 0 ? 'up' : newest < 0 && other < 0 ? 'down' : 'sideways';
  }

  /** Share of the last six steps (from a pivot to the next of its kind, highs and lows together) that agree with the trend; 0 sideways. */
  get trendStrength(): number {
    const { trend } = this;
    if (trend === 'sideways') return 0;
    const from = Math.max(2, this.#count - STEPS_OF_TREND);
    let agreeing = 0;
    for (let i = from; i < this.#count; i++) {
      const step = this.price(i) - this.price(i - 2);
      if (trend === 'up' ? step > 0 : step < 0) agreeing++;
    }
    return agreeing / (this.#count - from);
  }

  /** Whether what was found, of the newest pivot's kind, is more extreme than it. */
  isBeyondNewest(found: Float64Array): boolean {
    const price = found[FOUND_PRICE] as number;
    const known = this.price(this.#count - 1);
    return this.isHigh(this.#count - 1) ? price > known : price < known;
  }

  /** Whether the pivot stands out strictly from the `width` of its kind before it and is not topped by those after it, all of which are there. */
  isFractal(index: number, width: number): boolean {
    const price = this.price(index);
    const isHigh = this.isHigh(index);
    for (let i = 1; i <= width; i++) {
      const before = this.price(index - 2 * i);
      const after = this.price(index + 2 * i);
      if (isHigh ? before >= price || after > price : before <= price || after < price) return false;
    }
    return true;
  }

  /** Everything but the time of confirmation. */
  copyTo(index: number, found: Float64Array): void {
    const slot = index & this.#mask;
    found[FOUND_PRICE] = this.#price[slot] as number;
    found[FOUND_TIME] = this.#time[slot] as number;
    found[FOUND_ATR] = this.#atr[slot] as number;
  }

  /** The next pivot; of the other kind than the newest. */
  append(isHigh: boolean, found: Float64Array): void {
    if (this.#count === 0) this.#highParity = isHigh ? 0 : 1;
    this.#count++;
    this.#write(found);
  }

  /** Puts a more extreme pivot of the same kind in the newest one's place. */
  replaceNewest(found: Float64Array): void {
    this.#write(found);
  }

  #write(found: Float64Array): void {
    const index = this.#count - 1;
    const slot = index & this.#mask;
    this.#price[slot] = found[FOUND_PRICE] as number;
    this.#time[slot] = found[FOUND_TIME] as number;
    this.#atr[slot] = found[FOUND_ATR] as number;
    this.#confirmedAt[slot] = found[FOUND_AT] as number;
    this.#label[slot] = this.#labelOf(index);
    this.#strengthen(index);
    if (index >= 1) this.#strengthen(index - 1);
  }

  #labelOf(index: number): number {
    if (index < 2) return 0;
    const price = this.price(index);
    const before = this.price(index - 2);
    if (this.isHigh(index)) return price > before ? CODE.HH : CODE.LH;
    return price < before ? CODE.LL : CODE.HL;
  }

  /** x/(1 + x), with x the mean excursion to the neighbours that are known over ATR; out of candles that never moved it is 1. */
  #strengthen(index: number): void {
    const price = this.price(index);
    const hasNext = index + 1 < this.#count;
    let excursion = index >= 1 ? Math.abs(price - this.price(index - 1)) : 0;
    if (hasNext) excursion += Math.abs(price - this.price(index + 1));
    if (hasNext && index >= 1) excursion /= 2;
    this.#strength[index & this.#mask] = excursion === 0 ? 0 : excursion / (this.atr(index) + excursion);
  }
}
