import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../../core/contracts/market-views.ts';
import { COB_PERIOD_MS, ConsolidatedBook } from '../../../core/market/consolidated-book.ts';
import { type DecimalStep, decimalStep, stepsToNumber } from '../../../core/market/decimal-parse.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { BookSync, type SequenceRule } from '../session/book-sync.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import { snapshotFromJson } from './parse.ts';
import { FUTURES_RULE, SPOT_RULE } from './sync.ts';

const RECORDINGS = new URL('../../../../shared/data/market/hftbacktest/', import.meta.url);

/** Samples between two that are computed again from all levels. */
const CHECKED_EVERY = 20;
/** Of a sum of up to some thousand doubles, taken in another order. */
const TOLERANCE = 1e-9;

interface Market {
  readonly path: string;
  readonly tick: string;
  readonly lot: string;
  readonly rule: SequenceRule;
  /** Dollars a contract; undefined where quantities are coins. */
  readonly contract?: number;
}
const SPOT: Market = { path: 'spot/btcusdt_20240808.gz', tick: '0.01', lot: '0.00001', rule: SPOT_RULE };
const USDM: Market = { path: 'usdm/ethusdt_20240808.gz', tick: '0.01', lot: '0.001', rule: FUTURES_RULE };
const COINM: Market = { path: 'cm/btcusd_perp_20240808.gz', tick: '0.1', lot: '1', rule: FUTURES_RULE, contract: 100 };

/** One line: when it was received, and the message. */
type Line = readonly [ns: bigint, text: string, market: number];

/** A market as the desk holds it, and as one who knows nothing of the desk's code would: price text to quantity text. */
class Followed {
  readonly book: L2Book;
  readonly sync: BookSync;
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  readonly #market: Market;
  readonly #tick: DecimalStep;
  readonly #lot: DecimalStep;
  readonly #parser = new DepthParser();
  readonly #delta = emptyDelta();
  readonly #envelope: StreamEnvelope = { stream: '', dataStart: 0 };
  /** Changes from before the snapshot came, of which it may not have the last. */
  #early: PlainDelta[] | undefined = [];

