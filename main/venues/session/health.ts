const LATENCY_SAMPLES = 256;
const RATE_SECONDS = 8;

/** Quantiles of the newest 256 latencies. */
export class LatencyWindow {
  readonly #samples = new Float64Array(LATENCY_SAMPLES);
  #count = 0;

  add(latencyMs: number): void {
    this.#samples[this.#count++ % LATENCY_SAMPLES] = latencyMs;
  }

  clear(): void {
    this.#count = 0;
  }

  get p50(): number | undefined {
    return this.#quantile(0.5);
  }

  get p99(): number | undefined {
    return this.#quantile(0.99);
  }

  #quantile(part: number): number | undefined {
    const length = Math.min(this.#count, LATENCY_SAMPLES);
    return length === 0 ? undefined : this.#samples.slice(0, length).sort()[Math.floor(length * part)];
  }
}

/** Messages per second over the last few whole seconds. */
export class RateMeter {
  readonly #counts = new Int32Array(RATE_SECONDS);
  #second = Number.NaN;
  #firstSecond = Number.NaN;

  add(nowMs: number): void {
    this.#advance(Math.floor(nowMs / 1000));
    (this.#counts[this.#second % RATE_SECONDS] as number)++;
  }

  perSecond(nowMs: number): number {
    this.#advance(Math.floor(nowMs / 1000));
    // The running second is not whole yet; before the first whole one it is all there is.
    const whole = Math.min(RATE_SECONDS - 1, this.#second - this.#firstSecond);
    if (!(whole > 0)) return this.#counts[this.#second % RATE_SECONDS] ?? 0;
    let sum = 0;
    for (let back = 1; back <= whole; back++) sum += this.#counts[(this.#second - back) % RATE_SECONDS] as number;
    return sum / whole;
  }

  #advance(second: number): void {
    if (Number.isNaN(this.#second)) this.#firstSecond = this.#second = second;
    if (second - this.#second >= RATE_SECONDS || second < this.#second) this.#counts.fill(0);
    else for (let next = this.#second + 1; next <= second; next++) this.#counts[next % RATE_SECONDS] = 0;
    if (second < this.#firstSecond) this.#firstSecond = second;
    this.#second = second;
  }
}
