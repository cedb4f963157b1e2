import type { EpochMs } from '../../core/base/clock.ts';
import { mergedRows, type PriceRows, RowSums, totalOf } from '../../core/analysis/flow/price-rows.ts';
import { usualRowTicks } from '../../core/analysis/flow/row-size.ts';
import { valueArea } from '../../core/analysis/flow/volume-profile.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { dayOf } from '../ui/day.ts';
import { paced } from '../ui/paced.ts';
import type { CandleChart } from './candle-chart.ts';
import type { ChartCandle } from './candle-series.ts';
import type { ChartColours } from './chart-colours.ts';
import { FootprintFeed } from './footprint-feed.ts';
import { FOOTPRINT_BAR_PX, FootprintPrimitive } from './footprint-primitive.ts';
import { mergeFactor, recordedShare } from './footprint-view.ts';
import { NO_PROFILE, ProfilePrimitive, type ShownProfile } from './profile-primitive.ts';

export interface FlowLayerSettings {
  readonly footprint: boolean;
  readonly profile: 'off' | 'visible' | 'session';
  /** Height of a row in ticks; 0: what suits the candles. */
  readonly rowTicks: number;
}

export interface FlowLayerContext {
  client(): DeskClient;
  symbol(): string;
  timeframe(): Timeframe;
  settings(): FlowLayerSettings;
  tickSize(): number;
  bucketWidth(): number;
}

/** What the layer says in words. */
export interface FlowNotes {
  readonly footprint:
    | {
        readonly rowSize: number;
        readonly isNarrow: boolean;
        /** Trades are recorded from here on, when older candles are in view. */
        readonly missingBefore: EpochMs | undefined;
        readonly failure: string | undefined;
      }
    | undefined;
  readonly profile:
    | {
        readonly of: 'visible' | 'session';
        readonly poc: number;
        readonly high: number;
        readonly low: number;
        /** Of the volume of its candles, how much is recorded by price; undefined while not all of them are loaded. */
        readonly share: number | undefined;
      }
    | { readonly of: 'visible' | 'session'; readonly reason: 'nothing' | 'tooMuch' | 'reading' }
    | undefined;
}

const REDRAW_MS = 250;
/** A view of more candles is asked for no profile: the session's is there for that. */
const MOST_BARS = 3_000;
const SESSION_TIMEFRAME: Timeframe = '15m';
const PROFILE_ROW_PX = 3;
const USUAL_BARS = 200;
/** Wide enough for figures beside one another. */
const WIDE_BAR_PX = 84;

/** Footprint and volume profile of the candles on the chart, and the feeds behind them. */
export class FlowLayer {
  readonly #chart: CandleChart;
  readonly #context: FlowLayerContext;
  readonly #footprint: FootprintPrimitive;
  readonly #profile: ProfilePrimitive;
  readonly #onNotes: (notes: FlowNotes) => void;
  readonly #drawing: ReturnType<typeof paced>;
  #feed: FootprintFeed | undefined;
  #session: FootprintFeed | undefined;
  #usual: { readonly of: string; readonly ticks: number } | undefined;

