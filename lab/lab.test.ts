import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from '../core/base/manual-clock.ts';
import type { FromLab } from '../core/contracts/worker-protocol.ts';
import { parseFault } from './faults/fault.ts';
import { BTC, ETH, syntheticRecording } from './fixtures/synthetic.ts';
import { Lab } from './lab.ts';
import { MINUTE_MS } from './recording/recorded-minute.ts';

const START = Date.UTC(2020, 3, 25, 1, 0);
const MINUTES = 90;
const DEPTH = 'ethusdt@depth@100ms';

interface DepthUpdate {
  readonly e: 'depthUpdate';
  readonly E: number;
  readonly U: number;
  readonly u: number;
  readonly b: [string, string][];
  readonly a: [string, string][];
}

/** A lab on a free port with time in the test's hand, and the clients that the test opens. */
class Bench {
  readonly wall = new ManualClock(1_000);
  readonly told: FromLab[] = [];
  readonly lab: Lab;
  port = 0;
  readonly #sockets: Client[] = [];

  constructor(faults: readonly string[] = [], startAt = START + 30 * MINUTE_MS) {
    const parsed = faults.map((text) => {
      const fault = parseFault(text, startAt);
      if (!fault.ok) throw new Error(fault.error.message);
      return fault.value;
    });
    const recordings = [ETH, BTC].map((instrument) =>
      syntheticRecording({ instrument, startTime: START, minutes: MINUTES, gap: { from: 60, to: 65 } }),
    );
    this.lab = new Lab({
      recordings,
      seed: 4,
      speed: 1,
      startAt,
      faults: parsed,
      wall: this.wall,
      notify: (message) => this.told.push(message),
    });
  }

  async open(): Promise<this> {
    const listening = await this.lab.listen(0);
    if (!listening.ok) throw new Error(listening.error.message);
    this.port = listening.value;
    return this;
  }

  async get(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    return { status: response.status, body: await response.json() };
  }

