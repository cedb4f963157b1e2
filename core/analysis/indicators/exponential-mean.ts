/**
 * An exponentially weighted mean, m += α (x − m), that begins with the arithmetic mean of its first `period` values, as TA-Lib and Wilder
 * begin it. (TradingView's ema and others begin with the first value; the difference fades by (1 − α) a candle.)
 */
export class ExponentialMean {
  readonly #period: number;
  readonly #alpha: number;
  #count = 0;
  /** The sum while fewer than `period` values are known, the mean from then on. */
  #held = 0;

  constructor(period: number, alpha: number) {
    this.#period = period;
    this.#alpha = alpha;
  }

  /** Up to and with `x`; NaN before there are `period` values. Only a `closed` value enters the mean. */
  step(x: number, closed: boolean): number {
    if (this.#count < this.#period) return this.#begin(x, closed);
    const mean = this.#held + this.#alpha * (x - this.#held);
    if (closed) this.#held = mean;
    return mean;
  }

  #begin(x: number, closed: boolean): number {
    const sum = this.#held + x;
    const isFirst = this.#count + 1 === this.#period;
    const value = isFirst ? sum / this.#period : Number.NaN;
    if (closed) {
      this.#held = isFirst ? value : sum;
      this.#count++;
    }
    return value;
  }
}

/** The usual weight of the newest value: 2 / (period + 1). */
export function exponentialMean(period: number): ExponentialMean {
  return new ExponentialMean(period, 2 / (period + 1));
}

/** Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): the newest value weighs 1 / period. */
export function wilderMean(period: number): ExponentialMean {
  return new ExponentialMean(period, 1 / period);
}