  constructor(chart: CandleChart, colours: () => ChartColours, context: FlowLayerContext, onNotes: (notes: FlowNotes) => void) {
    this.#chart = chart;
    this.#context = context;
    this.#onNotes = onNotes;
    this.#footprint = new FootprintPrimitive(chart, colours);
    this.#profile = new ProfilePrimitive(chart, colours);
    this.#drawing = paced(REDRAW_MS, () => this.refresh());
    chart.attach(this.#profile);
    chart.attach(this.#footprint);
  }

  /** After a change of the settings, of the symbol or of the timeframe, and when the first candles are there. */
  follow(): void {
    const { footprint, profile } = this.#context.settings();
    const isThere = this.#chart.candles.length > 0;
    const wanted = isThere && (footprint || profile === 'visible') ? this.#series(this.#context.timeframe()) : undefined;
    const session = isThere && profile === 'session' ? this.#series(SESSION_TIMEFRAME) : undefined;
    this.#feed = this.#follow(this.#feed, wanted);
    this.#session = this.#follow(this.#session, session);
    this.#footprint.show(footprint ? this.#feed : undefined);
    this.refresh();
  }

  /** Nothing of before is shown any more. */
  clear(): void {
    this.#feed = this.#follow(this.#feed, undefined);
    this.#session = this.#follow(this.#session, undefined);
    this.#footprint.show(undefined);
    this.refresh();
  }

  /** Whether nothing is drawn. */
  get isEmpty(): boolean {
    return this.#feed === undefined && this.#session === undefined;
  }

  /** After another stretch came into view or candles changed. */
  ask(): void {
    if (!this.isEmpty) this.#drawing.ask();
  }

  /** Zooms in until the figures of a footprint fit into the candles. */
  widenCandles(): void {
    this.#chart.widen(WIDE_BAR_PX, this.#context.settings().profile === 'off' ? 1.5 : 3.5);
  }

  refresh(): void {
    const range = this.#chart.visibleIndexes;
    const { candles } = this.#chart;
    const first = candles[Math.max(0, range?.from ?? 0)];
    const last = candles[Math.min(candles.length - 1, range?.to ?? 0)];
    const lengthMs = TIMEFRAME_MS[this.#context.timeframe()];
    const count = range === undefined ? 0 : range.to - range.from;
    if (this.#feed !== undefined && first !== undefined && last !== undefined && count <= MOST_BARS)
      this.#feed.cover(first.openTime, last.openTime + lengthMs);
    const newest = candles.at(-1);
    if (this.#session !== undefined && newest !== undefined)
      this.#session.cover(dayOf(newest.openTime), newest.openTime + lengthMs);
    const profile = this.#profileNow(count);
    this.#profile.show(profile.shown);
    if (this.#context.settings().footprint) this.#footprint.refresh();
    this.#onNotes({ footprint: this.#footprintNote(first), profile: profile.note });
  }

  close(): void {
    this.#drawing.end();
    this.#feed?.close();
    this.#session?.close();
    this.#chart.detach(this.#profile);
    this.#chart.detach(this.#footprint);
  }

  #series(timeframe: Timeframe): FootprintFeed['series'] {
    return { symbol: this.#context.symbol(), timeframe, rowTicks: this.#context.settings().rowTicks || this.#usualRowTicks() };
  }

  /** Of the same candles the rows stay as they are: they would jump as the market moves. */
  #usualRowTicks(): number {
    const of = `${this.#context.symbol()} ${this.#context.timeframe()}`;
    if (this.#usual?.of !== of) {
      const { candles } = this.#chart;
      this.#usual = {
        of,
        ticks: usualRowTicks(candles.slice(-USUAL_BARS), this.#context.tickSize(), this.#context.bucketWidth()),
      };
    }
    return this.#usual.ticks;
  }

  #follow(current: FootprintFeed | undefined, wanted: FootprintFeed['series'] | undefined): FootprintFeed | undefined {
    const isSame =
      current?.series.symbol === wanted?.symbol &&
      current?.series.timeframe === wanted?.timeframe &&
      current?.series.rowTicks === wanted?.rowTicks;
    if (isSame) return current;
    current?.close();
    return wanted === undefined ? undefined : new FootprintFeed(this.#context.client(), wanted, () => this.#drawing.ask());
  }

  #footprintNote(first: ChartCandle | undefined): FlowNotes['footprint'] {
    const feed = this.#feed;
    if (feed === undefined || !this.#context.settings().footprint) return undefined;
    const barPx = this.#chart.indexX(1) - this.#chart.indexX(0);
    const from = feed.firstTrade;
    const isMissing = first !== undefined && feed.isRead(first.openTime) && (from === undefined || from > first.openTime);
    return {
      rowSize: this.#footprint.rowSize ?? feed.rowSize,
      isNarrow: !(barPx >= FOOTPRINT_BAR_PX),
      missingBefore: isMissing ? (from ?? Number.POSITIVE_INFINITY) : undefined,
      failure: feed.failure,
    };
  }

  #profileNow(count: number): { readonly shown: ShownProfile; readonly note: FlowNotes['profile'] } {
    const { profile: of } = this.#context.settings();
    const feed = of === 'session' ? this.#session : of === 'visible' ? this.#feed : undefined;
    if (of === 'off' || feed === undefined) return { shown: NO_PROFILE, note: undefined };
    if (of === 'visible' && count > MOST_BARS) return { shown: NO_PROFILE, note: { of, reason: 'tooMuch' } };
    const { rows, volume } = of === 'session' ? this.#sessionRows(feed) : this.#visibleRows(feed);
    const { size, merged } = this.#merge(feed, rows);
    const area = valueArea(merged);
    if (area === undefined) return { shown: NO_PROFILE, note: { of, reason: feed.rowSize === 0 ? 'reading' : 'nothing' } };
    const { buy, sell } = totalOf(merged);
    const tick = feed.rowSize / feed.series.rowTicks;
    const note = {
      of,
      // A row's prices go from its lower edge to a tick below its upper one.
      poc: area.poc * size + (size - tick) / 2,
      high: (area.high + 1) * size - tick,
      low: area.low * size,
      share: volume === undefined ? undefined : recordedShare(buy + sell, volume),
    };
    return { shown: { rows: merged, size, area }, note };
  }

  #merge(feed: FootprintFeed, rows: PriceRows): { readonly size: number; readonly merged: PriceRows } {
    const scale = this.#chart.scale;
    const price = scale.priceAt(scale.height / 2) ?? Number.NaN;
    const rowPx = Math.abs((scale.priceY(price + feed.rowSize) ?? Number.NaN) - (scale.priceY(price) ?? Number.NaN));
    const factor = mergeFactor(rowPx, PROFILE_ROW_PX);
    return { size: feed.rowSize * factor, merged: mergedRows(rows, factor) };
  }

  #visibleRows(feed: FootprintFeed): { readonly rows: PriceRows; readonly volume: number } {
    const { candles } = this.#chart;
    const range = this.#chart.visibleIndexes;
    const sums = new RowSums();
    let volume = 0;
    for (let i = Math.max(0, range?.from ?? 0); i <= Math.min(candles.length - 1, range?.to ?? -1); i++) {
      const candle = candles[i] as ChartCandle;
      volume += candle.volume;
      sums.addRows(feed.rowsAt(candle.openTime));
    }
    return { rows: sums.toRows(), volume };
  }

  #sessionRows(feed: FootprintFeed): { readonly rows: PriceRows; readonly volume: number | undefined } {
    const { candles } = this.#chart;
    const newest = candles.at(-1)?.openTime ?? 0;
    const day = dayOf(newest);
    const sums = new RowSums();
    for (let time = day; time <= newest; time += TIMEFRAME_MS[SESSION_TIMEFRAME]) sums.addRows(feed.rowsAt(time));
    if ((candles[0]?.openTime ?? day) > day) return { rows: sums.toRows(), volume: undefined };
    let volume = 0;
    for (let i = candles.length - 1; i >= 0 && (candles[i] as ChartCandle).openTime >= day; i--)
      volume += (candles[i] as ChartCandle).volume;
    return { rows: sums.toRows(), volume };
  }
}