  async post(path: string, body: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async connect(path: string): Promise<Client> {
    const client = new Client(`ws://127.0.0.1:${this.port}${path}`);
    this.#sockets.push(client);
    await client.opened;
    return client;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#sockets) socket.terminate();
    await this.lab.close();
  }
}

class Client {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  pings = 0;
  #wake: () => void = () => undefined;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve());
      this.socket.once('error', reject);
    });
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as Record<string, unknown>);
      this.#wake();
    });
    this.socket.on('ping', () => {
      this.pings++;
      this.#wake();
    });
  }

  /** Waits until what has come satisfies `condition`. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async ask(request: object): Promise<unknown> {
    const before = this.messages.length;
    this.socket.send(JSON.stringify(request));
    await this.until(() => this.messages.slice(before).some((message) => 'id' in message));
    return this.messages.slice(before).find((message) => 'id' in message);
  }

  depth(): DepthUpdate[] {
    return this.messages
      .map((message) => (message['data'] ?? message) as unknown as DepthUpdate)
      .filter(({ e }) => e === 'depthUpdate');
  }
}

let bench: Bench;
afterEach(() => bench.close());

describe('the lab over HTTP', () => {
  it('answers as Binance does', async () => {
    bench = await new Bench().open();
    expect(await bench.get('/api/v3/ping')).toEqual({ status: 200, body: {} });
    bench.wall.advanceBy(12_345);
    expect((await bench.get('/api/v3/time')).body).toEqual({ serverTime: START + 30 * MINUTE_MS + 12_345 });
    const info = (await bench.get('/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D')).body as {
      symbols: { symbol: string; status: string; filters: object[] }[];
    };
    expect(info.symbols).toHaveLength(1);
    expect(info.symbols[0]).toMatchObject({ symbol: 'BTCUSDT', status: 'TRADING' });
    expect(info.symbols[0]?.filters).toContainEqual(expect.objectContaining({ filterType: 'LOT_SIZE', stepSize: '0.00000100' }));
    const depth = (await bench.get('/api/v3/depth?symbol=ETHUSDT&limit=5')).body as {
      lastUpdateId: number;
      bids: string[][];
      asks: string[][];
    };
    expect(depth.lastUpdateId).toBe(bench.lab.market.symbol('ETHUSDT')?.book.lastUpdateId);
    expect([depth.bids.length, depth.asks.length]).toEqual([5, 5]);
    expect(depth.bids[0]?.[0]).toMatch(/^\d+\.\d{2}000000$/);
    expect(Number(depth.bids[0]?.[0])).toBeLessThan(Number(depth.asks[0]?.[0]));
  });

  it('refuses as Binance does', async () => {
    bench = await new Bench().open();
    const code = (number: number): object => ({
      status: 400,
      body: expect.objectContaining({ code: number, msg: expect.any(String) }),
    });
    expect(await bench.get('/api/v3/klines?symbol=NOPE&interval=1m')).toEqual(code(-1121));
    expect(await bench.get('/api/v3/klines?interval=1m')).toEqual(code(-1102));
    expect(await bench.get('/api/v3/klines?symbol=ETHUSDT&interval=7m')).toEqual(code(-1120));
    expect(await bench.get('/api/v3/depth?symbol=ETHUSDT&limit=many')).toEqual(code(-1100));
    expect(await bench.get('/api/v3/exchangeInfo?symbols=ETHUSDT')).toEqual(code(-1100));
    expect((await bench.get('/api/v3/nothing')).status).toBe(404);
  });

  it('tells older trades from an id on, and the newest where none is named', async () => {
    bench = await new Bench().open();
    bench.wall.advanceBy(30_000);
    const ids = async (path: string): Promise<number[]> =>
      ((await bench.get(`/api/v3/${path}`)).body as unknown as { id: number }[]).map(({ id }) => id);
    const newest = await ids('trades?symbol=ETHUSDT&limit=1000');
    const last = newest.at(-1) as number;
    const first = last - 1_500;
    const page = await ids(`historicalTrades?symbol=ETHUSDT&limit=1000&fromId=${first}`);
    expect(page).toEqual(Array.from({ length: 1_000 }, (_, i) => first + i));
    expect(await ids(`historicalTrades?symbol=ETHUSDT&limit=1000&fromId=${last - 2}`)).toEqual([last - 2, last - 1, last]);
    expect(await ids(`historicalTrades?symbol=ETHUSDT&fromId=${last + 1}`)).toEqual([]);
    expect(await ids('historicalTrades?symbol=ETHUSDT&limit=1000')).toEqual(newest);
  });

  it('serves candles up to now, missing what the exchange missed', async () => {
    bench = await new Bench([], START + 64 * MINUTE_MS).open();
    bench.wall.advanceBy(MINUTE_MS + 5_000);
    const minutes = (await bench.get('/api/v3/klines?symbol=ETHUSDT&interval=1m&limit=1000')).body as [number, ...unknown[]][];
    const recording = bench.lab.market.symbol('ETHUSDT')?.recording;
    const whole = minutes.filter(([openTime]) => openTime < START + 60 * MINUTE_MS);
    expect(whole).toHaveLength(60);
    expect(
      minutes
        .map(([openTime]) => openTime)
        .every((openTime) => openTime < START + 60 * MINUTE_MS || openTime === START + 65 * MINUTE_MS),
    ).toBe(true);
    whole.forEach((row, i) => {
      const { openTime, open, high, low, close } = recording?.minute(i) ?? {};
      expect([row[0], ...row.slice(1, 5).map(Number)]).toEqual([
        openTime,
        ...[open, high, low, close].map((ticks) => (ticks as number) / 100),
      ]);
    });
    const future = await bench.get(`/api/v3/klines?symbol=ETHUSDT&interval=1s&startTime=${START + 66 * MINUTE_MS}`);
    expect(future.body).toEqual([]);
  });

  it('says when its port is taken', async () => {
    bench = await new Bench().open();
    const second = new Bench();
    const listening = await second.lab.listen(bench.port);
    expect(listening).toMatchObject({
      ok: false,
      error: { code: 'LAB_PORT_TAKEN', message: expect.stringContaining(String(bench.port)) },
    });
    expect(second.told).toEqual([]);
  });

  it('answers nobody who comes by another host name', async () => {
    bench = await new Bench().open();
    const status = await new Promise((resolve) =>
      get({ port: bench.port, path: '/api/v3/ping', headers: { host: 'evil.example' } }, (answer) => resolve(answer.statusCode)),
    );
    expect(status).toBe(403);
  });

  it('takes a new speed, and only from JSON posts to loopback', async () => {
    bench = await new Bench().open();
    expect(await bench.post('/lab/speed', { speed: 60 })).toEqual({ status: 200, body: { done: 60 } });
    expect(bench.told.at(-1)).toMatchObject({ kind: 'speedChanged', speed: 60 });
    bench.wall.advanceBy(1_000);
    expect((await bench.get('/api/v3/time')).body).toEqual({ serverTime: START + 31 * MINUTE_MS });
    expect((await bench.post('/lab/speed', { speed: 61 })).status).toBe(400);
    expect((await fetch(`http://127.0.0.1:${bench.port}/lab/speed`, { method: 'POST', body: '{"speed":2}' })).status).toBe(405);
    expect(bench.lab.speed).toBe(60);
  });
});

describe('the lab over WebSocket', () => {
  it('lets a client that follows the sync rules hold exactly its book', async () => {
    bench = await new Bench().open();
    const client = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(450);
    const snapshot = (await bench.get('/api/v3/depth?symbol=ETHUSDT&limit=5000')).body as {
      lastUpdateId: number;
      bids: [string, string][];
      asks: [string, string][];
    };
    bench.wall.advanceBy(20_000);
    const book = bench.lab.market.symbol('ETHUSDT')?.book;
    await client.until(() => client.depth().at(-1)?.u === book?.lastUpdateId);
    const mine = { b: new Map(snapshot.bids), a: new Map(snapshot.asks) };
    const kept = client.depth().filter(({ u }) => u > snapshot.lastUpdateId);
    expect(kept[0]?.U).toBeLessThanOrEqual(snapshot.lastUpdateId + 1);
    expect(client.depth().length).toBeGreaterThan(kept.length);
    kept.forEach((update, i) => {
      if (i > 0) expect(update.U).toBe((kept[i - 1] as DepthUpdate).u + 1);
      expect(update.E % 100).toBe(0);
      for (const side of ['b', 'a'] as const) {
        for (const [price, quantity] of update[side]) {
          if (Number(quantity) === 0) mine[side].delete(price);
          else mine[side].set(price, quantity);
        }
      }
    });
    const numbers = (levels: Iterable<[string, string]>): [number, number][] =>
      [...levels].map(([p, q]) => [Math.round(Number(p) * 100), Math.round(Number(q) * 1e5)]);
    expect(numbers(mine.b).sort((x, y) => y[0] - x[0])).toEqual(book?.bids.top(5_000));
    expect(numbers(mine.a).sort((x, y) => x[0] - y[0])).toEqual(book?.asks.top(5_000));
  });

  it('streams trades that add up to its 1s candles, over raw and combined connections', async () => {
    bench = await new Bench().open();
    const raw = await bench.connect('/ws/ethusdt@trade');
    const combined = await bench.connect('/stream?streams=ethusdt@kline_1s/btcusdt@kline_1s');
    bench.wall.advanceBy(30_000);
    const trades =
      bench.lab.market
        .symbol('ETHUSDT')
        ?.recentTrades(1_000)
        .filter(({ time }) => time >= START + 30 * MINUTE_MS) ?? [];
    await raw.until(() => raw.messages.length >= trades.length);
    await combined.until(() => combined.messages.length >= 60);
    expect(raw.messages.map(({ t }) => t)).toEqual(trades.map(({ id }) => id));
    expect(raw.messages[0]).toEqual({
      e: 'trade',
      E: trades[0]?.time,
      s: 'ETHUSDT',
      t: trades[0]?.id,
      p: expect.any(String),
      q: expect.any(String),
      T: trades[0]?.time,
      m: !trades[0]?.buy,
      M: true,
    });
    const klines = combined.messages
      .filter(({ stream }) => stream === 'ethusdt@kline_1s')
      .map(({ data }) => (data as { k: { t: number; v: string; n: number; x: boolean } }).k);
    expect(klines).toHaveLength(30);
    for (const { t, v, n, x } of klines) {
      const second = raw.messages.filter(({ T }) => (T as number) >= t && (T as number) < t + 1_000);
      expect([n, x]).toEqual([second.length, true]);
      expect(Number(v)).toBeCloseTo(
        second.reduce((sum, { q }) => sum + Number(q), 0),
        6,
      );
    }
  });

  it('subscribes, lists and unsubscribes on request, refuses streams it does not have, and pings', async () => {
    bench = await new Bench().open();
    const client = await bench.connect('/ws');
    expect(await client.ask({ method: 'SUBSCRIBE', params: [DEPTH], id: 1 })).toEqual({ result: null, id: 1 });
    expect(await client.ask({ method: 'SUBSCRIBE', params: ['dogeusdt@trade'], id: 2 })).toMatchObject({
      error: { code: 2 },
      id: 2,
    });
    expect(await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 3 })).toEqual({ result: [DEPTH], id: 3 });
    bench.wall.advanceBy(200);
    await client.until(() => client.depth().length === 2);
    expect(await client.ask({ method: 'UNSUBSCRIBE', params: [DEPTH], id: 4 })).toEqual({ result: null, id: 4 });
    bench.wall.advanceBy(20_000);
    await client.until(() => client.pings === 1);
    expect(client.depth()).toHaveLength(2);
    await expect(bench.connect('/stream?streams=ethusdt@ticker')).rejects.toThrow('400');
    await expect(bench.connect('/elsewhere')).rejects.toThrow('404');
  });

  it('closes a client that does not read, and says why', async () => {
    bench = await new Bench().open();
    const client = await bench.connect('/stream?streams=ethusdt@depth@100ms/btcusdt@depth@100ms/ethusdt@trade/btcusdt@trade');
    client.socket.pause();
    bench.lab.setSpeed(60);
    const other = await bench.connect('/stream?streams=ethusdt@kline_1s');
    for (let seconds = 0; seconds < 55 && client.socket.readyState === WebSocket.OPEN; seconds++) {
      bench.wall.advanceBy(1_000);
      // The sockets get their turn.
      await bench.get('/api/v3/ping');
    }
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringContaining('too slow') });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('falls silent in the outage and says once that the recording has ended', async () => {
    bench = await new Bench([], START + 59 * MINUTE_MS).open();
    bench.lab.setSpeed(60);
    const client = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(40_000);
    const end = START + MINUTES * MINUTE_MS;
    await client.until(() => client.depth().at(-1)?.E === end);
    const inOutage = client.depth().filter(({ E }) => E > START + 60 * MINUTE_MS && E <= START + 65 * MINUTE_MS);
    expect(inOutage).toEqual([]);
    expect(bench.told.filter(({ kind }) => kind === 'dataEnd')).toEqual([{ kind: 'dataEnd', marketTime: end }]);
    const count = client.messages.length;
    bench.wall.advanceBy(10_000);
    expect((await bench.get('/api/v3/time')).body).toEqual({ serverTime: end });
    expect(client.messages).toHaveLength(count);
  });
});

describe('scripted faults', () => {
  it('loses one depth update at a gap', async () => {
    bench = await new Bench(['gap@+2s']).open();
    const client = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(4_000);
    await client.until(() => (client.depth().at(-1)?.E ?? 0) >= START + 30 * MINUTE_MS + 4_000);
    const updates = client.depth();
    const broken = updates.filter(({ U }, i) => i > 0 && U !== (updates[i - 1] as DepthUpdate).u + 1);
    expect(broken.map(({ E }) => E)).toEqual([START + 30 * MINUTE_MS + 2_100]);
  });

  it('carries a bid above the ask once at crossed', async () => {
    bench = await new Bench(['crossed@+2s']).open();
    const client = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(1_950);
    const ask = bench.lab.market.symbol('ETHUSDT')?.book.asks.best as number;
    bench.wall.advanceBy(1_050);
    await client.until(() => (client.depth().at(-1)?.E ?? 0) >= START + 30 * MINUTE_MS + 3_000);
    const highBids = client
      .depth()
      .filter(({ b }) => b.some(([price, quantity]) => Number(quantity) > 0 && Math.round(Number(price) * 100) > ask + 5));
    expect(highBids.map(({ E }) => E)).toEqual([START + 30 * MINUTE_MS + 2_000]);
  });

  it('closes every connection at close, and takes new ones', async () => {
    bench = await new Bench(['close@+1s']).open();
    const client = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(1_000);
    expect(await client.closed).toMatchObject({ code: 1001 });
    const again = await bench.connect(`/stream?streams=${DEPTH}`);
    bench.wall.advanceBy(500);
    await again.until(() => again.depth().length >= 5);
  });

  it('says nothing while stopped, and goes on with a gap afterwards; also on request', async () => {
    bench = await new Bench().open();
    const client = await bench.connect(`/stream?streams=${DEPTH}/ethusdt@trade/ethusdt@kline_1s`);
    expect((await bench.post('/lab/fault', { fault: 'stop@+2s for 10s' })).status).toBe(200);
    expect((await bench.post('/lab/fault', { fault: 'stop@+2s' })).status).toBe(400);
    bench.wall.advanceBy(15_000);
    const from = START + 30 * MINUTE_MS;
    await client.until(() => (client.depth().at(-1)?.E ?? 0) >= from + 15_000);
    const times = client.messages.map(({ data }) => (data as { E: number }).E - from);
    expect(times.filter((time) => time >= 2_000 && time < 12_000)).toEqual([]);
    expect(times.filter((time) => time < 2_000).length).toBeGreaterThan(15);
    expect(times.filter((time) => time >= 12_000).length).toBeGreaterThan(30);
  });
});
