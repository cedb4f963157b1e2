import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BTC, ETH, syntheticRecording } from '../fixtures/synthetic.ts';
import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { BookDiff } from './book.ts';
import type { Kline } from './kline.ts';
import { Market } from './market.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from './symbol-market.ts';

const START = Date.UTC(2020, 3, 25, 1, 50);

function newMarket(seed: number, startAt = START): Market {
  return new Market(
    [ETH, BTC].map((instrument) =>
      syntheticRecording({ instrument, seed, startTime: START, minutes: 12, gap: { from: 4, to: 7 } }),
    ),
    seed,
    startAt,
  );
}

/** A client's book by VENUES.md: snapshot, then diffs whose ids follow on. */
class FollowedBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  #lastUpdateId: number;
  #synced = false;

  constructor(market: SymbolMarket) {
    this.#lastUpdateId = market.book.lastUpdateId;
    for (const name of ['bids', 'asks'] as const)
      for (const [tick, lots] of market.book[name].top(5_000)) this[name].set(tick, lots);
  }

  apply(diff: BookDiff): void {
    if (!this.#synced) {
      expect(diff.lastUpdateId).toBeGreaterThan(this.#lastUpdateId);
      expect(diff.firstUpdateId).toBeLessThanOrEqual(this.#lastUpdateId + 1);
    } else expect(diff.firstUpdateId).toBe(this.#lastUpdateId + 1);
    this.#synced = true;
    this.#lastUpdateId = diff.lastUpdateId;
    for (const name of ['bids', 'asks'] as const) {
      for (const [tick, lots] of diff[name]) {
        if (lots === 0) this[name].delete(tick);
        else this[name].set(tick, lots);
      }
    }
  }

  levels(name: 'bids' | 'asks'): [number, number][] {
    return [...this[name]].sort((a, b) => (name === 'bids' ? b[0] - a[0] : a[0] - b[0]));
  }
}

class Recorder implements MarketSink {
  readonly trades: (TradeEvent & { symbol: string })[] = [];
  readonly seconds: (Kline & { symbol: string })[] = [];
  readonly diffs: (BookDiff & { symbol: string; time: number })[] = [];
  readonly #lastTimes = new Map<string, number>();

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    this.#inOrder(market.symbol, trade.time);
    this.trades.push({ ...trade, symbol: market.symbol });
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    this.#inOrder(market.symbol, time);
    this.diffs.push({ ...diff, symbol: market.symbol, time });
  }

  onSecond(market: SymbolMarket, time: number, kline: Kline): void {
    this.#inOrder(market.symbol, time);
    this.seconds.push({ ...kline, symbol: market.symbol });
  }

  /** One symbol's events never go back in time. */
  #inOrder(symbol: string, time: number): void {
    expect(time).toBeGreaterThanOrEqual(this.#lastTimes.get(symbol) ?? 0);
    this.#lastTimes.set(symbol, time);
  }
}

describe('Market', () => {
  it('keeps a client in step with its book, never crosses, and trades at the touch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 30_000 }), (seed, snapshotAfter) => {
        const market = newMarket(seed);
        const followed = new Map<string, FollowedBook>();
        const sink: MarketSink = {
          onTrade({ book }, { price, buy }) {
            const [bid, ask] = [book.bids.best as number, book.asks.best as number];
            expect(bid).toBeLessThan(ask);
            // What is left of the taken side begins at the trade's price or behind it; the other side is on its own side of it.
            expect(buy ? ask >= price && bid < price : bid <= price && ask > price).toBe(true);
          },
          onDepth({ symbol, book }, _time, diff) {
            expect(book.bids.best as number).toBeLessThan(book.asks.best as number);
            const mine = followed.get(symbol);
            if (mine === undefined) return;
            mine.apply(diff);
            for (const side of ['bids', 'asks'] as const) {
              const [told, kept] = [mine.levels(side), book[side].top(5_000)];
              // Thousands of times some hundred levels: what is alike is seen sooner than it is proven to the test runner.
              if (JSON.stringify(told) !== JSON.stringify(kept)) expect(told).toEqual(kept);
            }
          },
          onSecond: () => undefined,
        };
        market.advanceTo(START + snapshotAfter, sink);
        for (const symbol of market.symbols) followed.set(symbol.symbol, new FollowedBook(symbol));
        market.advanceTo(START + snapshotAfter + 10_000, sink);
        for (const { book } of market.symbols) {
          for (const side of [book.bids, book.asks]) {
            expect(side.depth).toBeGreaterThanOrEqual(300);
            expect(side.depth).toBeLessThan(1_000);
          }
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('plays the same whatever the strides of time, and the stream equals what klines say afterwards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 5, maxLength: 40 }),
        (seed, strides) => {
          const [whole, strided] = [new Recorder(), new Recorder()];
          const [one, other] = [newMarket(seed), newMarket(seed)];
          one.advanceTo(START + 4 * MINUTE_MS, whole);
          for (const stride of strides) other.advanceTo(Math.min(START + 4 * MINUTE_MS, other.now + stride), strided);
          other.advanceTo(START + 4 * MINUTE_MS, strided);
          expect(strided.diffs).toEqual(whole.diffs);
          expect(strided.seconds).toEqual(whole.seconds);
          const bySymbol = ({ trades }: Recorder, symbol: string): unknown[] => trades.filter((trade) => trade.symbol === symbol);
          for (const market of one.symbols) {
            const { symbol } = market;
            expect(bySymbol(strided, symbol)).toEqual(bySymbol(whole, symbol));
            const streamed = whole.seconds.filter((second) => second.symbol === symbol).map(({ symbol: _, ...kline }) => kline);
            const asked = market.klines({ timeframe: '1s', startTime: START, endTime: START + 4 * MINUTE_MS - 1, limit: 1_000 });
            expect(streamed).toEqual(asked);
            const ids = whole.trades.filter((trade) => trade.symbol === symbol).map(({ id }) => id);
            expect(ids.every((id, i) => i === 0 || id === (ids[i - 1] as number) + 1)).toBe(true);
            expect(market.recentTrades(5).map(({ id }) => id)).toEqual(ids.slice(-5));
          }
        },
      ),
      { numRuns: 4 },
    );
  }, 120_000);

  it('shows the same trades to a market that was started later, on the recording or on a longer one', () => {
    const early = new Recorder();
    const late = new Recorder();
    newMarket(3).advanceTo(START + 3 * MINUTE_MS, early);
    newMarket(3, START + MINUTE_MS + 12_340).advanceTo(START + 3 * MINUTE_MS, late);
    expect(late.trades.length).toBeGreaterThan(50);
    expect(late.trades).toEqual(early.trades.filter(({ time }) => time >= START + MINUTE_MS + 12_300));
  });

  it('is silent while the exchange is down, trades on afterwards, and stops at the end of the recording', () => {
    const market = newMarket(9);
    const events = new Recorder();
    const down = { from: START + 4 * MINUTE_MS, to: START + 7 * MINUTE_MS };
    market.advanceTo(START + 100 * MINUTE_MS, events);
    expect(market.now).toBe(START + 12 * MINUTE_MS);
    expect(market.ended).toBe(true);
    const times = [
      ...events.trades.map(({ time }) => time),
      ...events.diffs.map(({ time }) => time - 1),
      ...events.seconds.map(({ openTime }) => openTime),
    ];
    expect(times.filter((time) => time >= down.from && time < down.to)).toEqual([]);
    expect(times.some((time) => time >= down.to)).toBe(true);
    const count = events.trades.length;
    market.advanceTo(START + 200 * MINUTE_MS, events);
    expect(events.trades).toHaveLength(count);
  });
});
