import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import type { MarketListener, MarketSession } from '../../ports/venue.ts';
import { passTime } from '../conformance/loopback-time.ts';
import { createBybitMarketData } from './market-data.ts';

function perpetual(base: string, kind: InstrumentKind = 'linear'): Instrument {
  const quote = kind === 'inverse' ? 'USD' : 'USDT';
  return {
    venue: 'bybit',
    symbol: `${base}/${quote}${kind === 'spot' ? '' : kind === 'inverse' ? `:${base}` : `:${quote}`}`,
    venueSymbol: `${base}${quote}`,
    kind,
    base,
    quote,
    tickSize: '0.1',
    lotSize: '0.001',
    minNotional: '5',
    contractMultiplier: '1',
  };
}

interface Client {
  readonly path: string;
  readonly socket: WebSocket;
  readonly received: string[];
}

let server: WebSocketServer;
let clients: Client[];
let session: MarketSession | undefined;
let wall: ManualClock;
let origin: string;

beforeEach(async () => {
  clients = [];
  wall = new ManualClock(1_000_000);
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('connection', (socket, request) => {
    const client: Client = { path: request.url ?? '', socket, received: [] };
    clients.push(client);
    socket.on('message', (data) => client.received.push(String(data)));
  });
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  for (const { socket } of clients) socket.terminate();
  server.close();
});

function open(instruments: readonly Instrument[], onBookState: MarketListener['onBookState'] = () => {}): MarketSession {
  session = createBybitMarketData({
    restUrl: `http://${origin}`,
    streamUrl: `ws://${origin}/v5/public`,
    requestTimeoutMs: 2_000,
    silenceMs: 60_000,
    clock: new ManualClock(0),
    wall,
    rng: new SplitMix32(7),
    bucketWidthOf: () => 1,
    log: { info: () => {}, warn: () => {} },
  }).open(instruments, { onTrade: () => {}, onBook: () => {}, onBookState, onKline: () => {} });
  return session;
}

const until = (condition: () => boolean): Promise<boolean> => vi.waitUntil(condition, { timeout: 60_000, interval: 5 });
const topics = ({ received }: Client): string[] =>
  received
    .map((text) => JSON.parse(text) as { op: string; args?: string[] })
    .flatMap(({ op, args = [] }) => (op === 'subscribe' ? args : []));
const passing = (condition: () => boolean): Promise<void> =>
  passTime(wall, 50, new Set(clients.map(({ socket }) => socket)), condition);
const book = (symbol: string, type: string, update: number): string =>
  `{"topic":"orderbook.200.${symbol}","type":"${type}","ts":1723161255345,"data":{"s":"${symbol}","b":[["100.1","${update}"]],"a":[["100.2","5"]],"u":${update},"seq":9},"cts":1723161255342}`;

