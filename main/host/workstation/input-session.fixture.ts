import { Emitter } from '../../../core/base/emitter.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import { nextNormal, SplitMix32 } from '../../../core/base/rng.ts';
import type { AccountState } from '../../../core/features/base-input/context-row.ts';
import { marketHistory, type MarketHistory, WHOLE } from '../../../core/features/base-input/market-history.fixture.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { Span } from '../../../core/market/spans.ts';
import { type StoredTimeframe, STORED_TIMEFRAMES, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Store } from '../../ports/store.ts';
import { createCobService } from '../../services/cob/cob-service.ts';
import { MarketFlow } from '../../services/cob/market-flow.ts';
import { InputService } from '../../services/input/input-service.ts';

export const ETH = 'ETH/USDT';
export const BTC = 'BTC/USDT';
/** Just before midnight, when the market structure gets another beginning. */
export const BEGIN = Math.floor(1_600_000_000_000 / 86_400_000) * 86_400_000 + 86_400_000 - 90_000;
const SOURCE = { venue: 'binance', symbol: ETH } as const;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A market that trades and quotes from `BEGIN` on, with all of its history in a real store; the desk that follows it can be started anew. */
export class Session {
  readonly clock = new ManualClock(BEGIN);
  readonly stored = new Emitter<Span & { symbol: string; timeframe: StoredTimeframe }>();
  readonly book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  readonly #rng = new SplitMix32(5);
  readonly #listeners = new Map<string, Set<(candle: Candle) => void>>();
  readonly #running = new Map<string, Candle>();
  readonly warned: string[] = [];
  account: AccountState = { at: BEGIN, side: 0, size: 0, unrealised: 0, ageMs: 0, drawdown: 0 };
  store: Store;
  #desk: { readonly input: InputService; close(): void };
  #mid = 400;

  private constructor(store: Store) {
    this.store = store;
    this.#quote();
    this.#desk = this.#open();
  }

  static async begin(store: Store): Promise<Session> {
    const history = marketHistory(9, BEGIN, { ...WHOLE, hours: 320, days: 320 });
    await write(store, history);
    const session = new Session(store);
    session.#mid = history.candles['1s'].at(-1)?.close ?? 400;
    session.#quote();
    return session;
  }

  get input(): InputService {
    return this.#desk.input;
  }

  /** Ends the desk and begins another one on the store, which may be another handle of the same file. */
  restart(store: Store): void {
    this.store = store;
    this.#desk = this.#open();
  }

  close(): void {
    this.#desk.close();
  }

  #open() {
    const { clock, stored, store, warned } = this;
    const flow = new MarketFlow();
    const cob = createCobService({ market: store.market, flow, clock, log: QUIET });
    cob.follow({ symbol: ETH, bucketWidth: 1 }, [
      { venue: 'binance', book: this.book, status: () => ({ state: 'live', reason: '' }) },
    ]);
    this.#flow = flow;
    const wall = new ManualClock(1);
    const input = new InputService({
      candles: { onCandleClosed: (symbol, timeframe, listener) => this.#listen(`${symbol} ${timeframe}`, listener) },
      history: { stored },
      cob,
      market: store.market,
      learning: store.learning,
      ensureHistory: async () => ok(undefined),
      referenceSymbol: BTC,
      account: (_, t) => (this.account.at <= t ? this.account : undefined),
      outputs: () => [],
      clock,
      wall,
      log: { ...QUIET, warn: (_: unknown, text: string) => warned.push(text) },
    });
    input.follow(BTC, Promise.resolve());
    input.follow(ETH, Promise.resolve());
    this.wall = wall;
    return {
      input,
      close: () => {
        input.close();
        cob.close();
      },
    };
  }

  wall = new ManualClock(1);
  #flow = new MarketFlow();

