import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../contracts/market-views.ts';
import type { CobSecondColumns } from '../../market/cob-second-columns.ts';
import type { SecondFlow } from '../../market/order-flow.ts';
import { FRAMES, HEATMAP_RADIUS, HEATMAP_ROWS } from './schema.ts';
import { SlotWindow } from './slot-window.ts';

/** Parts of a second's row. Buckets: bid and ask of the lowest, of the next one, and so on. */
const BUCKETS = 0;
const TOTALS = 2 * COB_BUCKETS;
const MEANS = TOTALS + COB_BUCKETS;
const FLOW = MEANS + 4;
const MID = FLOW + 8;
const ANCHOR = MID + 1;
const WIDTH = MID + 2;
const SPREAD = MID + 3;
const STRIDE = MID + 4;
/** The window, and room for builds that come a little late. */
const HELD_SECONDS = FRAMES + 60;
/** Columns that a change of the bucket width makes unknown: all that are told by bucket. */
const BY_BUCKET = FLOW;

/** Where the columns of the cob, cobMa and flow blocks begin in a row; the mid, and the spread in basis points, below 0 of a crossed book. */
export const COB_COLUMNS = { cob: BUCKETS, cobMa: MEANS, flow: FLOW, mid: MID, spread: SPREAD } as const;

/** Seconds of a consolidated book as they are stored: the last snapshot of each second, and its flow. */
export class CobSeries {
  readonly window = new SlotWindow(STRIDE, HELD_SECONDS);

  clear(): void {
    this.window.clear();
  }

  /** A second that is over: its last snapshot, and its flow where that is known. */
  push(second: number, view: CobView, flow: SecondFlow | undefined): void {
    const at = this.#begin(second);
    if (at < 0) return;
    const { cells } = this.window;
    const { s1, s5, s15, s60 } = view.imbalanceMa;
    this.#buckets(at, view.bidNotional, view.askNotional, 0);
    cells[at + MEANS] = s1;
    cells[at + MEANS + 1] = s5;
    cells[at + MEANS + 2] = s15;
    cells[at + MEANS + 3] = s60;
    this.#book(at, view.mid, view.spreadBps, view.microprice, view.anchor, view.bucketWidth);
    if (flow === undefined) cells.fill(Number.NaN, at + FLOW, at + FLOW + 4);
    else this.#flow(at, flow.buyVolume, flow.sellVolume, flow.ofi, flow.tradeCount);
    cells[at + FLOW + 6] = flow?.vpin ?? Number.NaN;
    cells[at + FLOW + 7] = flow?.largeShare ?? Number.NaN;
  }

