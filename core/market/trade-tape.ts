import { type PriceRows, RowSums, ticksOf } from '../analysis/flow/price-rows.ts';
import type { Trade } from './trade.ts';

const SECOND_MS = 1_000;

/** What was traded in one second by price, rows one tick high, and its order flow imbalance where that is known. */
export interface TapeSecond extends PriceRows {
  /** Start of the second. */
  readonly time: number;
  readonly ofi: number | undefined;
}

interface Kept {
  readonly sums: RowSums;
  ofi: number | undefined;
}

/**
 * The newest seconds of one instrument's trades. It holds every trade of the venue's time from `since` on: with what is stored of before,
 * nothing is missing and nothing counts twice.
 */
export class TradeTape {
  readonly tickSize: number;
  readonly #keptMs: number;
  readonly #seconds = new Map<number, Kept>();
  readonly #changed = new Set<number>();
  #since: number;

  /** @param from trades are told from here on; it begins with the next whole second */
  constructor(tickSize: number, from: number, keptMs: number) {
    this.tickSize = tickSize;
    this.#keptMs = keptMs;
    this.#since = (Math.floor(from / SECOND_MS) + 1) * SECOND_MS;
  }

  get since(): number {
    return this.#since;
  }

  /** Answers `false` for a trade from before `since`, which is not counted. */
  add({ price, quantity, side, tsEvent }: Pick<Trade, 'price' | 'quantity' | 'side' | 'tsEvent'>): boolean {
    const kept = this.#at(secondOf(tsEvent));
    if (kept === undefined) return false;
    const isBuy = side === 'buy';
    kept.sums.add(ticksOf(price, this.tickSize), isBuy ? quantity : 0, isBuy ? 0 : quantity);
    return true;
  }

  setOfi(second: number, ofi: number): void {
    const kept = this.#at(second);
    if (kept !== undefined) kept.ofi = ofi;
  }

  /** Seconds that changed since the last call, ascending. */
  takeChanged(): TapeSecond[] {
    const changed = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return changed.map((time) => this.#told(time));
  }

  /** Every second that is kept and in which something happened, ascending. */
  seconds(): TapeSecond[] {
    return [...this.#seconds.keys()].sort((a, b) => a - b).map((time) => this.#told(time));
  }

  #at(second: number): Kept | undefined {
    if (second < this.#since) return undefined;
    let kept = this.#seconds.get(second);
    if (kept === undefined) {
      kept = { sums: new RowSums(), ofi: undefined };
      this.#seconds.set(second, kept);
      this.#forgetBefore(second - this.#keptMs + SECOND_MS);
    }
    this.#changed.add(second);
    return kept;
  }

  #forgetBefore(time: number): void {
    if (time <= this.#since) return;
    this.#since = time;
    for (const second of this.#seconds.keys()) {
      if (second >= time) continue;
      this.#seconds.delete(second);
      this.#changed.delete(second);
    }
  }

  #told(time: number): TapeSecond {
    const { sums, ofi } = this.#seconds.get(time) as Kept;
    return { time, ofi, ...sums.toRows() };
  }
}

function secondOf(time: number): number {
  return Math.floor(time / SECOND_MS) * SECOND_MS;
}
