import { MarketStructure } from '../../../core/analysis/pivots/market-structure.ts';
import { structureStart, STRUCTURE_CAPACITY } from '../../../core/features/base-input/pivot-rows.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { InputDeps } from './input-deps.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];
const DAY_MS = TIMEFRAME_MS['1d'];
/** So long before midnight the next day's structure, which begins a day later, is made. */
const AHEAD_MS = 10 * MINUTE_MS;

interface Begun {
  readonly start: number;
  readonly structure: MarketStructure;
}

export function newStructure(): MarketStructure {
  return new MarketStructure({ lengthMs: MINUTE_MS, capacity: STRUCTURE_CAPACITY });
}

/**
 * The market structure of the models' input. It begins at a fixed minute that moves once a day, so around midnight there are two.
 * Made again when minutes of its past are corrected.
 */
export class MinuteStructure {
  readonly #symbol: string;
  readonly #deps: Pick<InputDeps, 'market' | 'clock' | 'log'>;
  #begun: Begun[] = [];
  /** Minutes that closed while the past is read. */
  #arrived: Candle[] = [];
  #loading = false;
  #again = false;
  #closed = false;

  constructor(symbol: string, deps: Pick<InputDeps, 'market' | 'clock' | 'log'>) {
    this.#symbol = symbol;
    this.#deps = deps;
  }

  close(): void {
    this.#closed = true;
  }

  /** Undefined while the stored past has not been read. */
  at(t: number): MarketStructure | undefined {
    const start = structureStart(t);
    return this.#begun.find((begun) => begun.start === start)?.structure;
  }

  onClosed(candle: Candle): void {
    if (this.#loading) this.#arrived.push(candle);
    for (const { structure } of this.#begun) take(structure, candle);
    const closed = candle.openTime + MINUTE_MS;
    if (this.#begun.every(({ start }) => start !== structureStart(closed + AHEAD_MS))) void this.load();
  }

  /** Minutes from `from` on were stored: of the past, as far as closed ones are told. */
  onStored(from: number): void {
    if (this.#begun.some(({ structure }) => from < (structure.asOf ?? 0))) void this.load();
  }

  /** Reads the stored minutes; what closes meanwhile follows them. */
  async load(): Promise<void> {
    this.#again = true;
    if (this.#loading) return;
    this.#loading = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      await this.#read();
    }
    this.#loading = false;
    this.#arrived = [];
  }

  async #read(): Promise<void> {
    const { market, clock, log } = this.#deps;
    const now = clock.now();
    const first = structureStart(now);
    const read = await market.candleColumns(this.#symbol, '1m', first, now);
    if (this.#closed) return;
    if (!read.ok) {
      log.warn({ symbol: this.#symbol, reason: read.error.message }, "the models' input has no market structure yet");
      return;
    }
    const starts = structureStart(now + AHEAD_MS) === first ? [first] : [first, first + DAY_MS];
    this.#begun = starts.map((start) => {
      const structure = newStructure();
      const { openTime } = read.value;
      let from = 0;
      while (from < openTime.length && (openTime[from] as number) < start) from++;
      structure.pushColumns(read.value, from);
      return { start, structure };
    });
    for (const candle of this.#arrived) for (const { structure } of this.#begun) take(structure, candle);
  }
}

/** One that is in it already is left out. */
function take(structure: MarketStructure, { openTime, high, low, close }: Candle): void {
  if (structure.asOf === undefined || openTime >= structure.asOf) structure.push(openTime, high, low, close);
}
