import type { FootprintBar } from '../../core/contracts/order-flow.ts';
import type { EpochMs } from '../../core/base/clock.ts';
import { mergedRows, NO_ROWS, type PriceRows, RowSums } from '../../core/analysis/flow/price-rows.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { followOrderFlow, type TapeListener } from './order-flow-tape.ts';
import { StoredStretches } from './stored-stretches.ts';

/** Candles that one request asks for: few enough for high candles in low rows to fit into an answer, and for no read to take long. */
const STRETCH_BARS = 120;
const STRETCH_BARS_LONG = 24;
const MOST_STRETCHES = 200;
/** A second is told again for as long as the tape is kept; later none can change, and its rows are added up. */
const SETTLED_MS = 180_000;
/** So many seconds of one candle are kept apart before those that are settled are added up. */
const APART_SECONDS = 600;
/** With more candles than these it begins anew: by then the store has them. */
const MOST_LIVE = 5_000;

interface LiveBar {
  readonly settled: RowSums;
  readonly seconds: Map<number, PriceRows>;
  /** All of it with what is stored, until something changes. */
  whole: PriceRows | undefined;
}

export interface FootprintSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly rowTicks: number;
}

/** Traded volume by candle and price row: what is stored, read as it comes into view, and every trade from then on. */
export class FootprintFeed {
  readonly series: FootprintSeries;
  readonly #lengthMs: number;
  readonly #stored: StoredStretches<ReadonlyMap<number, PriceRows>>;
  readonly #live = new Map<number, LiveBar>();
  /** Candles whose seconds are not all added up yet. */
  readonly #unsettled = new Set<number>();
  readonly #follow: () => () => void;
  #end: () => void;
  #since = 0;
  #tickSize = 0;
  #firstTrade: number | undefined;
  #failure: string | undefined;
  /** Counts the changes, for whoever keeps what it made of them. */
  #version = 0;

  constructor(client: DeskClient, series: FootprintSeries, onChange: () => void) {
    this.series = series;
    this.#lengthMs = TIMEFRAME_MS[series.timeframe];
    const changed = (): void => {
      this.#version++;
      onChange();
    };
    this.#stored = new StoredStretches({
      lengthMs: this.#lengthMs * (this.#lengthMs < TIMEFRAME_MS['1h'] ? STRETCH_BARS : STRETCH_BARS_LONG),
      most: MOST_STRETCHES,
      read: async (from, to) => {
        const answer = await client.command('getFootprint', { ...series, from, to });
        this.#failure = answer.ok ? undefined : answer.error.message;
        if (!answer.ok) return undefined;
        this.#firstTrade = answer.value.firstTrade ?? this.#firstTrade;
        return new Map(answer.value.bars.map(({ openTime, ...rows }: FootprintBar) => [openTime, rows]));
      },
      onChange: () => {
        for (const bar of this.#live.values()) bar.whole = undefined;
        changed();
      },
    });
    const listener: TapeListener = {
      onBegin: (tickSize, since) => {
        this.#tickSize = tickSize;
        this.#since = since;
        this.#live.clear();
        this.#unsettled.clear();
        this.#stored.clear();
        changed();
      },
      onSecond: (second) => {
        if (second.rows.length === 0) return;
        this.#take(second.time, mergedRows(second, series.rowTicks));
        changed();
      },
      onOlder: () => {
        this.#stored.clear();
        changed();
      },
    };
    this.#follow = () => followOrderFlow(client, series.symbol, listener);
    this.#end = this.#follow();
  }

  get version(): number {
    return this.#version;
  }

  /** Height of a row in price; 0 until it is known. */
  get rowSize(): number {
    return this.series.rowTicks * this.#tickSize;
  }

  /** The venue's time of the oldest trade that is recorded; undefined while none is known. */
  get firstTrade(): EpochMs | undefined {
    const live = Math.min(...this.#live.keys());
    return this.#firstTrade ?? (Number.isFinite(live) ? live : undefined);
  }

  /** Why nothing could be read, as long as it cannot. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Reads what is stored of [from, to). */
  cover(from: EpochMs, to: EpochMs): void {
    if (this.#since > 0) this.#stored.cover(from, to, this.#since);
  }

  /** Whether everything that is recorded of a candle has been read. */
  isRead(openTime: EpochMs): boolean {
    return this.#since > 0 && (openTime >= this.#since || this.#stored.at(openTime) !== undefined);
  }

  /** Rows of one candle, `rowTicks` high; without any when no trade of it is recorded, or none has been read yet. The same until they change. */
  rowsAt(openTime: EpochMs): PriceRows {
    const stored = this.#stored.at(openTime)?.get(openTime) ?? NO_ROWS;
    const live = this.#live.get(openTime);
    if (live === undefined) return stored;
    if (live.whole === undefined) {
      const sums = new RowSums();
      sums.addRows(stored);
      sums.addRows(live.settled.toRows());
      for (const rows of live.seconds.values()) sums.addRows(rows);
      live.whole = sums.toRows();
    }
    return live.whole;
  }

  close(): void {
    this.#end();
    this.#stored.clear();
  }

  #take(second: number, rows: PriceRows): void {
    const openTime = Math.floor(second / this.#lengthMs) * this.#lengthMs;
    let bar = this.#live.get(openTime);
    if (bar === undefined) {
      bar = { settled: new RowSums(), seconds: new Map(), whole: undefined };
      this.#live.set(openTime, bar);
      this.#unsettled.add(openTime);
      this.#settle(second);
    }
    bar.seconds.set(second, rows);
    bar.whole = undefined;
    if (bar.seconds.size >= APART_SECONDS) addUp(bar, second - SETTLED_MS);
    if (this.#live.size <= MOST_LIVE) return;
    this.#end();
    this.#end = this.#follow();
  }

  /** Adds up candles that are over for so long that none of their seconds is told again. */
  #settle(now: number): void {
    for (const openTime of this.#unsettled) {
      if (openTime + this.#lengthMs > now - SETTLED_MS) continue;
      addUp(this.#live.get(openTime) as LiveBar, Number.POSITIVE_INFINITY);
      this.#unsettled.delete(openTime);
    }
  }
}

/** Adds up the seconds from before a time. */
function addUp(bar: LiveBar, before: number): void {
  for (const [time, rows] of bar.seconds) {
    if (time >= before) continue;
    bar.settled.addRows(rows);
    bar.seconds.delete(time);
  }
}
