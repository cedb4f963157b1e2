import type { EpochMs } from '../../core/base/clock.ts';
import type { PivotLevelNumber, PivotView } from '../../core/contracts/structure.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { paced } from '../ui/paced.ts';

/** On a fast second chart pivots change many times a second; they are read at most this often. */
const READ_PERIOD_MS = 200;

export interface PivotSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** What is read for a view: half of it more on either side, so that not every step of a scroll reads anew. */
export function spanFor({ from, to }: PivotSpan): PivotSpan {
  const slack = Math.ceil((to - from) / 2);
  return { from: Math.max(0, from - slack), to: to + slack };
}

/** One pivot for each high and each low, the one of the highest level: a pivot of level 3 is one of levels 1 and 2 as well. */
export function mostSignificant(pivots: readonly PivotView[]): PivotView[] {
  const highest = new Map<string, PivotView>();
  for (const pivot of pivots) {
    const key = `${pivot.kind} ${pivot.time}`;
    const known = highest.get(key);
    if (known === undefined || pivot.level > known.level) highest.set(key, pivot);
  }
  return [...highest.values()];
}

/** The pivots of one symbol and timeframe in what is on screen, read again whenever one of them changed. */
export class PivotFeed {
  readonly #client: DeskClient;
  readonly #symbol: string;
  readonly #timeframe: Timeframe;
  readonly #onPivots: (pivots: readonly PivotView[]) => void;
  readonly #unsubscribe: () => void;
  readonly #pace: ReturnType<typeof paced>;
  readonly #level: PivotLevelNumber;
  #view: PivotSpan | undefined;
  #read: PivotSpan | undefined;
  #stale = true;
  #reading = false;
  #closed = false;

  constructor(
    client: DeskClient,
    of: { readonly symbol: string; readonly timeframe: Timeframe; readonly level: PivotLevelNumber },
    onPivots: (pivots: readonly PivotView[]) => void,
  ) {
    this.#client = client;
    this.#symbol = of.symbol;
    this.#timeframe = of.timeframe;
    this.#level = of.level;
    this.#onPivots = onPivots;
    this.#pace = paced(READ_PERIOD_MS, () => void this.#load());
    this.#unsubscribe = client.subscribe('structure', { symbol: of.symbol, timeframe: of.timeframe }, () => {
      this.#stale = true;
      this.#pace.ask();
    });
  }

  /** This stretch of time is in view. */
  cover(from: EpochMs, to: EpochMs): void {
    this.#view = { from, to };
    if (this.#read === undefined || from < this.#read.from || to > this.#read.to) this.#pace.ask();
  }

  close(): void {
    this.#closed = true;
    this.#pace.end();
    this.#unsubscribe();
  }

  async #load(): Promise<void> {
    const view = this.#view;
    if (this.#closed || this.#reading || view === undefined) return;
    const known = this.#read;
    if (!this.#stale && known !== undefined && known.from <= view.from && known.to >= view.to) return;
    this.#reading = true;
    this.#stale = false;
    const span = spanFor(view);
    const answer = await this.#client.command('getPivots', {
      symbol: this.#symbol,
      timeframe: this.#timeframe,
      level: this.#level,
      ...span,
    });
    this.#reading = false;
    if (this.#closed) return;
    if (answer.ok) {
      this.#read = span;
      this.#onPivots(mostSignificant(answer.value.pivots));
    }
    if (this.#stale || this.#view !== view) this.#pace.ask();
  }
}
