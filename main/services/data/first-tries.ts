import { STORED_TIMEFRAMES, type StoredTimeframe } from '../../../core/market/timeframe.ts';

/** When the history of each stored timeframe was first tried, whether or not it could be had: a chart of minutes need not wait for seconds. */
export class FirstTries {
  readonly #tries = new Map(STORED_TIMEFRAMES.map((timeframe) => [timeframe, pending()]));

  of(timeframe: StoredTimeframe): Promise<void> {
    return this.#tries.get(timeframe)?.promise ?? Promise.resolve();
  }

  done(timeframe: StoredTimeframe): void {
    this.#tries.get(timeframe)?.resolve();
  }

  allDone(): void {
    for (const { resolve } of this.#tries.values()) resolve();
  }
}

function pending(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
