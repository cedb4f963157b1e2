import { type MarketScript, numbersOf, numbersOfText } from './market-script.ts';
import type { WireBench } from './wire-bench.ts';

/** Knows by the script alone which books the venue has had, and so whether one that says it is live may be believed. */
export class BookOracle {
  readonly #bench: WireBench;
  readonly #script: MarketScript;
  /** The venue's book after each update, once it was asked for. */
  readonly #states: string[] = [];
  /** The update that the book was last seen to be at since it went live; it must not go back. */
  #at = 1;

  constructor(bench: WireBench, script: MarketScript) {
    this.#bench = bench;
    this.#script = script;
  }

  /** Why the book is wrong: it is live, and not the venue's at any update since the one that it was last at. */
  doubt(): string | undefined {
    const { sync } = this.#bench;
    if (sync.state !== 'live') {
      this.#at = 1;
      return undefined;
    }
    const book = JSON.stringify(numbersOf(sync.book));
    // The earliest moment that fits: a later one may look the same, and taking it would make the true next state a step back.
    for (let at = this.#at; at <= this.#script.ordinal; at++) {
      if (this.#state(at) !== book) continue;
      this.#at = at;
      return undefined;
    }
    return `live since update ${this.#at} of ${this.#script.ordinal}, but never the venue's book: ${book}`;
  }

  /** Live, and the venue's newest book. */
  isCurrent(): boolean {
    const { sync } = this.#bench;
    return sync.state === 'live' && JSON.stringify(numbersOf(sync.book)) === this.#state(this.#script.ordinal);
  }

  #state(ordinal: number): string {
    return (this.#states[ordinal] ??= JSON.stringify(numbersOfText(this.#script.text(ordinal))));
  }
}
