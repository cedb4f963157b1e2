import type { Clock } from '../../../core/base/clock.ts';
import type { Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { CandleHistory } from './history.ts';
import type { PendingTimers } from './pending-timers.ts';

const RETRY_WALL_MS = 3_000;

export interface ClosedSequenceDeps {
  /** Length of the candles. */
  readonly lengthMs: number;
  /** The closed candles that opened in [from, to), fetched where they are missing. */
  readonly load: (from: number, to: number) => Promise<Result<readonly Candle[]>>;
  readonly tell: (candle: Candle) => void;
  readonly retryLater: (task: () => void) => void;
}

/**
 * Closed candles of one symbol and timeframe, told once each and in time order, whatever was closed first: where one
 * is ahead (after an outage, say) those before it are loaded and told first. Candles that no venue has are left out.
 */
export class ClosedSequence {
  readonly #deps: ClosedSequenceDeps;
  /** Open time of the next candle to be told. */
  #next: number;
  #newest: Candle | undefined;
  #loading = false;
  #closed = false;

  /** @param from open time of the first candle that is told of; earlier ones belong to history */
  constructor(from: number, deps: ClosedSequenceDeps) {
    this.#deps = deps;
    this.#next = from;
  }

  offer(candle: Candle): void {
    if (this.#closed || candle.openTime < this.#next) return;
    if (this.#newest === undefined || candle.openTime > this.#newest.openTime) this.#newest = candle;
    if (this.#loading) return;
    if (candle.openTime === this.#next) this.#tell(candle);
    else void this.#catchUp();
  }

  close(): void {
    this.#closed = true;
  }

  #tell(candle: Candle): void {
    this.#next = candle.openTime + this.#deps.lengthMs;
    this.#deps.tell(candle);
  }

  async #catchUp(): Promise<void> {
    this.#loading = true;
    for (let target = this.#newest; target !== undefined && target.openTime >= this.#next; target = this.#newest) {
      const loaded = await this.#deps.load(this.#next, target.openTime);
      if (this.#closed) return;
      if (!loaded.ok) {
        this.#deps.retryLater(() => void this.#catchUp());
        return;
      }
      for (const candle of loaded.value) {
        if (candle.openTime >= this.#next && candle.openTime < target.openTime) this.#tell(candle);
      }
      this.#tell(target);
    }
    this.#loading = false;
  }
}

interface SequencesDeps {
  readonly instrument: Instrument;
  readonly history: CandleHistory;
  readonly market: MarketRepository;
  readonly wall: Clock;
  readonly onClosed: (timeframe: Timeframe, candle: Candle) => void;
}

/** One of every timeframe, from the candles on that run at `now`. `timers` end with the feed. */
export function closedSequences(
  { instrument: { symbol }, history, market, wall, onClosed }: SequencesDeps,
  now: number,
  timers: PendingTimers,
): ReadonlyMap<Timeframe, ClosedSequence> {
  return new Map(
    TIMEFRAMES.map((timeframe) => [
      timeframe,
      new ClosedSequence(openTimeOf(now, timeframe), {
        lengthMs: TIMEFRAME_MS[timeframe],
        async load(from, to) {
          const fetched = await history.ensure(symbol, timeframe, from, to);
          return fetched.ok ? market.candlesIn(symbol, timeframe, from, to) : fetched;
        },
        tell: (candle) => onClosed(timeframe, candle),
        retryLater: (task) => timers.after(wall, RETRY_WALL_MS, task),
      }),
    ]),
  );
}
