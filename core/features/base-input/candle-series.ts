import { BarCursor } from '../../analysis/indicators/batch.ts';
import type { Indicator } from '../../analysis/indicators/indicator.ts';
import { MODEL_INDICATORS } from '../../analysis/indicators/model-indicators.ts';
import { defaultParams, indicatorById } from '../../analysis/indicators/registry.ts';
import type { Candle, CandleColumns } from '../../market/candle.ts';
import { TIMEFRAME_MS } from '../../market/timeframe.ts';
import { blockNamed, type CandleTimeframe, FRAMES } from './schema.ts';
import { SlotWindow } from './slot-window.ts';

/** Candles of the input's row, then the volume itself, which indicators and checks want. */
const WIDTH = blockNamed('candles.1m').columns.length;
export const VOLUME = WIDTH;
const STRIDE = WIDTH + 1;
const CLOSE = 3;
const FIRST_INDICATOR = 5;
const DAY_MS = 86_400_000;
/** Indicators begin so many periods before the last multiple of `FRAMES`: at least 301 before the oldest frame. */
const LEAD = 2 * FRAMES;
const VWAP = MODEL_INDICATORS.findIndex(({ indicator }) => indicator === 'vwap');

/**
 * Where the indicators of a window begin whose newest period is `slot`. Every window within the same 300 periods has the same beginning,
 * so live ones go on from candle to candle and give the bits of a window that is computed alone.
 */
export function indicatorStart(slot: number): number {
  return Math.floor(slot / FRAMES) * FRAMES - LEAD;
}

/** Periods that any window wants, and room for builds that come a little late. */
const HELD_PERIODS = FRAMES + LEAD + 60;

/**
 * Closed candles of one symbol and timeframe, with the model's indicators of those that are in a window. Candles may come in any order;
 * one that comes again replaces the one before. One that opens between two periods is left out: a few venues begin their days at another
 * hour than 00:00 UTC.
 */
export class CandleSeries {
  readonly timeframe: CandleTimeframe;
  readonly lengthMs: number;
  readonly window: SlotWindow;
  /** Minutes of the same symbol from which the day's VWAP is begun; of a series of minutes its own. */
  readonly #minutes: CandleSeries | undefined;
  /** The seconds whose VWAP is begun from these minutes. */
  #begun: CandleSeries | undefined;
  #indicators: Indicator[] = [];
  /** The indicators' `values`: they are of many classes, and asking each anew costs as much as a step. */
  #values: Float64Array[] = [];
  #start = Number.NaN;
  #through = Number.NaN;
  readonly #bar = new BarCursor();

  constructor(timeframe: CandleTimeframe, minutes?: CandleSeries) {
    this.timeframe = timeframe;
    this.lengthMs = TIMEFRAME_MS[timeframe];
    this.#minutes = timeframe === '1m' ? this : timeframe === '1s' ? minutes : undefined;
    if (timeframe === '1s' && minutes !== undefined) minutes.#begun = this;
    // The day in which the oldest indicator begins is needed whole.
    this.window = new SlotWindow(STRIDE, timeframe === '1m' ? HELD_PERIODS + DAY_MS / this.lengthMs : HELD_PERIODS);
  }

  clear(): void {
    this.window.clear();
    this.doubt();
  }

  /** Something that the indicators were computed from is another one now. */
  doubt(): void {
    this.#start = Number.NaN;
  }

  push({ openTime, open, high, low, close, volume }: Omit<Candle, 'buyVolume' | 'tradeCount' | 'filled'>): void {
    const slot = this.#put(openTime, open, high, low, close, volume);
    if (slot === this.window.newest) this.settle(slot);
  }