  #listen(key: string, listener: (candle: Candle) => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** So many seconds of trading; a candle is told once its period is over, as a feed does. */
  run(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      const second = Math.floor(this.clock.now() / 1_000) * 1_000;
      const open = this.#mid;
      this.#mid = Math.max(50, this.#mid + 0.05 * nextNormal(this.#rng));
      for (const at of [250, 700]) {
        this.clock.advanceTo(second + at);
        this.#quote();
        const trade = { price: this.#mid, quantity: this.#rng.next(), side: this.#rng.next() < 0.5 ? 'buy' : 'sell' } as const;
        this.#flow.onTrade(ETH, { ...trade, id: second + at, tsEvent: second + at, tsReceived: second + at }, SOURCE);
        this.#flow.onBook(ETH, this.book);
      }
      this.#trade(ETH, second, open, this.#mid);
      this.#trade(BTC, second, 20 * open, 20 * this.#mid + this.#rng.next());
      this.clock.advanceTo(second + 1_000);
      for (const symbol of [ETH, BTC]) this.#closeAt(symbol, second + 1_000);
    }
  }

  #quote(): void {
    const bid = Math.round(this.#mid * 100) - 1;
    const levels = (from: number, step: number): [number, number][] =>
      Array.from({ length: 30 }, (_, i) => [from + i * step, 1 + Math.floor(50_000 * this.#rng.next())]);
    this.book.applySnapshot(levels(bid, -37), levels(bid + 2, 41));
  }

  #trade(symbol: string, second: number, open: number, close: number): void {
    for (const timeframe of STORED_TIMEFRAMES) {
      const openTime = Math.floor(second / TIMEFRAME_MS[timeframe]) * TIMEFRAME_MS[timeframe];
      const key = `${symbol} ${timeframe}`;
      const running = this.#running.get(key);
      const [high, low] = [Math.max(open, close), Math.min(open, close)];
      const volume = 1 + (second % 7);
      if (running?.openTime !== openTime) {
        this.#running.set(key, { openTime, open, high, low, close, volume, buyVolume: 0.5, tradeCount: 2, filled: false });
      } else {
        this.#running.set(key, {
          ...running,
          high: Math.max(running.high, high),
          low: Math.min(running.low, low),
          close,
          volume: running.volume + volume,
        });
      }
    }
  }

  #closeAt(symbol: string, time: number): void {
    for (const timeframe of STORED_TIMEFRAMES) {
      const key = `${symbol} ${timeframe}`;
      const running = this.#running.get(key);
      if (running === undefined || running.openTime + TIMEFRAME_MS[timeframe] !== time) continue;
      this.store.market.appendCandle('binance', symbol, timeframe, running);
      for (const listener of this.#listeners.get(key) ?? []) listener(running);
    }
  }

  /** The venue's own candle takes the place of one, as maintenance has it. */
  async correct(symbol: string, timeframe: StoredTimeframe, candle: Candle): Promise<void> {
    const replaced = await this.store.market.replaceCandles('binance', symbol, timeframe, [candle]);
    if (!replaced.ok) throw new Error(replaced.error.message);
    this.stored.emit({ symbol, timeframe, from: candle.openTime, to: candle.openTime + TIMEFRAME_MS[timeframe] });
  }
}

async function write(store: Store, history: MarketHistory): Promise<void> {
  const put = async (symbol: string, timeframe: Timeframe, candles: readonly Candle[]): Promise<void> => {
    const done = await store.market.replaceCandles('binance', symbol, timeframe as StoredTimeframe, candles);
    if (!done.ok) throw new Error(done.error.message);
  };
  for (const timeframe of STORED_TIMEFRAMES) await put(ETH, timeframe, history.candles[timeframe]);
  await put(BTC, '1s', history.reference['1s']);
  await put(BTC, '1m', history.reference['1m']);
  history.book.forEach(({ view }, i) => store.market.appendCob(view, undefined, history.book[i - 1]?.flow));
  // The last second would wait for a snapshot after it.
  await store.market.flush();
}
