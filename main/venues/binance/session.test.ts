import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { MarketListener, MarketSession, VenueMarketData } from '../../ports/venue.ts';
import { passTime } from '../conformance/loopback-time.ts';
import { KLINE_MESSAGE } from './fixtures/messages.ts';
import { createBinanceMarketData } from './market-data.ts';

/** The machine's clock, for what a stall of the machine does. */
const machine: Clock = {
  now: () => Date.now(),
  after(delayMs, task): Cancel {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, task): Cancel {
    const timer = setInterval(task, periodMs);
    return () => clearInterval(timer);
  },
};

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

/** A venue with one book, whose bid quantity is the id of the last update: what the desk has can be told from it. */
class FakeVenue {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly clients = new Set<WebSocket>();
  url = '';
  streams = '';
  updateId = 100;
  snapshots = 0;
  connections = 0;
  pongs = 0;
  tradeRequests = 0;
  /** What REST answers for the recent trades. */
  tradeRows: object[] = [];
  /** Answers the next depth requests with this status. */
  failSnapshots = 0;
  /** Set: a depth request waits for `releaseSnapshot`. */
  holdSnapshots = false;
  #held: (() => void)[] = [];
  #stop: Cancel | undefined;

  constructor() {
    this.#http = createServer((request, response) => {
      if (request.url?.startsWith('/api/v3/trades') === true) {
        this.tradeRequests++;
        response.end(JSON.stringify(this.tradeRows));
        return;
      }
      this.snapshots++;
      const lastUpdateId = this.updateId;
      const body = JSON.stringify({
        lastUpdateId,
        bids: [['2000.00000000', `${lastUpdateId}.00000000`]],
        asks: [['2000.01000000', '1.00000000']],
      });
      const answer = (): void => {
        response.writeHead(this.failSnapshots-- > 0 ? 500 : 200);
        response.end(body);
      };
      if (this.holdSnapshots) this.#held.push(answer);
      else answer();
    });
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket, request) => {
      this.connections++;
      this.streams = request.url ?? '';
      this.clients.add(socket);
      socket.on('pong', (data) => (this.pongs += Number(data.toString() === 'still there?')));
      socket.on('close', () => this.clients.delete(socket));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    this.url = `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  releaseSnapshots(): void {
    this.holdSnapshots = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** One update; `lost` ones never reach the stream. */
  update(options: { lost?: boolean } = {}): void {
    this.updateId++;
    if (options.lost === true) return;
    const id = this.updateId;
    this.send(
      `{"stream":"ethusdt@depth@100ms","data":{"e":"depthUpdate","E":${Date.now()},"s":"ETHUSDT","U":${id},"u":${id},"b":[["2000.00000000","${id}.00000000"]],"a":[]}}`,
    );
  }

  /** A trade that REST knows and the stream did not send. */
  missTrade(id: number): void {
    this.tradeRows.push({ id, price: '2000.00000000', qty: '1.00000000', time: TRADE_TIME + id, isBuyerMaker: true });
  }

  /** One told again is the same, with its time. */
  trade(id: number, price = '2000.00000000'): void {
    this.missTrade(id);
    this.send(
      `{"stream":"ethusdt@trade","data":{"e":"trade","E":${TRADE_TIME + id},"s":"ETHUSDT","t":${id},"p":"${price}","q":"1.00000000","T":${TRADE_TIME + id},"m":false,"M":true}}`,
    );
  }

  send(message: string): void {
    for (const client of this.clients) client.send(message);
  }

  run(): void {
    this.#stop = wall.every(STEP_MS, () => this.update());
  }

  pause(): void {
    this.#stop?.();
  }

  async close(): Promise<void> {
    this.pause();
    this.releaseSnapshots();
    for (const client of this.clients) client.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }
}

interface Seen {
  readonly states: [BookState, string][];
  readonly trades: Trade[];
  readonly klines: [Candle, boolean][];
  books: number;
  /** Book callbacks in which the bid quantity was not the id of the newest update applied. */
  wrong: number;
}

const STEP_MS = 10;
const TRADE_TIME = 1_583_366_300_000;

let wall: Clock;
let time: ManualClock;
let venue: FakeVenue;
let session: MarketSession | undefined;
let seen: Seen;

function make(silenceMs = 2_000, rotateAfterMs?: number): VenueMarketData {
  return createBinanceMarketData({
    restUrl: `http://${venue.url}`,
    streamUrl: `ws://${venue.url}`,
    requestTimeoutMs: 2_000,
    silenceMs,
    clock: { ...wall, now: () => 1_583_366_400_000 },
    wall,
    rng: new SplitMix32(7),
    bucketWidthOf: () => 1,
    log: { info: () => undefined, warn: () => undefined },
    ...(rotateAfterMs === undefined ? {} : { rotateAfterMs }),
  });
}

