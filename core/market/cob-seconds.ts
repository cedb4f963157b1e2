import type { CobView } from '../contracts/market-views.ts';
import { secondOf } from './cob-column.ts';
import type { CobSplit } from './consolidated-book.ts';
import type { SecondFlow } from './order-flow.ts';

/** The snapshots of one second of a consolidated book, oldest first and at least one: what its row in the store is made of. */
export interface CollectedSecond {
  /** Start of the second. */
  readonly second: number;
  readonly views: readonly CobView[];
  /** Of the newest snapshot. */
  readonly split: CobSplit | undefined;
  /** Undefined when it is not known, or the second goes on. */
  readonly flow: SecondFlow | undefined;
}

interface Collecting {
  readonly second: number;
  readonly views: CobView[];
  split: CobSplit | undefined;
}

/** At 10 Hz a second has ten; more than this are not kept apart (the newest replaces the one before). */
const MAX_SAMPLES = 64;

/**
 * Collects the snapshots of the second in progress, per symbol: whoever is told the same snapshots gets the same seconds, in memory as in
 * the store. Views are kept until their second ends, so they must not change.
 */
export class CobSeconds {
  readonly #current = new Map<string, Collecting>();

  /** Takes a snapshot; answers the second that it ended, if it began a new one. `ended`: the flow of the newest second that is over. */
  add(view: CobView, split?: CobSplit, ended?: SecondFlow): CollectedSecond | undefined {
    const collecting = this.#current.get(view.symbol);
    const second = secondOf(view.t);
    if (collecting !== undefined && collecting.second === second) {
      if (collecting.views.length === MAX_SAMPLES) collecting.views.pop();
      collecting.views.push(view);
      collecting.split = split;
      return undefined;
    }
    this.#current.set(view.symbol, { second, views: [view], split });
    if (collecting === undefined) return undefined;
    return { ...collecting, flow: ended?.second === collecting.second ? ended : undefined };
  }

  /** The seconds in progress as they stand; they go on. */
  peek(): CollectedSecond[] {
    return [...this.#current.values()].map((collecting) => ({ ...collecting, flow: undefined }));
  }
}