describe('a Bybit session on loopback', () => {
  it('connects to the address of each category and subscribes ten topics at a time', async () => {
    open([
      perpetual('BTC'),
      perpetual('ETH'),
      perpetual('XRP'),
      perpetual('ADA'),
      perpetual('BTC', 'inverse'),
      perpetual('ETH', 'spot'),
    ]);
    await until(() => clients.length === 3);
    const at = (path: string): Client => clients.find((client) => client.path === path) as Client;
    await passing(() => topics(at('/v5/public/linear')).length === 12);
    expect(at('/v5/public/linear').received).toHaveLength(2);
    expect(topics(at('/v5/public/inverse'))).toEqual(['orderbook.200.BTCUSD', 'publicTrade.BTCUSD', 'kline.1.BTCUSD']);
    expect(topics(at('/v5/public/spot'))).toEqual(['orderbook.200.ETHUSDT', 'publicTrade.ETHUSDT', 'kline.1.ETHUSDT']);
  });

  it('spreads more instruments than a connection takes over several', async () => {
    const many = Array.from({ length: 230 }, (_, i) => perpetual(`C${i}`));
    open(many);
    await until(() => clients.length === 3);
    await passing(() => clients.flatMap(topics).length === 690);
    expect(clients.map((client) => topics(client).length).sort((a, b) => a - b)).toEqual([90, 300, 300]);
    expect(new Set(clients.flatMap(topics)).size).toBe(690);
  });

  it('pings every 20 s, and asks for one book anew when it has a gap or does not come', async () => {
    const btc = perpetual('BTC');
    const opened = open([btc, perpetual('ETH')]);
    await until(() => clients[0]?.received.length === 1);
    const { socket, received } = clients[0] as Client;
    wall.advanceBy(20_000);
    await until(() => received.includes('{"op":"ping"}'));
    // Both are late by now, and each is asked for again: unsubscribe and subscribe.
    await passing(() => received.filter((text) => text.includes('"subscribe"')).length === 3);
    socket.send(book('BTCUSDT', 'snapshot', 70));
    socket.send(book('BTCUSDT', 'delta', 71));
    await until(() => opened.health(btc).book === 'live');
    expect(opened.book(btc).bestBidQuantity).toBe(71);
    received.length = 0;
    socket.send(book('BTCUSDT', 'delta', 73));
    await until(() => opened.health(btc).book === 'resyncing');
    await passing(() => received.length === 2);
    expect(received).toEqual([
      '{"op":"unsubscribe","args":["orderbook.200.BTCUSDT"]}',
      '{"op":"subscribe","args":["orderbook.200.BTCUSDT"]}',
    ]);
    socket.send(book('BTCUSDT', 'snapshot', 90));
    await until(() => opened.health(btc).book === 'live');
    // A restart of Bybit's service counts from 1 again.
    socket.send(book('BTCUSDT', 'delta', 1));
    await until(() => opened.book(btc).bestBidQuantity === 1);
    expect(opened.health(btc)).toMatchObject({ book: 'live', gaps: 1, resyncs: 1 });
  });

  it('takes instruments in and lets them go while it is open, without a moment lost for those that stay', async () => {
    const [btc, eth, xrp] = [perpetual('BTC'), perpetual('ETH'), perpetual('XRP')];
    const states: string[] = [];
    const opened = open([btc, eth], (instrument, state) => states.push(`${instrument.base} ${state}`));
    await until(() => (clients[0]?.received.length ?? 0) > 0);
    const old = clients[0] as Client;
    const feed = (client: Client, base: string, type: string, update: number): void =>
      client.socket.send(book(`${base}USDT`, type, update));
    for (const base of ['BTC', 'ETH']) feed(old, base, 'snapshot', 10);
    await until(() => opened.health(btc).book === 'live' && opened.health(eth).book === 'live');

    opened.change([btc, xrp]);
    expect(() => opened.health(eth)).toThrow(/not part of this session/);
    await until(() => (clients[1]?.received.length ?? 0) > 0);
    const next = clients[1] as Client;
    expect(topics(next).some((topic) => topic.includes('ETH'))).toBe(false);
    // Until the new connection is in step, the old one carries what stays; what is new has only the new one.
    feed(next, 'XRP', 'snapshot', 5);
    await until(() => opened.health(xrp).book === 'live');
    feed(old, 'BTC', 'delta', 11);
    await until(() => opened.book(btc).bestBidQuantity === 11);
    feed(next, 'BTC', 'snapshot', 11);
    await passing(() => old.socket.readyState === old.socket.CLOSED);
    feed(next, 'BTC', 'delta', 12);
    await until(() => opened.book(btc).bestBidQuantity === 12);
    expect(states.filter((state) => state.startsWith('BTC'))).toEqual(['BTC syncing', 'BTC live']);
    expect(states.at(-1)).toBe('XRP live');
    expect(clients).toHaveLength(2);

    opened.change([]);
    await until(() => next.socket.readyState === next.socket.CLOSED);
    expect(clients).toHaveLength(2);
  });
});