  /** Takes the rows `from … to − 1`: the same numbers as `push` of what they were stored from. */
  pushColumns(seconds: CobSecondColumns, from = 0, to = seconds.second.length): void {
    const { cells } = this.window;
    for (let row = from; row < to; row++) {
      const at = this.#begin(seconds.second[row] as number);
      if (at < 0) continue;
      this.#buckets(at, seconds.bidNotional, seconds.askNotional, row * COB_BUCKETS);
      cells[at + MEANS] = seconds.imbalanceMa1s[row] as number;
      cells[at + MEANS + 1] = seconds.imbalanceMa5s[row] as number;
      cells[at + MEANS + 2] = seconds.imbalanceMa15s[row] as number;
      cells[at + MEANS + 3] = seconds.imbalanceMa60s[row] as number;
      this.#book(
        at,
        seconds.mid[row] as number,
        seconds.spreadBps[row] as number,
        seconds.microprice[row] as number,
        seconds.anchor[row] as number,
        seconds.bucketWidth[row] as number,
      );
      this.#flow(
        at,
        seconds.buyVolume[row] as number,
        seconds.sellVolume[row] as number,
        seconds.ofi[row] as number,
        seconds.tradeCount[row] as number,
      );
      cells[at + FLOW + 6] = seconds.vpin[row] as number;
      cells[at + FLOW + 7] = seconds.largeShare[row] as number;
    }
  }

  isKnown(at: number): boolean {
    const mid = this.window.cells[at + MID];
    return mid === mid;
  }

  /** The newest second of the frames that end with `newest` that is known; −1 when none is. */
  newestKnown(newest: number): number {
    for (let slot = newest; slot > newest - FRAMES; slot--) {
      const at = this.window.at(slot);
      if (at >= 0 && this.isKnown(at)) return slot;
    }
    return -1;
  }

  /** Whether every known frame that ends with `newest` has the newest one's bucket width; the others say nothing by bucket. */
  hasOneWidth(newest: number): boolean {
    const latest = this.window.at(this.newestKnown(newest));
    if (latest < 0) return true;
    const { cells } = this.window;
    const width = cells[latest + WIDTH] as number;
    for (let slot = newest; slot > newest - FRAMES; slot--) {
      const at = this.window.at(slot);
      if (at >= 0 && this.isKnown(at) && (cells[at + WIDTH] as number) !== width) return false;
    }
    return true;
  }

  /** Copies the frames that end with `newest` to `out` (of the same stride), without what another bucket width told by bucket. */
  copyOneWidth(newest: number, out: Float64Array): void {
    const { cells } = this.window;
    const width = this.#width(this.newestKnown(newest));
    for (let i = 0; i < FRAMES; i++) {
      const slot = newest - FRAMES + 1 + i;
      const at = this.window.at(slot);
      const differs = this.#width(slot) !== width;
      for (let c = 0; c < STRIDE; c++)
        out[i * STRIDE + c] = at < 0 || (differs && c < BY_BUCKET) ? Number.NaN : (cells[at + c] as number);
    }
  }

  /**
   * The heatmap of total volume of the frames that end with `newest`, around the anchor of the newest known one: `values` 300 × 21 matched
   * by price, `mids` ln(mid / newest mid), `prices` ln(middle of a row / newest mid). NaN: not known.
   */
  heatmap(newest: number, values: Float64Array, mids: Float64Array, prices: Float64Array): void {
    const { cells } = this.window;
    const latest = this.newestKnown(newest);
    if (latest < 0) {
      values.fill(Number.NaN);
      mids.fill(Number.NaN);
      prices.fill(Number.NaN);
      return;
    }
    const top = this.window.at(latest);
    const anchor = cells[top + ANCHOR] as number;
    const width = cells[top + WIDTH] as number;
    const mid = cells[top + MID] as number;
    for (let r = 0; r < HEATMAP_ROWS; r++) prices[r] = Math.log(((anchor - HEATMAP_RADIUS + r + 0.5) * width) / mid);
    for (let i = 0; i < FRAMES; i++) {
      const at = this.window.at(newest - FRAMES + 1 + i);
      const isKnown = at >= 0 && this.isKnown(at);
      if (isKnown) mids[i] = Math.log((cells[at + MID] as number) / mid);
      else mids[i] = Number.NaN;
      const isSame = isKnown && cells[at + WIDTH] === width;
      // An integer for the engine, too: an index that it takes for a fraction is boxed at each access.
      const first = isSame ? (anchor - HEATMAP_RADIUS - (cells[at + ANCHOR] as number) + COB_RADIUS) | 0 : COB_BUCKETS;
      for (let r = 0; r < HEATMAP_ROWS; r++) {
        const bucket = first + r;
        // Not a value chosen and then stored: the engine would box each choice.
        if (bucket >= 0 && bucket < COB_BUCKETS) values[i * HEATMAP_ROWS + r] = cells[at + TOTALS + bucket] as number;
        else values[i * HEATMAP_ROWS + r] = Number.NaN;
      }
    }
  }

  #width(slot: number): number {
    const at = this.window.at(slot);
    return at < 0 ? Number.NaN : (this.window.cells[at + WIDTH] as number);
  }

  #begin(second: number): number {
    const slot = second / 1_000;
    if (!Number.isInteger(slot)) throw new RangeError(`no second begins at ${second}`);
    return this.window.reach(slot);
  }

  /** In float32 as they are stored. */
  #buckets(at: number, bid: ArrayLike<number>, ask: ArrayLike<number>, from: number): void {
    const { cells } = this.window;
    for (let i = 0; i < COB_BUCKETS; i++) {
      const bids = Math.fround(bid[from + i] as number);
      const asks = Math.fround(ask[from + i] as number);
      cells[at + BUCKETS + 2 * i] = Math.log1p(bids);
      cells[at + BUCKETS + 2 * i + 1] = Math.log1p(asks);
      cells[at + TOTALS + i] = Math.log1p(bids + asks);
    }
  }

  #book(at: number, mid: number, spreadBps: number, microprice: number, anchor: number, width: number): void {
    const { cells } = this.window;
    cells[at + FLOW + 4] = spreadBps;
    cells[at + FLOW + 5] = ((microprice - mid) / mid) * 10_000;
    cells[at + MID] = mid;
    cells[at + ANCHOR] = Math.round(anchor / width);
    cells[at + WIDTH] = width;
    cells[at + SPREAD] = spreadBps;
  }

  #flow(at: number, buyVolume: number, sellVolume: number, ofi: number, tradeCount: number): void {
    const { cells } = this.window;
    cells[at + FLOW] = Math.log1p(buyVolume);
    cells[at + FLOW + 1] = Math.log1p(sellVolume);
    cells[at + FLOW + 2] = Math.sign(ofi) * Math.log1p(Math.abs(ofi));
    cells[at + FLOW + 3] = Math.log1p(tradeCount);
  }
}
