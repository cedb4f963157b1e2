import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { LivePrice } from '../../../core/contracts/watchlist.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { Followed, Source } from './followed-symbol.ts';

const LOOK_EVERY_WALL_MS = 100;
/** REST is asked no more often than this, whatever the time to live. */
const REST_EVERY_WALL_MS = 1_000;
const LONGEST_PAUSE_WALL_MS = 30_000;

export interface LivePriceDeps {
  readonly followed: (symbol: string) => Followed | undefined;
  readonly symbols: () => Iterable<string>;
  /** The newest closed candle in memory. */
  readonly lastCandle: (symbol: string) => Candle | undefined;
  readonly clock: Clock;
  readonly wall: Clock;
  /** Market seconds per wall second. */
  readonly speed: () => number;
  /** Wall milliseconds for which a price holds. */
  readonly ttlMs: number;
  /** Whether venues are asked when nothing holds; a replay's know no more than they told. */
  readonly asksVenues: boolean;
  readonly log: Log;
}

interface Answer {
  readonly price: number;
  readonly venue: LivePrice['venue'];
  readonly t: number;
}

interface State {
  trade: Answer | undefined;
  rest: Answer | undefined;
  shown: LivePrice | undefined;
  asking: boolean;
  failures: number;
  nextAskWallMs: number;
}

/**
 * The price to show for each followed symbol, and where it comes from: the mid of the primary's live book, then of the
 * other sources' in their order, then the primary's last trade, then REST of one source after the other, then the last
 * candle. Each holds for the time to live; what is older is passed on only as expired. Display only: orders are checked against the book itself.
 */
export class LivePrices {
  readonly events: Emitter<LivePrice>;
  readonly #deps: LivePriceDeps;
  readonly #states = new Map<string, State>();
  readonly #cancel: Cancel;
  #closed = false;

  constructor(deps: LivePriceDeps) {
    this.#deps = deps;
    this.events = new Emitter((thrown) => deps.log.error({ detail: String(thrown) }, 'a live price listener failed'));
    this.#cancel = deps.wall.every(LOOK_EVERY_WALL_MS, () => this.look());
  }

  latest(symbol: string): LivePrice | undefined {
    return this.#states.get(symbol)?.shown;
  }

  onTrade(symbol: string, trade: Trade): void {
    const followed = this.#deps.followed(symbol);
    if (followed === undefined) return;
    const { name, link } = followed.primary;
    // One that was missed and fetched arrives long after it was made.
    const t = Math.min(trade.tsReceived, trade.tsEvent - (link.clockOffset ?? 0));
    this.#state(symbol).trade = { price: trade.price, venue: name.venue, t };
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** Looks at once, not only when it is time again. */
  look(): void {
    for (const symbol of this.#states.keys()) if (this.#deps.followed(symbol) === undefined) this.#states.delete(symbol);
    for (const symbol of this.#deps.symbols()) {
      const followed = this.#deps.followed(symbol);
      if (followed === undefined) continue;
      const state = this.#state(symbol);
      const next = this.#bookPrice(followed) ?? this.#told(followed, state);
      const { shown } = state;
      if (next === undefined) continue;
      state.shown = next;
      if (
        shown === undefined ||
        shown.price !== next.price ||
        shown.source !== next.source ||
        shown.venue !== next.venue ||
        shown.expired !== next.expired
      ) {
        this.events.emit(next);
      }
    }
  }

  #bookPrice({ request, sources }: Followed): LivePrice | undefined {
    for (const source of sources) {
      const mid = source.state === 'live' ? source.book?.mid : undefined;
      if (mid === undefined || !Number.isFinite(mid)) continue;
      const { venue } = source.name;
      return { symbol: request.symbol, price: mid, source: 'book', venue, t: this.#deps.clock.now(), expired: false };
    }
    return undefined;
  }

  #told(followed: Followed, state: State): LivePrice | undefined {
    const { symbol } = followed.request;
    const { trade, rest } = state;
    if (trade !== undefined && this.#holds(trade)) return { symbol, source: 'trade', ...trade, expired: false };
    this.#ask(followed, state);
    if (rest !== undefined && this.#holds(rest)) return { symbol, source: 'rest', ...rest, expired: false };
    const candle = this.#deps.lastCandle(symbol);
    const { venue } = followed.primary.name;
    const t = candle === undefined ? 0 : candle.openTime + TIMEFRAME_MS['1m'];
    const closed = candle && { symbol, source: 'candle' as const, price: candle.close, venue, t };
    if (closed !== undefined && this.#holds(closed)) return { ...closed, expired: false };
    // Nothing holds any more: the newest of what is known, marked as expired.
    const known: LivePrice[] = [];
    if (trade !== undefined) known.push({ symbol, source: 'trade', ...trade, expired: true });
    if (rest !== undefined) known.push({ symbol, source: 'rest', ...rest, expired: true });
    if (closed !== undefined) known.push({ ...closed, expired: true });
    // The mid of a book that is doubted now was the price until a moment ago.
    if (state.shown !== undefined) known.push({ ...state.shown, expired: true });
    return known.reduce<LivePrice | undefined>((best, one) => (best === undefined || one.t > best.t ? one : best), undefined);
  }

  #holds({ t }: { readonly t: number }): boolean {
    return this.#deps.clock.now() - t <= this.#deps.ttlMs * this.#deps.speed();
  }

  #ask(followed: Followed, state: State): void {
    const { wall, ttlMs, asksVenues } = this.#deps;
    if (!asksVenues || state.asking || wall.now() < state.nextAskWallMs) return;
    state.asking = true;
    void this.#askAll(followed.sources).then((answer) => {
      state.asking = false;
      if (this.#closed) return;
      if (answer !== undefined) state.rest = answer;
      state.failures = answer === undefined ? state.failures + 1 : 0;
      const pause = Math.max(ttlMs, REST_EVERY_WALL_MS) * 2 ** Math.min(state.failures, 10);
      state.nextAskWallMs = wall.now() + Math.min(pause, LONGEST_PAUSE_WALL_MS);
    });
  }

  /** The newest candle of the first source whose REST answers: its close is the last traded price. */
  async #askAll(sources: readonly Source[]): Promise<Answer | undefined> {
    const { clock } = this.#deps;
    for (const source of sources) {
      const { instrument, link } = source;
      if (instrument === undefined || this.#closed) continue;
      const from = openTimeOf(clock.now(), '1m') - TIMEFRAME_MS['1m'];
      const answer = await link.venue.candles(instrument, '1m', from, from + 2 * TIMEFRAME_MS['1m'], 2);
      const candle = answer.ok ? answer.value.at(-1) : undefined;
      // A minute without a trade, or one that ended long ago, says nothing of now.
      if (candle !== undefined && candle.openTime > from)
        return { price: candle.close, venue: source.name.venue, t: clock.now() };
    }
    return undefined;
  }

  #state(symbol: string): State {
    let state = this.#states.get(symbol);
    if (state === undefined) {
      state = { trade: undefined, rest: undefined, shown: undefined, asking: false, failures: 0, nextAskWallMs: 0 };
      this.#states.set(symbol, state);
    }
    return state;
  }
}