function open(silenceMs?: number, rotateAfterMs?: number): MarketSession {
  const data = make(silenceMs, rotateAfterMs);
  seen = { states: [], trades: [], klines: [], books: 0, wrong: 0 };
  let lastQuantity = 0;
  session = data.open([ETH], {
    onTrade: (_, trade) => seen.trades.push(trade),
    onBook: (_, book) => {
      seen.books++;
      // Updates come one by one: each applied one raises the quantity by exactly 1, except across a resync.
      if (book.bestBidQuantity <= lastQuantity || book.bestBid !== 2000) seen.wrong++;
      lastQuantity = book.bestBidQuantity;
    },
    onBookState: (_, state, reason) => seen.states.push([state, reason]),
    onKline: (_, candle, closed) => seen.klines.push([candle, closed]),
  });
  return session;
}

const until = (condition: () => boolean): Promise<void> => passTime(time, STEP_MS, venue.clients, condition);
const states = (): BookState[] => seen.states.map(([state]) => state);
const live = (): boolean => session?.health(ETH).book === 'live';

beforeEach(async () => {
  wall = time = new ManualClock(Date.now());
  venue = new FakeVenue();
  await venue.listen();
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  await venue.close();
});

describe('a Binance session on loopback', { timeout: 120_000 }, () => {
  it('connects, goes live, loses the connection, comes back and is live again', async () => {
    open();
    expect(session?.health(ETH)).toMatchObject({ connection: 'connecting', book: 'empty', gaps: 0 });
    venue.run();
    await until(live);
    expect(venue.streams).toBe('/stream?streams=ethusdt@depth@100ms/ethusdt@trade/ethusdt@kline_1s');
    await until(() => seen.books > 5);
    expect(session?.health(ETH).connection).toBe('open');

    for (const client of venue.clients) client.terminate();
    await until(() => session?.health(ETH).book === 'stale');
    expect(session?.health(ETH).connection).toBe('reconnecting');
    await until(live);
    expect(states()).toEqual(['syncing', 'live', 'stale', 'resyncing', 'live']);
    expect(venue.connections).toBe(2);
    expect(session?.health(ETH)).toMatchObject({ connection: 'open', resyncs: 1, gaps: 0 });
    expect(session?.health(ETH).lastError).toMatch(/closed the connection/);
    venue.pause();
    await until(() => session?.book(ETH).bestBidQuantity === venue.updateId);
    expect(seen.wrong).toBe(0);
  });

  it('loses no update between subscription and snapshot', async () => {
    venue.holdSnapshots = true;
    open();
    await until(() => venue.clients.size === 1);
    venue.update();
    await until(() => venue.snapshots === 1);
    // The held answer is of now; these come after it and before the desk sees it.
    for (let i = 0; i < 50; i++) venue.update();
    expect(live()).toBe(false);
    venue.releaseSnapshots();
    await until(live);
    await until(() => session?.book(ETH).bestBidQuantity === venue.updateId);
    expect(venue.snapshots).toBe(1);
  });

  it('goes stale at a gap at once and resyncs from a fresh snapshot', async () => {
    open();
    venue.run();
    await until(live);
    venue.pause();
    await until(() => session?.book(ETH).bestBidQuantity === venue.updateId);
    const snapshots = venue.snapshots;
    venue.update({ lost: true });
    venue.update();
    await until(() => states().includes('stale'));
    expect(seen.states.find(([state]) => state === 'stale')?.[1]).toMatch(/gap: update \d+ expected/);
    venue.run();
    await until(live);
    expect(venue.snapshots).toBeGreaterThan(snapshots);
    expect(session?.health(ETH)).toMatchObject({ gaps: 1, resyncs: 1 });
    venue.pause();
    await until(() => session?.book(ETH).bestBidQuantity === venue.updateId);
  });

  it('tries failed snapshots again', async () => {
    venue.failSnapshots = 2;
    open();
    venue.run();
    await until(live);
    expect(venue.snapshots).toBe(3);
    expect(session?.health(ETH).lastError).toMatch(/could not be reached/);
  });

  it('takes a silent depth stream for a stale book although trades go on, and resyncs when it speaks again', async () => {
    open(300);
    venue.run();
    await until(live);
    venue.pause();
    let id = 1;
    const stop = wall.every(20, () => venue.trade(id++));
    await until(() => states().includes('stale'));
    expect(seen.states.find(([state]) => state === 'stale')?.[1]).toMatch(/no depth update/);
    expect(venue.connections).toBe(1);
    stop();
    venue.run();
    await until(live);
  });

  it('gives up a connection on which nothing comes at all', async () => {
    open(300);
    venue.run();
    await until(live);
    venue.pause();
    await until(() => venue.connections === 2);
    expect(seen.states.find(([state]) => state === 'stale')?.[1]).toMatch(/nothing received/);
    venue.run();
    await until(live);
  });

  it('does not take its own stall for a silent venue', async () => {
    wall = machine;
    open(300);
    venue.run();
    const met = (condition: () => boolean): Promise<boolean> => vi.waitUntil(condition, { timeout: 60_000, interval: 5 });
    await met(live);
    const stalledUntil = Date.now() + 700;
    while (Date.now() < stalledUntil);
    // Silence is looked for every 60 ms; the venue went on as soon as anybody could listen.
    const { books } = seen;
    await met(() => seen.books > books + 20 && Date.now() > stalledUntil + 300);
    expect(states()).toEqual(['syncing', 'live']);
    expect(venue.connections).toBe(1);
  });

  it('passes trades and klines on, drops repeated trades, counts missing ones', async () => {
    open();
    await until(() => venue.clients.size === 1);
    venue.trade(10);
    venue.trade(10);
    venue.trade(11);
    venue.trade(15);
    venue.trade(16, 'NaN');
    venue.send(KLINE_MESSAGE);
    await until(() => seen.klines.length === 1);
    // REST does not know 12 to 14 either, but it has the one that could not be read.
    await until(() => seen.trades.length === 4);
    expect(seen.trades.map(({ id }) => id)).toEqual([10, 11, 15, 16]);
    expect(seen.trades[0]).toMatchObject({ price: 2000, quantity: 1, side: 'buy', tsReceived: 1_583_366_400_000 });
    expect(seen.klines[0]).toMatchObject([{ close: 2302.37 }, true]);
    const health = session?.health(ETH);
    expect(health).toMatchObject({ gaps: 1, missedTrades: 3, tradeHole: '3 trades missed (ids 12–14)' });
    expect(health?.messagesPerSecond).toBeGreaterThan(0);
    expect(Math.abs((health?.lastMessageWallMs ?? 0) - time.now())).toBeLessThan(5_000);
  });

  it('fetches the trades that it missed while disconnected and delivers them in order, once each', async () => {
    open();
    venue.run();
    await until(live);
    venue.trade(10);
    await until(() => seen.trades.length === 1);
    for (const client of venue.clients) client.terminate();
    await until(() => venue.connections === 2 && venue.clients.size === 1);
    for (const id of [11, 12, 13]) venue.missTrade(id);
    venue.trade(14);
    venue.trade(15);
    await until(() => seen.trades.length === 6);
    expect(seen.trades.map(({ id }) => id)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(seen.trades[1]).toMatchObject({ side: 'sell', tsReceived: 1_583_366_400_000 });
    expect(session?.health(ETH)).toMatchObject({ backfilledTrades: 3, missedTrades: 0 });
    expect(venue.tradeRequests).toBe(1);
  });

  it('replaces an ageing connection by a new one without losing an update or a trade, and without a stale book', async () => {
    open(2_000, 500);
    venue.run();
    await until(live);
    let id = 1;
    const stop = wall.every(5, () => venue.trade(id++));
    await until(() => (session?.health(ETH).rotations ?? 0) >= 1);
    const at = id;
    await until(() => id > at + 20);
    stop();
    await until(() => seen.trades.at(-1)?.id === id - 1);
    venue.pause();
    await until(() => session?.book(ETH).bestBidQuantity === venue.updateId);
    expect(states()).toEqual(['syncing', 'live']);
    expect(seen.wrong).toBe(0);
    const first = seen.trades[0]?.id ?? 0;
    expect(seen.trades.map((trade) => trade.id)).toEqual(seen.trades.map((_, i) => first + i));
    expect(venue.tradeRequests).toBe(0);
    expect(session?.health(ETH)).toMatchObject({ gaps: 0, resyncs: 0, connection: 'open' });
  });

  it('refuses to follow an instrument twice', () => {
    const data = make();
    const listener: MarketListener = { onTrade: () => {}, onBook: () => {}, onBookState: () => {}, onKline: () => {} };
    session = data.open([ETH], listener);
    expect(() => data.open([ETH], listener)).toThrow(/already followed/);
  });

  it('makes a book stale whose update it cannot read, and survives messages that are none', async () => {
    open();
    venue.run();
    await until(live);
    for (const odd of [
      '',
      '{}',
      'garbage',
      '{"result":null,"id":1}',
      '{"stream":"other@trade","data":{}}',
      '{"stream":"ethusdt@trade"}',
    ])
      venue.send(odd);
    venue.send('{"stream":"ethusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"U":1,"u":2,"b":[["1.005","1"]],"a":[]}}');
    await until(() => states().includes('stale'));
    expect(seen.states.find(([state]) => state === 'stale')?.[1]).toMatch(/unreadable depth update.*1\.005/);
    await until(live);
  });

  it('answers pings and closes for good', async () => {
    const opened = open();
    await until(() => venue.clients.size === 1);
    for (const client of venue.clients) client.ping('still there?');
    await until(() => venue.pongs === 1);
    await opened.close();
    await opened.close();
    await until(() => venue.clients.size === 0);
    expect(opened.health(ETH)).toMatchObject({ connection: 'closed', book: 'stale', bookReason: 'the session was closed' });
    expect(venue.connections).toBe(1);
  });
});
