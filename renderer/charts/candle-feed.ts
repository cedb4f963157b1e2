import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { type ChartCandle, indexAtOrBefore, mergeCandles } from './candle-series.ts';

const PAGE = 600;
/** For a jump far back: the most that one request may ask for. */
const LONG_PAGE = 5000;
/** Memory bound of one chart: at 1s this is 14 hours of scrolling back. */
const MOST_CANDLES = 50_000;
/** A chart that grew beyond its bound while it was open loses this many of its oldest candles at once. */
const TRIMMED = 5_000;
/** The most pages with which a gap is closed; after a longer one the chart begins anew. */
const MOST_BRIDGES = 4;

export interface CandleFeedListener {
  /** The whole series is new; `added` candles were put before it, or, below zero, taken from its front. */
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
  #newest: Promise<void> | undefined;
  /** What came while the newest page was on its way, by open time. */
  readonly #arrived = new Map<number, ChartCandle>();
  /** Open time of the newest candle known before events were missed, until a page has made up for them. */
  #missedSince: number | undefined;
  /** Counts the gaps: what was missed after a page was asked for may not be in it. */
  #gaps = 0;
  #closed = false;

  constructor(client: DeskClient, symbol: string, timeframe: Timeframe, listener: CandleFeedListener) {
    this.#client = client;
    this.#symbol = symbol;
    this.#timeframe = timeframe;
    this.#listener = listener;
    // Subscribed first, so that nothing falls between the page and the first update.
    this.#unsubscribe = client.subscribe('candles', { symbol, timeframe }, (event, gap) => {
      if (gap) {
        this.#gaps++;
        this.#missedSince ??= this.#candles.at(-1)?.openTime ?? Number.POSITIVE_INFINITY;
      }
      if (this.#missedSince !== undefined) void this.#loadNewest();
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
    const answer = await this.#page(oldest.openTime, limit);
    // The chart may have begun anew, or lost its oldest candles, meanwhile: the page is not next to it any more.
    const isNext = this.#candles[0]?.openTime === oldest.openTime;
    if (this.#closed) return;
    if (!answer.ok || !isNext) {
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
    if (this.#state.kind === 'loading') await this.#newest;
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

  /** The newest page; while one is on its way, that one, for whatever is missed meanwhile is asked for with the next event. */
  #loadNewest(): Promise<void> {
    this.#newest ??= this.#load().finally(() => (this.#newest = undefined));
    return this.#newest;
  }

  async #load(): Promise<void> {
    const missedSince = this.#missedSince;
    const gaps = this.#gaps;
    this.#arrived.clear();
    if (this.#candles.length === 0) this.#setState({ kind: 'loading' });
    const answer = await this.#page(undefined, PAGE);
    if (this.#closed) return;
    if (!answer.ok) {
      if (this.#state.kind !== 'ready') this.#setState({ kind: 'failed', message: answer.error.message });
      return;
    }
    const bridged = missedSince === undefined ? answer.value.candles : await this.#bridge(answer.value.candles, missedSince);
    if (this.#closed || bridged === undefined) return;
    // The newest of the known ones may have changed unheard: the pages reach back to it, or nothing of them is kept.
    const from = bridged[0]?.openTime ?? Number.POSITIVE_INFINITY;
    const isShown = this.#state.kind === 'ready';
    const meets = isShown && (missedSince === undefined || from <= missedSince);
    const known = meets ? this.#candles.filter((candle) => candle.openTime < from) : [];
    // Where the market has holes, pages reach further back than asked for; the chart's front stays where it is.
    const front = meets ? (this.#candles[0]?.openTime ?? from) : from;
    const page = bridged.filter((candle) => candle.openTime >= front);
    const arrived = [...this.#arrived.values()].filter((candle) => candle.openTime >= front && isNewer(candle, page));
    arrived.sort((a, b) => a.openTime - b.openTime);
    const before = this.#candles.length;
    this.#candles = mergeCandles(mergeCandles(known, page), arrived);
    // What was missed after the page was asked for concerns its newest candle at the earliest.
    this.#missedSince = this.#gaps === gaps ? undefined : (bridged.at(-1)?.openTime ?? missedSince);
    const exhausted = this.#state.kind === 'ready' && meets ? this.#state.exhausted : answer.value.exhausted;
    this.#setState({ kind: 'ready', loadingOlder: this.#older !== undefined, exhausted });
    this.#listener.onReset(this.#candles, meets || !isShown ? 0 : this.#candles.length - before);
  }

  /** Puts older pages before `page` until it reaches back to `time`; undefined when one could not be had. */
  async #bridge(page: readonly ChartCandle[], time: number): Promise<readonly ChartCandle[] | undefined> {
    let bridged = page;
    for (let pages = 0; pages < MOST_BRIDGES; pages++) {
      const oldest = bridged[0]?.openTime;
      if (oldest === undefined || oldest <= time) break;
      const missing = Math.ceil((oldest - time) / TIMEFRAME_MS[this.#timeframe]);
      const answer = await this.#page(oldest, Math.min(missing, LONG_PAGE));
      if (this.#closed || !answer.ok) return undefined;
      if (answer.value.candles.length === 0) break;
      bridged = mergeCandles(answer.value.candles, bridged);
    }
    return bridged;
  }

  #page(before: number | undefined, limit: number) {
    const span = { symbol: this.#symbol, timeframe: this.#timeframe, limit };
    return this.#client.command('getCandles', before === undefined ? span : { ...span, before });
  }

  #update(candle: ChartCandle): void {
    if (this.#newest !== undefined) this.#arrived.set(candle.openTime, candle);
    const isReady = this.#state.kind === 'ready';
    const last = this.#candles.at(-1);
    if (last === undefined || candle.openTime > last.openTime) {
      this.#candles.push(candle);
      if (this.#candles.length > MOST_CANDLES + TRIMMED) {
        this.#candles = this.#candles.slice(TRIMMED);
        this.#setState({ kind: 'ready', loadingOlder: this.#older !== undefined, exhausted: false });
        this.#listener.onReset(this.#candles, -TRIMMED);
        return;
      }
    } else {
      const index = indexAtOrBefore(this.#candles, candle.openTime);
      if (index < 0) return;
      if (this.#candles[index]?.openTime !== candle.openTime) {
        this.#candles.splice(index + 1, 0, candle);
        if (isReady) this.#listener.onReset(this.#candles, 0);
        return;
      }
      this.#candles[index] = candle;
    }
    if (isReady) this.#listener.onUpdate(candle);
  }

  #setState(state: FeedState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}

/** Of two states of a candle the one that holds more trades is the newer. */
function isNewer(candle: ChartCandle, page: readonly ChartCandle[]): boolean {
  const same = page[indexAtOrBefore(page, candle.openTime)];
  return same?.openTime !== candle.openTime || candle.volume >= same.volume;
}
