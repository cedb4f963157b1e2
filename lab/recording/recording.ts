import type { LabInstrument } from '../instruments.ts';
import { pathLength, plannedTradeCount } from '../simulation/trade-plan.ts';
import { MINUTE_MS, type RecordedMinute } from './recorded-minute.ts';

/** Columns of equal length, oldest first; prices in ticks. Minutes in which the exchange was down are absent. */
export interface RecordingColumns {
  readonly openTime: Float64Array;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly lots: Float64Array;
}

/** Trade ids count from here, so that a minute's ids do not depend on where its recording begins. */
const ID_ANCHOR_TIME = Date.UTC(2020, 2, 5);
const ID_ANCHOR = 1_000_000_000;

/** The market whose price path a listing keeps to within its minutes. */
export interface Leader {
  readonly recording: Recording;
  /** The leader's tick in the listing's ticks: the same price in both. */
  readonly perTick: number;
  /** The listing's price in its ticks over the leader's in its own, at a market time: `perTick` and the listing's basis. */
  scaleAt(time: number): number;
}

/** A symbol's recorded minutes, and which trade ids each of them holds when it is played. */
export class Recording {
  readonly instrument: LabInstrument;
  readonly columns: RecordingColumns;
  readonly leader: Leader | undefined;
  /** First trade id of each minute, and one past the last minute's last id. */
  readonly #firstTradeId: Float64Array;

  /** Throws on columns that are not a sound, ordered series: such a recording cannot be played. */
  constructor(instrument: LabInstrument, columns: RecordingColumns, leader?: Leader) {
    const length = columns.openTime.length;
    if (length === 0) throw new RangeError(`the recording of ${instrument.symbol} is empty`);
    this.instrument = instrument;
    this.columns = columns;
    this.leader = leader;
    this.#firstTradeId = new Float64Array(length + 1);
    let previous = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < length; i++) {
      const minute = this.minute(i);
      if (!isSound(minute) || minute.openTime <= previous) {
        throw new RangeError(
          `the recording of ${instrument.symbol} is damaged at row ${i} (${minute.openTime}): ${JSON.stringify(minute)}`,
        );
      }
      previous = minute.openTime;
      this.#firstTradeId[i + 1] = (this.#firstTradeId[i] as number) + plannedTradeCount(instrument, minute);
    }
    const shift = ID_ANCHOR - (this.#firstTradeId[this.lowerBound(ID_ANCHOR_TIME)] as number);
    for (let i = 0; i <= length; i++) this.#firstTradeId[i] = (this.#firstTradeId[i] as number) + shift;
  }

  get length(): number {
    return this.columns.openTime.length;
  }

  get startTime(): number {
    return this.columns.openTime[0] as number;
  }

  /** The end of the last recorded minute: from here on nothing is known. */
  get endTime(): number {
    return (this.columns.openTime[this.length - 1] as number) + MINUTE_MS;
  }

  minute(index: number): RecordedMinute {
    const { openTime, open, high, low, close, lots } = this.columns;
    return {
      openTime: openTime[index] as number,
      open: open[index] as number,
      high: high[index] as number,
      low: low[index] as number,
      close: close[index] as number,
      lots: lots[index] as number,
    };
  }

  firstTradeId(index: number): number {
    return this.#firstTradeId[index] as number;
  }

  tradeCount(index: number): number {
    return this.firstTradeId(index + 1) - this.firstTradeId(index);
  }

  /** Index of the minute that has the trade `id`; 0 for earlier ones, `length` for later ones. */
  minuteOfTrade(id: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.firstTradeId(middle + 1) <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the minute that covers `time`, or undefined when the exchange was down or nothing was recorded. */
  indexAt(time: number): number | undefined {
    const openTime = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    const index = this.lowerBound(openTime);
    return this.columns.openTime[index] === openTime ? index : undefined;
  }

  /** Index of the first minute that opens at or after `time`; `length` when there is none. */
  lowerBound(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.columns.openTime[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Close of the last minute before `index`; the first minute's open where there is none. */
  closeBefore(index: number): number {
    return (index > 0 ? this.columns.close[index - 1] : this.columns.open[0]) as number;
  }
}

function isSound(minute: RecordedMinute): boolean {
  const { openTime, open, high, low, close, lots } = minute;
  if (openTime % MINUTE_MS !== 0 || !Number.isSafeInteger(lots) || lots < 0) return false;
  if (!(low > 0 && low <= open && low <= close && high >= open && high >= close)) return false;
  // Each trade on the way from open over both extremes to close took at least one lot.
  return lots >= pathLength(minute) || (lots === 0 && high === low);
}
