import { L2Book } from '../../core/market/l2-book.ts';
import { compare, loadPeer, perCpuSecond } from '../bench-runner.ts';
import { CHECKED_LEVELS } from './clients.ts';
import { checksum, depthFlow, type DepthFlow, type FlowBook, type FlowLevel, LOT_SIZE, TICK_SIZE } from './depth-flow.ts';

/** A book under test: takes the flow's start, then its messages, and tells its levels at the end. */
interface BookUnderTest {
  replay(): void;
  read(): FlowBook;
}

export interface UpdateComparison {
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
}

const LEVELS_PER_MESSAGE = 20;
/** Messages that ours takes in each measurement, in one or more passes over the flow that the peer takes once. */
const OUR_MESSAGES = 20_000;
const PEER_MESSAGES = { ccxt: 2_500, orderbooks: 400 } as const;
const RUNS = 5;

/**
 * Level updates per CPU-second at a depth, ours against each peer in turn. Numbers are parsed beforehand; every book is handed the same
 * messages and must end with the same levels.
 */
export async function compareBookUpdates(depth: number, nearness: number): Promise<UpdateComparison[]> {
  const comparisons: UpdateComparison[] = [];
  for (const [peer, messages, open] of [
    ['ccxt 4.5.84 order book', PEER_MESSAGES.ccxt, ccxtBook],
    ['orderbooks 1.1.14', PEER_MESSAGES.orderbooks, orderbooksBook],
  ] as const) {
    const flow = depthFlow({ seed: 11, messages, levelsPerMessage: LEVELS_PER_MESSAGE, depth, nearness });
    const updates = flow.messages.reduce((sum, message) => sum + message.bids.length + message.asks.length, 0);
    const passes = OUR_MESSAGES / messages;
    const own = ourBook(flow);
    const theirs = await open(flow);
    own.replay();
    theirs.replay();
    const expected = checksum(flow.end, CHECKED_LEVELS);
    for (const [name, book] of [
      ['ours', own],
      [peer, theirs],
    ] as const) {
      const found = checksum(book.read(), CHECKED_LEVELS);
      if (found !== expected) throw new Error(`${name} ended at checksum ${found}, expected ${expected}`);
    }
    const measured = await compare(
      { runs: RUNS, warmUps: 1 },
      () =>
        perCpuSecond(passes * updates, () => {
          for (let pass = 0; pass < passes; pass++) own.replay();
        }),
      () => perCpuSecond(updates, () => theirs.replay()),
    );
    comparisons.push({ peer, ours: measured.ours, theirs: measured.peer });
  }
  return comparisons;
}

/** With its bucket sums running, as they do in the app: nobody else keeps any. */
function ourBook(flow: DepthFlow): BookUnderTest {
  const book = new L2Book({ tickSize: TICK_SIZE, lotSize: LOT_SIZE, bucketWidth: 1 });
  book.applySnapshot(flow.start.bids, flow.start.asks);
  const sums = new Float64Array(41);
  for (const side of ['bid', 'ask'] as const) book.addBuckets(side, Math.floor(book.mid) - 20, sums, sums);
  // As the connectors' parsers hand them over.
  const columns = flow.messages.map(({ bids, asks }) => ({ bids: columnsOf(bids), asks: columnsOf(asks) }));
  return {
    replay() {
      for (const { bids, asks } of columns) {
        book.applyLevels('bid', bids.ticks, bids.lots, bids.ticks.length);
        book.applyLevels('ask', asks.ticks, asks.lots, asks.ticks.length);
      }
    },
    read: () => ({
      bids: Array.from({ length: CHECKED_LEVELS }, (_, rank) => [book.ticksAt('bid', rank), book.lotsAt('bid', rank)] as const),
      asks: Array.from({ length: CHECKED_LEVELS }, (_, rank) => [book.ticksAt('ask', rank), book.lotsAt('ask', rank)] as const),
    }),
  };
}

function columnsOf(levels: readonly FlowLevel[]): { readonly ticks: Float64Array; readonly lots: Float64Array } {
  return { ticks: Float64Array.from(levels, ([ticks]) => ticks), lots: Float64Array.from(levels, ([, lots]) => lots) };
}

interface CcxtSide extends ReadonlyArray<readonly [number, number]> {
  store(price: number, size: number): void;
}

async function ccxtBook(flow: DepthFlow): Promise<BookUnderTest> {
  const { OrderBook } = await loadPeer<{
    OrderBook: new (snapshot: object) => { readonly bids: CcxtSide; readonly asks: CcxtSide };
  }>('./node_modules/ccxt/js/src/base/ws/OrderBook.js');
  const priced = inUnits(flow);
  const book = new OrderBook({ bids: priced.start.bids, asks: priced.start.asks });
  const read = (side: CcxtSide): FlowBook['bids'] =>
    Array.from(side, ([price, size]) => [Math.round(price * 100), Math.round(size * 10_000)] as const);
  return {
    replay() {
      for (const { bids, asks } of priced.messages) {
        for (const [price, size] of bids) book.bids.store(price, size);
        for (const [price, size] of asks) book.asks.store(price, size);
      }
    },
    read: () => ({ bids: read(book.bids), asks: read(book.asks) }),
  };
}

type Level = [symbol: string, price: number, side: 'Buy' | 'Sell', quantity: number];

interface OrderbooksBook {
  readonly book: readonly Level[];
  handleSnapshot(levels: Level[], timestamp: number): unknown;
  handleDelta(deleted: Level[], upserted: Level[], inserted: Level[], timestamp: number): unknown;
}

async function orderbooksBook(flow: DepthFlow): Promise<BookUnderTest> {
  const { OrderBooksStore } = await loadPeer<{
    OrderBooksStore: new (options: object) => { getBook(symbol: string): OrderbooksBook };
  }>('orderbooks');
  const book = new OrderBooksStore({ maxDepth: 1_000_000 }).getBook('ETHUSDT');
  const { start, messages } = inUnits(flow);
  const levels = ({ bids, asks }: FlowBook): Level[] => [
    ...bids.map(([price, size]): Level => ['ETHUSDT', price, 'Buy', size]),
    ...asks.map(([price, size]): Level => ['ETHUSDT', price, 'Sell', size]),
  ];
  const sorted = messages.map((message) => {
    const all = levels(message);
    return { deleted: all.filter((level) => level[3] === 0), upserted: all.filter((level) => level[3] > 0) };
  });
  book.handleSnapshot(levels(start), 0);
  const side = (name: 'Buy' | 'Sell') =>
    book.book
      .filter((level) => level[2] === name)
      .map((level) => [Math.round(level[1] * 100), Math.round(level[3] * 10_000)] as const);
  return {
    replay() {
      for (const { deleted, upserted } of sorted) book.handleDelta(deleted, upserted, [], 0);
    },
    read: () => ({ bids: side('Buy'), asks: side('Sell').reverse() }),
  };
}

/** Prices and quantities as the doubles that the wire's text reads as. */
function inUnits(flow: DepthFlow): { start: FlowBook; messages: FlowBook[] } {
  const book = ({ bids, asks }: FlowBook): FlowBook => ({
    bids: bids.map(([ticks, lots]) => [ticks / 100, lots / 10_000] as const),
    asks: asks.map(([ticks, lots]) => [ticks / 100, lots / 10_000] as const),
  });
  return { start: book(flow.start), messages: flow.messages.map(book) };
}
