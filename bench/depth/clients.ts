import { WebSocket } from 'ws';
import type { Clock } from '../../core/base/clock.ts';
import { SplitMix32 } from '../../core/base/rng.ts';
import { COB_PERIOD_MS, ConsolidatedBook } from '../../core/market/consolidated-book.ts';
import type { L2Book } from '../../core/market/l2-book.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import { createBinanceMarketData } from '../../main/venues/binance/market-data.ts';
import { loadPeer } from '../bench-runner.ts';
import { tellParent } from '../role-process.ts';
import { checksum, type FlowLevel } from './depth-flow.ts';

export type ToClient =
  /** CPU time counts from here. */
  | { readonly kind: 'mark' }
  /** Tell when the book has taken the message with this event time. */
  | { readonly kind: 'until'; readonly time: number };

export type FromClient =
  | { readonly kind: 'live' | 'marked' }
  | { readonly kind: 'reached'; readonly cpuUs: number; readonly checksum: number };

export const CLIENTS = ['ours', 'ccxt', 'orderbooks'] as const;
export type ClientName = (typeof CLIENTS)[number];

export interface ClientOptions {
  readonly name: ClientName;
  readonly port: number;
  /** Levels a side that the venue's book has. ccxt keeps no more than it is asked for; the others keep all that they hear of. */
  readonly depth: number;
}

/** Levels a side that the checksum covers. */
export const CHECKED_LEVELS = 100;
const SYMBOL = 'ETH/USDT';

/** The best levels of the client's book in ticks and lots. */
type ReadTop = () => { readonly bids: readonly FlowLevel[]; readonly asks: readonly FlowLevel[] };

/** Follows the venue's depth stream in this process until it is killed, and answers `ToClient`. */
export async function runClient({ name, port, depth }: ClientOptions): Promise<void> {
  let marked = process.cpuUsage();
  let until = Number.POSITIVE_INFINITY;
  let time = 0;
  let readTop: ReadTop | undefined;

  const look = (): void => {
    if (time < until || readTop === undefined) return;
    const { user, system } = process.cpuUsage(marked);
    until = Number.POSITIVE_INFINITY;
    tellParent<FromClient>({ kind: 'reached', cpuUs: user + system, checksum: checksum(readTop(), CHECKED_LEVELS) });
  };
  process.on('message', (message: ToClient) => {
    if (message.kind === 'mark') {
      marked = process.cpuUsage();
      tellParent<FromClient>({ kind: 'marked' });
    } else {
      until = message.time;
      look();
    }
  });
  const follow: Follow = {
    live(read) {
      readTop = read;
      tellParent<FromClient>({ kind: 'live' });
    },
    applied(eventTime) {
      time = eventTime;
      if (time >= until) look();
    },
  };
  if (name === 'ours') await followOurs(port, follow);
  else if (name === 'ccxt') await followCcxt(port, depth, follow);
  else await followOrderbooks(port, follow);
}

interface Follow {
  live(readTop: ReadTop): void;
  applied(eventTime: number): void;
}

/** The connector that the app runs, its book with bucket sums, and the consolidated book read at its 10 Hz. */
async function followOurs(port: number, { live, applied }: Follow): Promise<void> {
  const clock: Clock = createSystemClock();
  const quiet = { info: () => {}, warn: (fields: object, message: string) => console.error(message, fields) };
  const venue = createBinanceMarketData({
    restUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}`,
    requestTimeoutMs: 10_000,
    silenceMs: 60_000,
    clock,
    wall: clock,
    rng: new SplitMix32(1),
    log: quiet,
    bucketWidthOf: () => 1,
  });
  const instruments = await venue.instruments([SYMBOL]);
  if (!instruments.ok) throw new Error(instruments.error.message);
  const [instrument] = instruments.value;
  if (instrument === undefined) throw new Error(`${SYMBOL} is not served`);
  const session = venue.open([instrument], {
    onTrade: () => {},
    onKline: () => {},
    onBook: (_instrument, _book, tsEvent) => applied(tsEvent),
    onBookState: (_instrument, state) => {
      if (state === 'live') live(() => topOf(session.book(instrument)));
    },
  });
  const cob = new ConsolidatedBook({
    symbol: SYMBOL,
    bucketWidth: 1,
    sources: [
      {
        venue: 'binance',
        book: session.book(instrument),
        status: () => ({ state: session.health(instrument).book, reason: '' }),
      },
    ],
  });
  clock.every(COB_PERIOD_MS, () => cob.sample(clock.now()));
}

function topOf(book: L2Book): ReturnType<ReadTop> {
  const side = (name: 'bid' | 'ask'): FlowLevel[] =>
    Array.from({ length: Math.min(CHECKED_LEVELS, book.depth(name)) }, (_, rank) =>
      inSteps(book.priceOf(book.ticksAt(name, rank)), book.quantityOf(book.lotsAt(name, rank))),
    );
  return { bids: side('bid'), asks: side('ask') };
}

interface CcxtBook {
  readonly timestamp: number;
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

interface CcxtBinance {
  urls: { api: Record<string, unknown> };
  options: Record<string, unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
  watchOrderBook(symbol: string, limit: number): Promise<CcxtBook>;
}

/** ccxt as its manual has it used: await watchOrderBook in a loop. Its addresses are mapped to the local server. */
async function followCcxt(port: number, depth: number, { live, applied }: Follow): Promise<void> {
  const { default: Binance } = await loadPeer<{ default: new () => CcxtBinance }>('./node_modules/ccxt/js/src/pro/binance.js');
  const exchange = new Binance();
  exchange.options['fetchMarkets'] = { types: ['spot'] };
  exchange.urls.api = {
    ...exchange.urls.api,
    public: `http://127.0.0.1:${port}/api/v3`,
    // It tells spot from futures by `/stream` in the address; a path that begins with /ws gets events without an envelope.
    ws: { ...(exchange.urls.api['ws'] as object), spot: `ws://127.0.0.1:${port}/ws/stream` },
  };
  await exchange.loadHttpProxyAgent();
  for (let isLive = false; ; ) {
    const book = await exchange.watchOrderBook(SYMBOL, depth);
    if (!isLive) {
      isLive = true;
      const read = (levels: CcxtBook['bids']): FlowLevel[] =>
        levels.slice(0, CHECKED_LEVELS).map(([price, size]) => inSteps(price, size));
      live(() => ({ bids: Array.from(read(book.bids)), asks: Array.from(read(book.asks)) }));
    }
    if (book.timestamp !== undefined) applied(book.timestamp);
  }
}

