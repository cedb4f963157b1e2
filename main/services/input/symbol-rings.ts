import type { Cancel } from '../../../core/base/clock.ts';
import { CandleSeries, dayOf, indicatorStart } from '../../../core/features/base-input/candle-series.ts';
import { CobSeries } from '../../../core/features/base-input/cob-series.ts';
import { structureStart } from '../../../core/features/base-input/pivot-rows.ts';
import { CANDLE_TIMEFRAMES, type CandleTimeframe, FRAMES } from '../../../core/features/base-input/schema.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Span } from '../../../core/market/spans.ts';
import type { InputDeps } from './input-deps.ts';
import { MinuteStructure } from './minute-structure.ts';

/** Open time of the oldest candle that an input at `t` looks at; of minutes without those of the market structure. */
export function oldestOf(timeframe: CandleTimeframe, t: number): number {
  const length = TIMEFRAME_MS[timeframe];
  const start = indicatorStart(Math.floor(t / length) - 1) * length;
  return timeframe === '1m' ? dayOf(start) : start;
}

/** One symbol's rings, kept up to date: filled from the store, then with what closes and with what is corrected. */
export class SymbolRings {
  readonly symbol: string;
  readonly candles: Readonly<Record<CandleTimeframe, CandleSeries>>;
  readonly cob = new CobSeries();
  readonly structure: MinuteStructure;
  readonly #deps: InputDeps;
  readonly #cancels: Cancel[] = [];
  /** Spans that were stored and are to be read again; one read at a time. */
  readonly #waiting = new Map<CandleTimeframe, Span>();
  #reading = false;
  #closed = false;

  constructor(symbol: string, deps: InputDeps) {
    this.symbol = symbol;
    this.#deps = deps;
    const minutes = new CandleSeries('1m');
    this.candles = {
      '1m': minutes,
      '1s': new CandleSeries('1s', minutes),
      '1h': new CandleSeries('1h'),
      '1d': new CandleSeries('1d'),
    };
    this.structure = new MinuteStructure(symbol, deps);
    for (const timeframe of CANDLE_TIMEFRAMES) {
      const listen = deps.candles.onCandleClosed(symbol, timeframe, (candle) => {
        this.candles[timeframe].push(candle);
        if (timeframe === '1m') this.structure.onClosed(candle);
      });
      this.#cancels.push(listen);
    }
    this.#cancels.push(
      deps.history.stored.on((span) => {
        if (span.symbol === symbol) this.#wait(span.timeframe, span);
      }),
      deps.cob.seconds.on(({ symbol: of, collected: { second, views, flow } }) => {
        const last = views.at(-1);
        if (of === symbol && last !== undefined) this.cob.push(second, last, flow);
      }),
    );
  }

  /** Reads what the store has, has what is missing fetched, which is read as it is stored. */
  async fill(): Promise<void> {
    const { clock, ensureHistory, log, market } = this.#deps;
    const now = clock.now();
    for (const timeframe of CANDLE_TIMEFRAMES) this.#wait(timeframe, { from: oldestOf(timeframe, now), to: now });
    const second = openTimeOf(now, '1s');
    const book = await market.cobSeconds(this.symbol, second - FRAMES * 1_000, second);
    if (this.#closed) return;
    if (book.ok) this.cob.pushColumns(book.value);
    else log.warn({ symbol: this.symbol, reason: book.error.message }, "the models' input begins without the book's past");
    await this.structure.load();
    for (const timeframe of CANDLE_TIMEFRAMES) {
      if (this.#closed) return;
      const from = timeframe === '1m' ? structureStart(now) : oldestOf(timeframe, now);
      const ensured = await ensureHistory(this.symbol, timeframe, from, clock.now());
      // What no venue tells is missing, and the input's quality says so.
      if (!ensured.ok)
        log.warn({ symbol: this.symbol, timeframe, reason: ensured.error.message }, 'candles of the input are missing');
    }
  }

  close(): void {
    this.#closed = true;
    this.structure.close();
    for (const cancel of this.#cancels) cancel();
  }

  #wait(timeframe: CandleTimeframe, { from, to }: Span): void {
    const known = this.#waiting.get(timeframe);
    this.#waiting.set(timeframe, { from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to) });
    if (timeframe === '1m') this.structure.onStored(from);
    if (!this.#reading) void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    for (let next = this.#next(); next !== undefined && !this.#closed; next = this.#next()) {
      const [timeframe, span] = next;
      this.#waiting.delete(timeframe);
      const from = Math.max(span.from, oldestOf(timeframe, this.#deps.clock.now()));
      if (from >= span.to) continue;
      const read = await this.#deps.market.candleColumns(this.symbol, timeframe, from, span.to);
      if (this.#closed) break;
      if (read.ok) this.candles[timeframe].replace(read.value, from, span.to);
      else
        this.#deps.log.warn(
          { symbol: this.symbol, timeframe, reason: read.error.message },
          'candles of the input could not be read',
        );
    }
    this.#reading = false;
  }

  /** Minutes first: the seconds' day begins with them. */
  #next(): readonly [CandleTimeframe, Span] | undefined {
    for (const timeframe of ['1m', '1s', '1h', '1d'] as const) {
      const span = this.#waiting.get(timeframe);
      if (span !== undefined) return [timeframe, span];
    }
    return undefined;
  }
}
