import type { Recording } from '../recording/recording.ts';
import { type MarketSink, STEP_MS, SymbolMarket } from './symbol-market.ts';

/** All symbols of the practice market, playing in one time. */
export class Market {
  readonly symbols: readonly SymbolMarket[];
  /** Where the first of the recordings ends, and the market with it. */
  readonly endTime: number;
  #now: number;

  /** `startAt` is rounded down to a step. Throws when it lies outside a recording: check with `playableRange` first. */
  constructor(recordings: readonly Recording[], seed: number, startAt: number) {
    const range = playableRange(recordings);
    if (!(startAt >= range.from && startAt < range.to))
      throw new RangeError(`the market cannot start at ${startAt}, outside [${range.from}, ${range.to})`);
    this.endTime = range.to;
    this.#now = Math.floor(startAt / STEP_MS) * STEP_MS;
    this.symbols = recordings.map((recording) => new SymbolMarket(recording, seed, this.#now));
  }

  get now(): number {
    return this.#now;
  }

  get ended(): boolean {
    return this.#now >= this.endTime;
  }

  symbol(name: string): SymbolMarket | undefined {
    return this.symbols.find((market) => market.symbol === name);
  }

  /** When something is next due: a trade, or a step of the books. */
  get nextEventTime(): number {
    let next = Math.floor(this.#now / STEP_MS) * STEP_MS + STEP_MS;
    for (const market of this.symbols) next = Math.min(next, market.nextTradeTime ?? next);
    return next;
  }

  /** Plays on to `time`, or to the end of the recording, telling everything that is due: each symbol in order of time, symbols within a step of each other. */
  advanceTo(time: number, sink: MarketSink): void {
    const until = Math.min(time, this.endTime);
    while (this.#now < until) {
      const step = Math.min(until, Math.floor(this.#now / STEP_MS) * STEP_MS + STEP_MS);
      for (const market of this.symbols) market.advanceTo(step, sink);
      this.#now = step;
    }
  }
}

/** The times that every recording covers. */
export function playableRange(recordings: readonly Recording[]): { readonly from: number; readonly to: number } {
  return {
    from: Math.max(...recordings.map((recording) => recording.startTime)),
    to: Math.min(...recordings.map((recording) => recording.endTime)),
  };
}