type OrderbooksLevel = readonly [symbol: string, price: number, side: 'Buy' | 'Sell', quantity: number];

interface Orderbooks {
  readonly OrderBooksStore: new (options: {
    maxDepth: number;
  }) => {
    handleSnapshot(symbol: string, levels: OrderbooksLevel[], timestamp: number): unknown;
    handleDelta(
      symbol: string,
      deleted: OrderbooksLevel[],
      upserted: OrderbooksLevel[],
      inserted: OrderbooksLevel[],
      timestamp: number,
    ): unknown;
    getBook(symbol: string): { readonly book: readonly OrderbooksLevel[] };
  };
  OrderBookLevel(symbol: string, price: number, side: 'Buy' | 'Sell', quantity: number): OrderbooksLevel;
}

interface DepthEvent {
  readonly E: number;
  readonly U: number;
  readonly u: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

/** A client as one writes it in an hour: ws, JSON.parse, the venue's rules for joining snapshot and stream, npm orderbooks. */
async function followOrderbooks(port: number, { live, applied }: Follow): Promise<void> {
  const { OrderBooksStore, OrderBookLevel } = await loadPeer<Orderbooks>('orderbooks');
  const store = new OrderBooksStore({ maxDepth: 1_000_000 });
  const early: DepthEvent[] = [];
  let lastId = -1;
  const apply = (event: DepthEvent): void => {
    if (event.u <= lastId) return;
    if (event.U > lastId + 1) throw new Error(`gap: ${lastId} then ${event.U}`);
    const deleted: OrderbooksLevel[] = [];
    const upserted: OrderbooksLevel[] = [];
    for (const [levels, side] of [
      [event.b, 'Buy'],
      [event.a, 'Sell'],
    ] as const) {
      for (const [price, quantity] of levels) {
        const level = OrderBookLevel(SYMBOL, Number(price), side, Number(quantity));
        (level[3] === 0 ? deleted : upserted).push(level);
      }
    }
    store.handleDelta(SYMBOL, deleted, upserted, [], event.E);
    lastId = event.u;
    applied(event.E);
  };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/ethusdt@depth@100ms`, { perMessageDeflate: false });
  socket.on('message', (data) => {
    const event = JSON.parse(data.toString()) as DepthEvent;
    if (lastId < 0) early.push(event);
    else apply(event);
  });
  await new Promise((resolve) => socket.once('message', resolve));
  const response = await fetch(`http://127.0.0.1:${port}/api/v3/depth?symbol=ETHUSDT&limit=1000`);
  const snapshot = (await response.json()) as { lastUpdateId: number; bids: DepthEvent['b']; asks: DepthEvent['a'] };
  const levels = (side: 'Buy' | 'Sell', list: DepthEvent['b']): OrderbooksLevel[] =>
    list.map(([price, quantity]) => OrderBookLevel(SYMBOL, Number(price), side, Number(quantity)));
  store.handleSnapshot(SYMBOL, [...levels('Buy', snapshot.bids), ...levels('Sell', snapshot.asks)], Date.now());
  lastId = snapshot.lastUpdateId;
  for (const event of early.splice(0)) apply(event);
  live(() => {
    const { book } = store.getBook(SYMBOL);
    const side = (name: 'Buy' | 'Sell'): FlowLevel[] =>
      book.filter((level) => level[2] === name).map((level) => inSteps(level[1], level[3]));
    return { bids: side('Buy'), asks: side('Sell').reverse() };
  });
}

/** To the flow's ticks of 0.01 and lots of 0.0001. */
function inSteps(price: number, quantity: number): FlowLevel {
  return [Math.round(price * 100), Math.round(quantity * 10_000)];
}
