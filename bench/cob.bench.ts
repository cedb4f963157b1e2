import { COB_BUCKETS, COB_RADIUS } from '../core/contracts/market-views.ts';
import { ConsolidatedBook, imbalanceOf, IMBALANCE_RADIUS } from '../core/market/consolidated-book.ts';
import { L2Book } from '../core/market/l2-book.ts';
import { median, openReport, percentile } from './bench-runner.ts';
import { depthFlow, type DepthFlow, type FlowLevel, LOT_SIZE, TICK_SIZE } from './depth/depth-flow.ts';

/**
 * One snapshot of the consolidated book (41 buckets a side, best prices, imbalance and its moving means), as it is taken ten times a
 * second: microseconds of each call, with books that go on changing in between. Next to it the naive way, which walks the price levels
 * of every book, best first, until it leaves the buckets; both must agree on every bucket.
 */
const SAMPLES = 3_000;
const WARM_UPS = 500;
/** Depth messages that each book takes between two snapshots. */
const MESSAGES_BETWEEN = 1;
const BUCKET_WIDTH = 1;

interface Levels {
  readonly bids: readonly FlowLevel[];
  readonly asks: readonly FlowLevel[];
}

const report = openReport('cob');
for (const depth of [1_000, 5_000]) {
  for (const books of [1, 4]) {
    const { ours, naive } = run(books, depth);
    const scenario = `${books} ${books === 1 ? 'book' : 'books'}, depth ${depth}`;
    report.row({
      metric: `snapshot p50, ${scenario}`,
      value: median(ours),
      unit: 'µs',
      peer: 'naive walk',
      peerValue: median(naive),
      better: 'lower',
    });
    report.row({
      metric: `snapshot p99, ${scenario}`,
      value: percentile(ours, 99),
      unit: 'µs',
      peer: 'naive walk',
      peerValue: percentile(naive, 99),
      better: 'lower',
    });
  }
}

function run(count: number, depth: number): { ours: number[]; naive: number[] } {
  const flows = Array.from({ length: count }, (_, i) =>
    depthFlow({ seed: 100 + i, messages: 1_000, levelsPerMessage: 60, depth }),
  );
  const books = flows.map(({ start }) => {
    const book = new L2Book({ tickSize: TICK_SIZE, lotSize: LOT_SIZE, bucketWidth: BUCKET_WIDTH });
    book.applySnapshot(start.bids, start.asks);
    return book;
  });
  const cob = new ConsolidatedBook({
    symbol: 'ETH/USDT',
    bucketWidth: BUCKET_WIDTH,
    sources: books.map((book) => ({ venue: 'binance', book, status: () => ({ state: 'live', reason: '' }) })),
  });
  const ours: number[] = [];
  const naive: number[] = [];
  let sent = 0;
  for (let sample = -WARM_UPS; sample < SAMPLES; sample++) {
    for (let i = 0; i < MESSAGES_BETWEEN; i++, sent++) applyMessage(books, flows, sent);
    const levels = books.map(levelsOf);

    const startedAt = performance.now();
    const view = cob.sample(1_600_000_000_000 + 100 * sent);
    const between = performance.now();
    const walked = walk(levels);
    const endedAt = performance.now();

    if (sample >= 0) {
      ours.push(1_000 * (between - startedAt));
      naive.push(1_000 * (endedAt - between));
    }
    for (let i = 0; i < COB_BUCKETS; i++) {
      if (!near(view.bidNotional[i], walked.bidNotional[i]) || !near(view.askQuantity[i], walked.askQuantity[i])) {
        throw new Error(
          `snapshot ${sample}, bucket ${i - COB_RADIUS}: ${view.bidNotional[i]} and ${walked.bidNotional[i]} bid, or asks, differ`,
        );
      }
    }
    if (!near(view.imbalance, walked.imbalance))
      throw new Error(`snapshot ${sample}: imbalance ${view.imbalance}, walked ${walked.imbalance}`);
  }
  return { ours, naive };
}

function applyMessage(books: readonly L2Book[], flows: readonly DepthFlow[], sent: number): void {
  books.forEach((book, i) => {
    const { messages } = flows[i] as DepthFlow;
    const { bids, asks } = messages[sent % messages.length] as DepthFlow['messages'][number];
    for (const [ticks, lots] of bids) book.setLevel('bid', ticks, lots);
    for (const [ticks, lots] of asks) book.setLevel('ask', ticks, lots);
  });
}

/** [price, quantity] arrays, best first: what book libraries hand out, and the form in which a walk is quickest. Not timed. */
function levelsOf(book: L2Book): Levels {
  const side = (name: 'bid' | 'ask'): FlowLevel[] =>
    Array.from(
      { length: book.depth(name) },
      (_, rank) => [book.priceOf(book.ticksAt(name, rank)), book.quantityOf(book.lotsAt(name, rank))] as const,
    );
  return { bids: side('bid'), asks: side('ask') };
}

function walk(books: readonly Levels[]) {
  let bestBid = Number.NEGATIVE_INFINITY;
  let bestAsk = Number.POSITIVE_INFINITY;
  for (const { bids, asks } of books) {
    bestBid = Math.max(bestBid, bids[0]?.[0] ?? bestBid);
    bestAsk = Math.min(bestAsk, asks[0]?.[0] ?? bestAsk);
  }
  const anchor = Math.floor((bestBid + bestAsk) / 2 / BUCKET_WIDTH);
  const zeros = () => new Array<number>(COB_BUCKETS).fill(0);
  const [bidQuantity, askQuantity, bidNotional, askNotional] = [zeros(), zeros(), zeros(), zeros()];
  for (const { bids, asks } of books) {
    sumInto(bids, anchor, bidQuantity, bidNotional);
    sumInto(asks, anchor, askQuantity, askNotional);
  }
  return {
    bidQuantity,
    askQuantity,
    bidNotional,
    askNotional,
    imbalance: imbalanceOf(bidNotional, askNotional, IMBALANCE_RADIUS),
  };
}

function sumInto(levels: readonly FlowLevel[], anchor: number, quantity: number[], notional: number[]): void {
  for (const [price, size] of levels) {
    const bucket = Math.floor(price / BUCKET_WIDTH) - anchor + COB_RADIUS;
    if (bucket < 0 || bucket >= COB_BUCKETS) break;
    (quantity[bucket] as number) += size;
    (notional[bucket] as number) += price * size;
  }
}

function near(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}
