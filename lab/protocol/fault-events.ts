import type { Frame } from '../faults/frames.ts';
import { FrameFaults } from '../faults/frames.ts';
import type { FaultScript } from '../faults/script.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { SymbolMarket } from '../simulation/symbol-market.ts';
import type { StreamServer } from './stream-server.ts';

/** Ticks by which a `crossed` fault lifts a bid over the best ask. */
const CROSSED_TICKS = 10;

/** Begins a venue's faults when they are due, in the order of its market's events, and works them into its frames. */
export class FaultEvents {
  readonly #script: FaultScript;
  readonly #hub: StreamServer;
  readonly #frames: FrameFaults;

  constructor(script: FaultScript, hub: StreamServer, symbols: readonly string[]) {
    this.#script = script;
    this.#hub = hub;
    this.#frames = new FrameFaults(symbols);
  }

  /** Starts the faults that are due, and says whether the streams are silent. */
  quiet(time: number): boolean {
    for (const fault of this.#script.due(time)) {
      if (fault.kind === 'close') this.#hub.closeAll('scripted fault');
      else if (fault.kind === 'close-at') this.#hub.closeAfter(fault.count ?? 1);
      else if (fault.kind === 'half-open') this.#hub.freeze(fault.at + fault.durationMs);
      else if (fault.durationMs === 0) this.#frames.mark(fault.kind);
    }
    return this.#script.silent(time);
  }

  silent(time: number): boolean {
    return this.#script.silent(time);
  }

  stamp(time: number): number {
    return this.#script.stamp(time);
  }

  /** When a depth update happened, by the venue's clock. */
  depthTime(time: number): number {
    return this.#script.stamp(this.#script.clock(time));
  }

  /** The diff to tell: the market's, or one that crosses the book. */
  told(market: SymbolMarket, diff: BookDiff): BookDiff {
    const ask = market.book.asks.best;
    if (!this.#frames.take(market.symbol, 'crossed') || ask === undefined) return diff;
    const above = ask + CROSSED_TICKS;
    // The step may have taken a bid away just there.
    return { ...diff, bids: [[above, 1_000] as const, ...diff.bids.filter(([ticks]) => ticks !== above)] };
  }

  /** Sends a depth frame as the faults want it. */
  publish(symbol: string, stream: string, frame: Frame, hostile: (price: string, size: string) => Frame): void {
    for (const sent of this.#frames.frames(symbol, frame, hostile)) this.#hub.publish(stream, sent);
  }

  /** A depth update that nobody hears of still is the one that a gap takes. */
  skip(symbol: string): void {
    this.#frames.take(symbol, 'gap');
  }
}
