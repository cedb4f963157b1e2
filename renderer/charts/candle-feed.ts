import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { type ChartCandle, indexAtOrBefore, mergeCandles } from './candle-series.ts';

const PAGE = 600;
/** For a jump far back: the most that one request may ask for. */
const LONG_PAGE = 5000;
/** Memory bound of one chart: at 1s this is 14 hours of scrolling back. */
const MOST_CANDLES = 50_000;

export interface CandleFeedListener {
  /** The whole series is new, or older candles were put before it (`added` of them). */
  onReset(candles: readonly ChartCandle[], added: number): void;
  /** One candle changed or was appended. */
  onUpdate(candle: ChartCandle): void;
  onState(state: FeedState): void;
}

export type FeedState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly loadingOlder: boolean; readonly exhausted: boolean }
  | { readonly kind: 'failed'; readonly message: string };

/** The candles of one symbol and timeframe: newest page, live updates, and older pages on demand. */
export class CandleFeed {
  readonly #client: DeskClient;
  readonly #symbol: string;
  readonly #timeframe: Timeframe;
  readonly #listener: CandleFeedListener;
  #candles: ChartCandle[] = [];
  #state: FeedState = { kind: 'loading' };
  #unsubscribe: (() => void) | undefined;
  #older: Promise<void> | undefined;
  #closed = false;

  constructor(client: DeskClient, symbol: string, timeframe: Timeframe, listener: CandleFeedListener) {
    this.#client = client;
    this.#symbol = symbol;
    this.#timeframe = timeframe;
    this.#listener = listener;
    // Subscribed first, so that nothing falls between the page and the first update.
    this.#unsubscribe = client.subscribe('candles', { symbol, timeframe }, (event, gap) => {
      if (gap) void this.#loadNewest();
      this.#update(event.candle);
    });
    void this.#loadNewest();
  }

  get candles(): readonly ChartCandle[] {
    return this.#candles;
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  retry(): void {
    if (this.#state.kind === 'failed') void this.#loadNewest();
  }

  /** One page of older candles; while one is on its way, that one. */
  loadOlder(limit = PAGE): Promise<void> {
    this.#older ??= this.#loadOlder(limit).finally(() => (this.#older = undefined));
    return this.#older;
  }

  async #loadOlder(limit: number): Promise<void> {
    const state = this.#state;
    const oldest = this.#candles[0];
    if (state.kind !== 'ready' || state.exhausted || oldest === undefined || this.#candles.length >= MOST_CANDLES) return;
    this.#setState({ ...state, loadingOlder: true });
    const answer = await this.#client.command('getCandles', {
      symbol: this.#symbol,
      timeframe: this.#timeframe,
      before: oldest.openTime,
      limit,
    });
    if (this.#closed) return;
    if (!answer.ok) {
      this.#setState({ kind: 'ready', loadingOlder: false, exhausted: false });
      return;
    }
    const before = this.#candles.length;
    this.#candles = mergeCandles(answer.value.candles, this.#candles);
    this.#setState({
      kind: 'ready',
      loadingOlder: false,
      exhausted: answer.value.exhausted || answer.value.candles.length === 0,
    });
    if (this.#candles.length > before) this.#listener.onReset(this.#candles, this.#candles.length - before);
  }

  /** Loads older pages until `time` is covered; false when that far back there is nothing, or it is more than a chart holds. */
  async reach(time: number): Promise<boolean> {
    for (;;) {
      const oldest = this.#candles[0];
      if (oldest === undefined || this.#closed) return false;
      if (oldest.openTime <= time) return true;
      const before = this.#candles.length;
      const missing = Math.ceil((oldest.openTime - time) / TIMEFRAME_MS[this.#timeframe]);
      if (before + missing > MOST_CANDLES) return false;
      await this.loadOlder(Math.min(Math.max(missing, PAGE), LONG_PAGE));
      if (this.#candles.length === before) return false;
    }
  }

  async #loadNewest(): Promise<void> {
    if (this.#candles.length === 0) this.#setState({ kind: 'loading' });
    const answer = await this.#client.command('getCandles', { symbol: this.#symbol, timeframe: this.#timeframe, limit: PAGE });
    if (this.#closed) return;
    if (!answer.ok) {
      if (this.#candles.length === 0) this.#setState({ kind: 'failed', message: answer.error.message });
      return;
    }
    const page = answer.value;
    // Updates that arrived while the page was on its way are newer than it, but only the newest candles can have had any.
    const oldestOfPage = page.candles[0]?.openTime ?? Number.POSITIVE_INFINITY;
    const newestOfPage = page.candles.at(-1)?.openTime ?? Number.NEGATIVE_INFINITY;
    const live = this.#candles.filter((candle) => candle.openTime >= newestOfPage);
    const older = this.#candles.filter((candle) => candle.openTime < oldestOfPage);
    this.#candles = mergeCandles(mergeCandles(older, page.candles), live);
    const exhausted = page.exhausted && older.length === 0;
    this.#setState({ kind: 'ready', loadingOlder: false, exhausted });
    this.#listener.onReset(this.#candles, 0);
  }

  #update(candle: ChartCandle): void {
    const last = this.#candles.at(-1);
    if (last === undefined || candle.openTime > last.openTime) {
      this.#candles.push(candle);
    } else {
      const index = indexAtOrBefore(this.#candles, candle.openTime);
      if (index < 0) return;
      if (this.#candles[index]?.openTime !== candle.openTime) {
        this.#candles.splice(index + 1, 0, candle);
        this.#listener.onReset(this.#candles, 0);
        return;
      }
      this.#candles[index] = candle;
    }
    if (this.#state.kind === 'ready') this.#listener.onUpdate(candle);
  }

  #setState(state: FeedState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}
