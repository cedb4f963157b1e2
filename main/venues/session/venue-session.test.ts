import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { passTime } from '../conformance/loopback-time.ts';
import { addAsk, addBid, emptyDelta } from './depth-delta.ts';
import type { Link, StreamProtocol } from './stream-protocol.ts';
import { VenueSession } from './venue-session.ts';

const instrumentOf = (symbol: string): Instrument => ({
  ...{ venue: 'okx', symbol, venueSymbol: symbol, kind: 'spot', base: symbol, quote: 'USDT' },
  ...{ tickSize: '1', lotSize: '1', minNotional: '1', contractMultiplier: '1' },
});
const [A, B, C] = ['A/USDT', 'B/USDT', 'C/USDT'].map(instrumentOf) as [Instrument, Instrument, Instrument];
const tradeOf = (id: number): Trade => ({ id, price: 10, quantity: 1, side: 'buy', tsEvent: 1_000 + id, tsReceived: 0 });

let server: WebSocketServer;
let subscribed: Map<WebSocket, string[]>;
let time: ManualClock;
let session: VenueSession;
let states: string[];
let trades: number[];
/** Trades that REST knows, and the requests for them that wait. */
let known: Trade[];
let asked: (() => void)[];
let holds: boolean;
let ordinal: number;

/** A venue whose trade ids do not show holes, and whose books begin in the stream. */
function protocol(): StreamProtocol {
  return {
    ...{ venue: 'okx', name: 'Test', instrumentsPerConnection: 10, lifetimeMs: undefined, keepAlive: undefined },
    ...{ bookSilenceMs: 1e9, subscribeIntervalMs: 0, lanes: () => ['spot'], tradeIds: () => 'increasing' },
    address: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    probe: () => 'ping',
    subscribe: (_lane, instruments) => [JSON.stringify(instruments.map(({ symbol }) => symbol))],
    resubscribe: () => [],
    bookLot: (_instrument, lot) => lot,
    rule: () => ({ snapshotFrom: 'stream', relate: () => 'next' }),
    wire: (link: Link) => ({
      onMessage(message) {
        const { symbol, id, snapshot } = JSON.parse(message.toString()) as { symbol?: string; id: number; snapshot?: boolean };
        const track = link.tracks.find(({ instrument }) => instrument.symbol === symbol);
        if (track === undefined) return;
        link.onHeard(track);
        if (snapshot === undefined) {
          link.onTrade(track, { ...tradeOf(id), tsReceived: link.tsReceived });
          return;
        }
        const delta = emptyDelta();
        delta.snapshot = snapshot;
        delta.finalId = delta.tsEvent = id;
        addBid(delta, 10, id);
        addAsk(delta, 11, id);
        link.onDelta(track, delta);
      },
    }),
    async fetchTrades(): Promise<Result<Trade[], VenueFailure>> {
      const answer = ok([...known]);
      await new Promise<void>((resolve) => {
        asked.push(resolve);
        if (!holds) resolve();
      });
      return answer;
    },
  };
}

const passing = (condition: () => boolean): Promise<void> => passTime(time, 20, server.clients, condition);

function tell(symbol: string, message: object): void {
  for (const [client, symbols] of subscribed) if (symbols.includes(symbol)) client.send(JSON.stringify({ symbol, ...message }));
}
const update = (symbol: string): void => tell(symbol, { id: ++ordinal, snapshot: false });
function trade(id: number, isStreamed = true): void {
  known.push(tradeOf(id));
  if (isStreamed) tell(A.symbol, { id });
}
const live = (instrument: Instrument): boolean => session.health(instrument).book === 'live';

beforeEach(async () => {
  [states, trades, known, asked, holds, ordinal] = [[], [], [], [], false, 0];
  subscribed = new Map();
  time = new ManualClock(1_000_000);
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (client) => {
    client.on('close', () => subscribed.delete(client));
    client.on('message', (data) => {
      if (data.toString() === 'ping') return client.send('{}');
      const symbols = JSON.parse(data.toString()) as string[];
      subscribed.set(client, symbols);
      for (const symbol of symbols) client.send(JSON.stringify({ symbol, id: ++ordinal, snapshot: true }));
    });
  });
  const listener = {
    onTrade: (_: Instrument, { id }: Trade) => trades.push(id),
    onBook: () => {},
    onBookState: ({ symbol }: Instrument, state: string) => states.push(`${symbol} ${state}`),
    onKline: () => {},
  };
  session = new VenueSession([A], listener, protocol(), {
    ...{ connectTimeoutMs: 2_000, silenceMs: 10_000, clock: time, wall: time, rng: new SplitMix32(3) },
    ...{ bucketWidthOf: () => 1, blockedForMs: () => 0, log: { info: () => {}, warn: () => {} } },
  });
  await passing(() => live(A));
});

afterEach(async () => {
  await session.close();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
  expect(time.timerCount).toBe(0);
});

const lose = async (): Promise<void> => {
  for (const client of server.clients) client.terminate();
  await passing(() => !live(A));
};

it('fetches trades once more when the connection is lost while they are fetched', async () => {
  trade(1);
  await passing(() => trades.length === 1);
  await lose();
  trade(2, false);
  holds = true;
  await passing(() => asked.length === 1);
  await lose();
  asked[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  holds = false;
  trade(3, false);
  await passing(() => live(A));
  await passing(() => trades.length === 3);
  trade(4);
  await passing(() => trades.length === 4);
  expect(trades).toEqual([1, 2, 3, 4]);
});

it('loses nothing of what stays when instruments are added one right after the other', async () => {
  let id = 0;
  session.change([A, B]);
  trade(++id);
  update(A.symbol);
  session.change([A, B, C]);
  const sends = time.every(100, () => {
    trade(++id);
    update(A.symbol);
  });
  await passing(() => live(B) && live(C) && server.clients.size === 1);
  session.change([A, C]);
  session.change([A]);
  await passing(() => [...subscribed.values()].every((symbols) => symbols.length === 1) && server.clients.size === 1);
  sends();
  await passing(() => trades.at(-1) === id);
  expect(trades).toEqual(Array.from({ length: id }, (_, i) => i + 1));
  expect(states.filter((state) => state.startsWith(A.symbol))).toEqual([`${A.symbol} syncing`, `${A.symbol} live`]);
});