  /** Takes the rows `from … to − 1`. */
  pushColumns(columns: CandleColumns, from = 0, to = columns.openTime.length): void {
    const { openTime, open, high, low, close, volume } = columns;
    for (let i = from; i < to; i++) {
      this.#put(
        openTime[i] as number,
        open[i] as number,
        high[i] as number,
        low[i] as number,
        close[i] as number,
        volume[i] as number,
      );
    }
  }

  /** Makes the candles that opened in [from, to) those of the columns, as far as they are held. */
  replace(columns: CandleColumns, from: number, to: number): void {
    const { window, lengthMs } = this;
    const told = new Set(columns.openTime);
    for (let slot = Math.max(Math.ceil(from / lengthMs), window.oldest); slot * lengthMs < to && slot <= window.newest; slot++) {
      const at = window.at(slot);
      if (at < 0 || !this.isKnown(at) || told.has(slot * lengthMs)) continue;
      window.cells.fill(Number.NaN, at, at + STRIDE);
      this.#changed(slot);
    }
    this.pushColumns(columns);
  }

  #put(openTime: number, open: number, high: number, low: number, close: number, volume: number): number {
    const slot = openTime / this.lengthMs;
    if (!Number.isInteger(slot)) return slot;
    const at = this.window.reach(slot);
    if (at < 0) return slot;
    const { cells } = this.window;
    const isSame = cells[at] === open && cells[at + 1] === high && cells[at + 2] === low && cells[at + 3] === close;
    if (isSame && cells[at + VOLUME] === volume) return slot;
    this.#changed(slot);
    cells[at] = open;
    cells[at + 1] = high;
    cells[at + 2] = low;
    cells[at + 3] = close;
    cells[at + 4] = Math.log1p(volume);
    cells[at + VOLUME] = volume;
    return slot;
  }

  /** The candle of a period is another one than when it may have been computed with. */
  #changed(slot: number): void {
    if (slot <= this.#through) this.doubt();
    const begun = this.#begun;
    if (begun !== undefined && slot * this.lengthMs < begun.#start * begun.lengthMs) begun.doubt();
  }

  /** Whether everything is still held that the window of an input at `t` is computed from. */
  coversAt(t: number): boolean {
    const start = indicatorStart(Math.floor(t / this.lengthMs) - 1);
    const first = this.timeframe === '1m' ? dayOf(start * this.lengthMs) / this.lengthMs : start;
    return !(first < this.window.oldest);
  }

  /** Whether the candle of the row that begins at `at` is known. */
  isKnown(at: number): boolean {
    const close = this.window.cells[at + CLOSE];
    return close === close;
  }

  /** Copies the closes of the periods that end with `newest` to `into`; NaN where one is not known. */
  closesInto(newest: number, into: Float64Array): void {
    const { cells } = this.window;
    for (let i = 0; i < into.length; i++) {
      const at = this.window.at(newest - into.length + 1 + i);
      // Not a value chosen and then stored: the engine would box each choice.
      if (at < 0) into[i] = Number.NaN;
      else into[i] = cells[at + CLOSE] as number;
    }
  }

  /** Computes the indicators of the window whose newest period is `newest`. Costs one candle where it is the next one. */
  settle(newest: number): void {
    const start = indicatorStart(newest);
    if (start !== this.#start) this.#begin(start);
    const { window } = this;
    for (let slot = Math.max(this.#through + 1, window.oldest); slot <= newest; slot++) {
      const at = window.at(slot);
      if (at >= 0 && this.isKnown(at)) this.#step(at, slot);
    }
    if (newest > this.#through) this.#through = newest;
  }

  #begin(start: number): void {
    this.#indicators = MODEL_INDICATORS.map(({ indicator, params }) => {
      const definition = indicatorById(indicator);
      if (definition === undefined) throw new Error(`there is no indicator ${indicator}`);
      return definition.create({ ...defaultParams(definition), ...params });
    });
    this.#values = this.#indicators.map(({ values }) => values);
    this.#start = start;
    this.#through = start - 1;
    this.#beginDay(start * this.lengthMs);
  }

  /** The day's VWAP until the indicators begin, by minutes. */
  #beginDay(until: number): void {
    const minutes = this.#minutes;
    const vwap = this.#indicators[VWAP];
    if (minutes === undefined || vwap === undefined) return;
    const { window, lengthMs } = minutes;
    for (let time = dayOf(until); time < until; time += lengthMs) {
      const at = window.at(time / lengthMs);
      if (at < 0 || !minutes.isKnown(at)) continue;
      minutes.load(at, time, this.#bar);
      vwap.step(this.#bar, true);
    }
  }

  /** Reads the row that begins at `at`. */
  load(at: number, openTime: number, bar: BarCursor): void {
    const { cells } = this.window;
    bar.openTime = openTime;
    bar.open = cells[at] as number;
    bar.high = cells[at + 1] as number;
    bar.low = cells[at + 2] as number;
    bar.close = cells[at + 3] as number;
    bar.volume = cells[at + VOLUME] as number;
  }

  #step(at: number, slot: number): void {
    const { cells } = this.window;
    this.load(at, slot * this.lengthMs, this.#bar);
    let column = at + FIRST_INDICATOR;
    for (let k = 0; k < this.#indicators.length; k++) {
      (this.#indicators[k] as Indicator).step(this.#bar, true);
      const values = this.#values[k] as Float64Array;
      for (let o = 0; o < values.length; o++) cells[column++] = values[o] as number;
    }
  }
}

/** 00:00 UTC of the day. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}
