import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { OptionTop } from '../../ports/options.ts';
import { passTime } from '../conformance/loopback-time.ts';
import { OPTION_QUOTE } from './fixtures/messages.ts';
import { optionOf, quoteFromJson } from './option-quote.ts';
import { followOptionTops, type OptionTops } from './options-top.ts';

const CALL = 'BTC-27DEC24-100000-C';
const PUT = 'BTC-27DEC24-40000-P';
type QuoteData = Record<string, unknown>;
const dataOf = (message: string): QuoteData => (JSON.parse(message) as { params: { data: QuoteData } }).params.data;

describe('names of options', () => {
  it('tell underlying, expiry, strike and right', () => {
    const expiresAt = Date.UTC(2024, 11, 27, 8);
    expect(optionOf(CALL)).toEqual({ underlying: 'BTC', expiresAt, strike: 100_000, right: 'call' });
    expect(optionOf('XRP_USDC-3JAN25-0d625-P')).toEqual({
      underlying: 'XRP_USDC',
      expiresAt: Date.UTC(2025, 0, 3, 8),
      strike: 0.625,
      right: 'put',
    });
    for (const other of ['BTC-PERPETUAL', 'BTC-27DEC24', 'BTC-31FEB24-100-C', 'BTC-27XXX24-100-C', 'BTC-27DEC24-0-C', 'x']) {
      expect(optionOf(other), other).toBeUndefined();
    }
  });
});

describe('quotes', () => {
  const data = dataOf(OPTION_QUOTE);

  it('carry price and amount of both sides, or of none', () => {
    expect(quoteFromJson(data, 7)).toEqual({
      ok: true,
      value: {
        venueSymbol: CALL,
        bid: { price: 0.0415, amount: 12.5 },
        ask: { price: 0.042, amount: 30.1 },
        tsEvent: 1723161255342,
        tsReceived: 7,
      },
    });
    for (const none of [null, 0]) {
      const quote = quoteFromJson({ ...data, best_bid_price: none, best_bid_amount: 0 }, 7);
      expect(quote).toMatchObject({ ok: true, value: { bid: undefined, ask: { price: 0.042 } } });
    }
  });

  it('are refused where they cannot be', () => {
    for (const wrong of [
      { best_bid_price: 0.042 },
      { best_bid_price: null },
      { best_ask_amount: 0 },
      { best_ask_price: -1 },
      { best_ask_price: '0.042' },
      { timestamp: 'now' },
      { instrument_name: undefined },
    ]) {
      expect(quoteFromJson({ ...data, ...wrong }, 7).ok, JSON.stringify(wrong)).toBe(false);
    }
  });

  it('never throw, and never let through what is no number, whatever comes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(data)), fc.anything()), fc.anything(), (changes, other) => {
        expect(typeof quoteFromJson(other, 7).ok).toBe('boolean');
        const quote = quoteFromJson({ ...data, ...changes }, 7);
        if (!quote.ok) return;
        for (const side of [quote.value.bid, quote.value.ask]) {
          if (side !== undefined) expect(side.price > 0 && side.amount > 0).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('options on loopback', { timeout: 120_000 }, () => {
  let wall: ManualClock;
  let server: WebSocketServer;
  let client: WebSocket | undefined;
  let received: { id: number; method: string; params: { channels?: string[] } }[];
  let mute: boolean;
  let tops: OptionTop[];
  let states: string[];
  let following: OptionTops;
  const until = (condition: () => boolean): Promise<void> => passTime(wall, 10, server.clients, condition);
  const asked = (method: string): number => received.filter((one) => one.method === `public/${method}`).length;
  const quote = (changes: QuoteData = {}): void => {
    const message = JSON.parse(OPTION_QUOTE) as { params: { data: QuoteData } };
    message.params.data = { ...message.params.data, ...changes };
    client?.send(JSON.stringify(message));
  };

  beforeEach(async () => {
    wall = new ManualClock(Date.now());
    [received, tops, states, mute] = [[], [], [], false];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      client = socket;
      socket.on('message', (message) => {
        const request = JSON.parse(String(message)) as (typeof received)[number];
        received.push(request);
        // It lists the call only.
        const result = request.method === 'public/subscribe' ? [`quote.${CALL}`] : 'ok';
        if (!mute) socket.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, result }));
        if (!mute && request.method === 'public/subscribe') quote();
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const answer = followOptionTops(
      [CALL, PUT],
      { onTop: (top) => tops.push(top), onState: (name, state, reason) => states.push(`${name} ${state}: ${reason}`) },
      {
        streamUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requestTimeoutMs: 1_000,
        silenceMs: 300,
        clock: new ManualClock(42),
        wall,
        rng: new SplitMix32(1),
        log: { info: () => undefined, warn: () => undefined },
      },
    );
    if (!answer.ok) throw new Error(answer.error.message);
    following = answer.value;
    await until(() => tops.length > 0);
  });
  afterEach(async () => {
    await following.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  it('are live once quoted, and those that Deribit does not list say so', () => {
    expect(received.find(({ method }) => method === 'public/subscribe')?.params.channels).toEqual([
      `quote.${CALL}`,
      `quote.${PUT}`,
    ]);
    expect(following.top(CALL)).toMatchObject({ bid: { price: 0.0415 }, tsReceived: 42 });
    expect(following.top(PUT)).toBeUndefined();
    expect(states).toEqual([`${PUT} stale: Deribit does not list ${PUT}`, `${CALL} live: quoted`]);
  });

  it('take newer quotes, pass over older ones, and are stale after one that cannot be', async () => {
    quote({ timestamp: 1723161255400, best_bid_price: 0.0417 });
    quote({ timestamp: 1723161255399, best_bid_price: 0.0001 });
    quote({ timestamp: 1723161255401, best_bid_price: 0.05 });
    await until(() => following.top(CALL) === undefined);
    expect(tops.map(({ bid }) => bid?.price)).toEqual([0.0415, 0.0417]);
    expect(states.at(-1)).toMatch(`${CALL} stale: quote`);
    quote({ timestamp: 1723161255402 });
    await until(() => following.top(CALL) !== undefined);
  });

  it('rest while the connection answers, and are stale when it does not', async () => {
    await until(() => asked('test') >= 6);
    expect(following.top(CALL)).toBeDefined();
    client?.send('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
    const before = asked('test');
    await until(() => asked('test') > before);
    mute = true;
    await until(() => following.top(CALL) === undefined);
    expect(states.at(-1)).toMatch(/stale: nothing received for \d+ ms/);
    mute = false;
    await until(() => following.top(CALL) !== undefined);
    expect(asked('subscribe')).toBeGreaterThanOrEqual(2);
  });

  it('begin anew after a message that could have been any of theirs', async () => {
    client?.send('{"jsonrpc":"2.0","method":"subscr');
    await until(() => states.some((state) => state.includes('an unreadable message')));
    await until(() => following.top(CALL) !== undefined);
  });

  it('are known by their names only', () => {
    const answer = followOptionTops(['BTC-PERPETUAL'], { onTop: () => undefined, onState: () => undefined }, {} as never);
    expect(answer).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
  });
});
