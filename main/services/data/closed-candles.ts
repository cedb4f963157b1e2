import type { Cancel } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';

/** Who wants to know of closed candles, by symbol and timeframe. */
export class ClosedCandles {
  readonly #emitters = new Map<string, Emitter<Candle>>();
  readonly #onError: (thrown: unknown) => void;

  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  on(symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void): Cancel {
    const key = keyOf(symbol, timeframe);
    let emitter = this.#emitters.get(key);
    if (emitter === undefined) {
      emitter = new Emitter(this.#onError);
      this.#emitters.set(key, emitter);
    }
    return emitter.on(listener);
  }

  tell(symbol: string, timeframe: Timeframe, candle: Candle): void {
    this.#emitters.get(keyOf(symbol, timeframe))?.emit(candle);
  }
}

function keyOf(symbol: string, timeframe: Timeframe): string {
  return `${symbol} ${timeframe}`;
}