  constructor(market: Market, bucketWidth: number) {
    this.#market = market;
    this.#tick = decimalStep(market.tick) as DecimalStep;
    this.#lot = bookLotOf(decimalStep(market.lot) as DecimalStep);
    this.book = new L2Book({
      tickSize: Number(market.tick),
      lotSize: stepsToNumber(market.contract ?? 1, this.#lot),
      bucketWidth,
      quantityUnit: market.contract === undefined ? 'base' : 'quote',
    });
    this.sync = new BookSync(this.book, market.rule, () => undefined);
    this.sync.connected();
  }

  take(text: string): void {
    if (text.startsWith('{"lastUpdateId"')) {
      const snapshot = snapshotFromJson(JSON.parse(text), this.#tick, this.#lot);
      if (!snapshot.ok) throw new Error(snapshot.error.message);
      this.sync.onSnapshot(snapshot.value);
      this.#plainSnapshot(JSON.parse(text) as PlainSnapshot);
    } else if (text.includes('@depth@')) {
      const message = Buffer.from(text);
      if (!readEnvelope(message, this.#envelope)) throw new Error(`no envelope: ${text.slice(0, 80)}`);
      if (!this.#parser.parse(message, this.#envelope.dataStart, this.#tick, this.#lot, this.#delta)) throw new Error(text);
      this.sync.onDelta(this.#delta);
      this.#plainDelta((JSON.parse(text) as { data: PlainDelta }).data);
    }
  }

  /** Price, coins and dollars of each level of a side, from the text of the messages. */
  plainLevels(side: 'bids' | 'asks'): [price: number, coins: number, dollars: number][] {
    const { contract } = this.#market;
    return Array.from(this[side], ([priceText, quantityText]) => {
      const [price, quantity] = [Number(priceText), Number(quantityText)];
      if (contract === undefined) return [price, quantity, price * quantity];
      return [price, (quantity * contract) / price, quantity * contract];
    });
  }

  #plainSnapshot({ lastUpdateId, bids, asks }: PlainSnapshot): void {
    for (const [price, quantity] of bids) this.bids.set(price, quantity);
    for (const [price, quantity] of asks) this.asks.set(price, quantity);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const delta of early) if (delta.u > lastUpdateId) this.#plainDelta(delta);
  }

  #plainDelta(delta: PlainDelta): void {
    if (this.#early !== undefined) {
      this.#early.push(delta);
      return;
    }
    const { b, a } = delta;
    for (const [side, changes] of [
      [this.bids, b],
      [this.asks, a],
    ] as const) {
      for (const [price, quantity] of changes) {
        if (Number(quantity) === 0) side.delete(price);
        else side.set(price, quantity);
      }
    }
  }
}

interface PlainSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly [string, string][];
  readonly asks: readonly [string, string][];
}
interface PlainDelta {
  readonly u: number;
  readonly b: readonly [string, string][];
  readonly a: readonly [string, string][];
}

function linesOf({ path }: Market, market: number): Line[] {
  const text = gunzipSync(readFileSync(new URL(path, RECORDINGS))).toString();
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line.includes('@depth@') || line.includes('"lastUpdateId"'))
    .map((line) => {
      const space = line.indexOf(' ');
      return [BigInt(line.slice(0, space)), line.slice(space + 1), market];
    });
}

/** The sums of the 41 buckets around the anchor, level by level. */
function plainBuckets(
  view: CobView,
  levels: readonly (readonly [number, number, number])[],
): { coins: number[]; dollars: number[] } {
  const coins = Array<number>(COB_BUCKETS).fill(0);
  const dollars = Array<number>(COB_BUCKETS).fill(0);
  for (const [price, quantity, notional] of levels) {
    const index = Math.floor(price / view.bucketWidth) - view.anchor / view.bucketWidth + COB_RADIUS;
    if (index < 0 || index >= COB_BUCKETS) continue;
    (coins[index] as number) += quantity;
    (dollars[index] as number) += notional;
  }
  return { coins, dollars };
}

/** The greatest distance of any two numbers, as a share of the greater. */
function worst(values: readonly number[], expected: readonly number[]): number {
  return Math.max(
    ...values.map((value, i) => {
      const most = Math.max(Math.abs(value), Math.abs(expected[i] as number));
      return most === 0 ? 0 : Math.abs(value - (expected[i] as number)) / most;
    }),
  );
}

describe('the consolidated book of what was recorded at the same time', { timeout: 120_000 }, () => {
  it.for([
    { title: 'BTC on spot and COIN-M', symbol: 'BTC/USDT', bucketWidth: 10, markets: [SPOT, COINM] },
    { title: 'ETH on USD-M', symbol: 'ETH/USDT:USDT', bucketWidth: 1, markets: [USDM] },
  ])(
    'of $title has its mid inside the touches and every bucket’s dollars to 1e-9',
    ({ symbol, bucketWidth, markets }, context) => {
      if (!markets.every(({ path }) => existsSync(new URL(path, RECORDINGS)))) context.skip('skipped: recordings not present');
      const followed = markets.map((market) => new Followed(market, bucketWidth));
      const cob = new ConsolidatedBook({
        symbol,
        bucketWidth,
        sources: followed.map(({ book, sync }) => ({
          venue: 'binance',
          book,
          status: () => ({ state: sync.state, reason: '' }),
        })),
      });
      const lines = markets.flatMap(linesOf).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      const period = BigInt(COB_PERIOD_MS) * 1_000_000n;
      let due = (lines[0] as Line)[0] + period;
      let samples = 0;
      let outside = 0;
      let crossed = 0;
      let filled = 0;
      let most = 0;
      const check = (view: CobView): void => {
        const bids = followed.flatMap((market) => market.plainLevels('bids'));
        const asks = followed.flatMap((market) => market.plainLevels('asks'));
        expect(view.bestBid).toBe(Math.max(...bids.map(([price]) => price)));
        expect(view.bestAsk).toBe(Math.min(...asks.map(([price]) => price)));
        const [bid, ask] = [plainBuckets(view, bids), plainBuckets(view, asks)];
        filled = Math.max(filled, ...[bid, ask].map(({ dollars }) => dollars.filter((value) => value > 0).length));
        most = Math.max(
          most,
          worst(view.bidNotional, bid.dollars),
          worst(view.askNotional, ask.dollars),
          worst(view.bidQuantity, bid.coins),
          worst(view.askQuantity, ask.coins),
        );
      };
      for (const [at, text, market] of lines) {
        for (; due <= at; due += period) {
          if (!followed.every(({ sync }) => sync.state === 'live')) continue;
          const view = cob.sample(Number(due / 1_000_000n));
          samples++;
          if (view.bestBid > view.bestAsk) crossed++;
          // Spot and a perpetual stand at a basis: the one's bids are above the other's asks nearly always, and the mid is between the two.
          const mids = followed.map(({ book }) => (book.bestBid + book.bestAsk) / 2);
          const halfTick = Number(SPOT.tick) / 2;
          if (!(view.mid >= Math.min(...mids) - halfTick && view.mid <= Math.max(...mids) + halfTick)) outside++;
          if (samples % CHECKED_EVERY === 0) check(view);
        }
        (followed[market] as Followed).take(text);
      }
      expect(followed.map(({ sync }) => [sync.state, sync.gaps])).toEqual(markets.map(() => ['live', 0]));
      expect(samples).toBeGreaterThan(3_000);
      expect(outside).toBe(0);
      expect(crossed).toBe(markets.length === 1 ? 0 : 3_433);
      expect(filled).toBeGreaterThan(20);
      expect(most).toBeLessThan(TOLERANCE);
    },
  );
});
