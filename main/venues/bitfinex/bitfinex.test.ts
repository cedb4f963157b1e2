import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Link, Track, Wire } from '../session/stream-protocol.ts';
import {
  BAD_SYMBOL,
  BOOK_CHANNEL,
  bookSnapshot,
  bookUpdate,
  CANDLE,
  checksum,
  MAINTENANCE_ENDED,
  NEXT_CANDLE,
  numberedHeartbeat,
  PAIRS,
  REFUSED,
  RESTART,
  SUBSCRIBED,
  SUBSCRIBED_CANDLES,
  SUBSCRIBED_TRADES,
  subscribedBook,
  UNSUBSCRIBED,
} from './fixtures/messages.ts';
import { BitfinexHttp } from './http.ts';
import { bitfinexNameOf, instrumentFrom } from './symbols.ts';
import { bitfinexProtocol } from './ws.ts';

type Name = NonNullable<ReturnType<typeof bitfinexNameOf>>;
const ETH = instrumentFrom(new Set(PAIRS[0]), 'ETH/USD', bitfinexNameOf('ETH/USD') as Name) as Instrument;
const STEP = decimalStep('0.00000001') as DecimalStep;
const NOW = 1_723_161_300_000;

function httpOver(answerOf: (url: URL) => Response, asked: URL[] = []): BitfinexHttp {
  return new BitfinexHttp({
    restUrl: 'http://rest.example',
    timeoutMs: 1_000,
    wall: new ManualClock(NOW),
    fetch: async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return answerOf(url);
    },
  });
}

const protocol = bitfinexProtocol(
  'wss://ws.example/ws/2',
  httpOver(() => Response.json([])),
);

function listen(): { wire: Wire; feed: (...texts: string[]) => void; heard: string[] } {
  const heard: string[] = [];
  const nothing = (): void => {};
  const tracks: Track[] = [{ instrument: ETH, tick: STEP, lot: STEP }];
  const link: Link = {
    tracks,
    lane: 'spot',
    tsReceived: 0,
    onHeard: nothing,
    onDelta: (_, { snapshot, finalId, bidCount, askCount, checksum: sum }) =>
      heard.push(`${snapshot ? 'book' : 'update'} ${finalId}: ${bidCount} bids, ${askCount} asks, ${sum}`),
    onTrade: nothing,
    onKline: (_, { openTime }, closed) => heard.push(`candle ${openTime} ${closed}`),
    onUnreadable: (_, kind, reason) => heard.push(`unreadable ${kind}: ${reason}`),
    invalidateAll: (reason) => heard.push(`invalid: ${reason}`),
    onOdd: (reason) => heard.push(`odd: ${reason}`),
    send: nothing,
    rotate: (reason) => heard.push(`rotate: ${reason}`),
    drop: (reason) => heard.push(`drop: ${reason}`),
  };
  const wire = protocol.wire(link);
  return { wire, heard, feed: (...texts) => texts.forEach((text) => wire.onMessage(Buffer.from(text), false)) };
}

const LEVEL = ['2302.4', '0.5'] as const;

describe('Bitfinex’s stream', () => {
  it('wants messages numbered and checked before it subscribes to anything', () => {
    expect(protocol.subscribe('spot', [ETH])).toEqual([
      '{"event":"conf","flags":229376}',
      '{"event":"subscribe","channel":"book","symbol":"tETHUSD","prec":"P0","freq":"F0","len":"250"}',
      '{"event":"subscribe","channel":"trades","symbol":"tETHUSD"}',
      '{"event":"subscribe","channel":"candles","key":"trade:1m:tETHUSD"}',
    ]);
    expect(protocol.probe?.('spot')).toBe('{"event":"ping","cid":1723161300000}');
  });

  it('misses no message of any channel, whose numbers it follows before it knows the channel', () => {
    const { feed, heard } = listen();
    feed(numberedHeartbeat(1, 7), SUBSCRIBED, bookSnapshot(2, NOW, [LEVEL], []), numberedHeartbeat(3, 7), numberedHeartbeat(4));
    feed(bookUpdate(5, NOW, [LEVEL], []), numberedHeartbeat(7), checksum(8, NOW, -5), numberedHeartbeat(8), numberedHeartbeat(6));
    expect(heard).toEqual([
      'book 2: 1 bids, 0 asks, NaN',
      'update 5: 1 bids, 0 asks, NaN',
      'invalid: gap: message 6 of the connection expected, 7 came',
      'update 8: 0 bids, 0 asks, -5',
    ]);
  });

  it('does not go on for ever when the numbers began anew', () => {
    const { feed, heard } = listen();
    feed(numberedHeartbeat(1_000), ...Array.from({ length: 20 }, (_, i) => numberedHeartbeat(1 + i)));
    expect(heard).toEqual(['drop: message numbers went back: 20 after 1000']);
  });

  it('ends the book’s channel by its number and listens to the new one only', () => {
    const { wire, feed, heard } = listen();
    const fresh = '{"event":"subscribe","channel":"book","symbol":"tETHUSD","prec":"P0","freq":"F0","len":"250"}';
    expect(protocol.resubscribe(ETH, wire)).toEqual([fresh]);
    feed(SUBSCRIBED);
    expect(protocol.resubscribe(ETH, wire)).toEqual([`{"event":"unsubscribe","chanId":${BOOK_CHANNEL}}`, fresh]);
    // Another connection has channels of its own.
    expect(protocol.resubscribe(ETH, listen().wire)).toEqual([fresh]);
    feed(UNSUBSCRIBED, subscribedBook(5), bookUpdate(1, NOW, [LEVEL], []), bookSnapshot(2, NOW, [], [], 5));
    expect(heard).toEqual(['book 2: 0 bids, 0 asks, NaN']);
    expect(protocol.resubscribe(ETH, wire)[0]).toBe('{"event":"unsubscribe","chanId":5}');
  });

  it('reads a level by its count and the sign of its amount, and refuses what cannot be', () => {
    const { feed, heard } = listen();
    feed(SUBSCRIBED, bookUpdate(1, NOW, [['2302.4', '0']], []), bookUpdate(2, NOW, [], [['1.7e-7', '1e-8']]));
    for (const content of ['[2302.4,1,0]', '[2302.4,-1,1]', '[0,1,1]', '[2302.4,1,1e-9]', '[[2302.4,0,1]]', '"cs",1.5', '7']) {
      feed(`[${BOOK_CHANNEL},${content},3,${NOW}]`);
    }
    feed(`[${BOOK_CHANNEL},[2302.4,1,1]]`, `[${BOOK_CHANNEL},[2302.4,1,1],4,"then"]`);
    expect(heard).toEqual([
      'update 1: 1 bids, 0 asks, NaN',
      'update 2: 0 bids, 1 asks, NaN',
      'unreadable depth: book entry [2302.4,1,0]',
      'unreadable depth: book entry [2302.4,-1,1]',
      'unreadable depth: bid level 0 × 1 is not on the grid of tick 0.00000001 and lot 0.00000001',
      'unreadable depth: bid level 2302.4 × 1e-9 is not on the grid of tick 0.00000001 and lot 0.00000001',
      'unreadable depth: book entry [2302.4,0,1]',
      'unreadable depth: checksum 1.5',
      'unreadable depth: book entry [7]',
      'unreadable depth: book message without number or time: undefined, undefined',
      'unreadable depth: book message without number or time: 4, then',
    ]);
  });

  it('makes way when a restart is announced, begins anew after maintenance, and tells of refusals', () => {
    const { feed, heard } = listen();
    feed(RESTART, MAINTENANCE_ENDED, REFUSED, '{"event":"error","msg":"unsubscribe: invalid","code":10400}');
    feed('{"event":"conf","status":"FAILED"}', '[7,[1');
    expect(heard).toEqual([
      'rotate: Bitfinex announced a restart',
      'drop: Bitfinex ended its maintenance and wants new subscriptions',
      'odd: Bitfinex refused book tNOPE (10300): symbol: invalid',
      'drop: Bitfinex refused to number its messages: {"event":"conf","status":"FAILED"}',
      'invalid: unreadable message: [7,[1',
    ]);
  });

  it('closes a candle when the next one begins', () => {
    const { feed, heard } = listen();
    feed(SUBSCRIBED_TRADES, SUBSCRIBED_CANDLES, CANDLE, NEXT_CANDLE);
    expect(heard).toEqual(['candle 1723161240000 false', 'candle 1723161240000 true', 'candle 1723161300000 false']);
  });
});

describe('Bitfinex’s REST', () => {
  it('tells apart what it answers with 500', async () => {
    const failing = (body: unknown): BitfinexHttp => httpOver(() => Response.json(body, { status: 500 }));
    const candles = (http: BitfinexHttp) => http.candles(ETH, '1m', 0, 60_000, 1);
    expect(await candles(failing(BAD_SYMBOL))).toMatchObject({ error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
    expect(await candles(failing(['error', 10020, 'limit: invalid']))).toMatchObject({ error: { code: 'VENUE_REFUSED' } });
    expect(await candles(failing(['error', 20060, 'maintenance']))).toMatchObject({ error: { code: 'VENUE_UNREACHABLE' } });
    const busy = failing(['error', 11010, 'ratelimit: error']);
    expect(await candles(busy)).toMatchObject({ error: { code: 'VENUE_RATE_LIMITED' } });
    expect(busy.blockedForMs).toBeGreaterThan(0);
    expect(await httpOver(() => Response.json({ error: 'ERR_RATE_LIMIT' })).pairs()).toMatchObject({
      error: { code: 'VENUE_RATE_LIMITED' },
    });
  });

  it('asks for candles oldest first, and offers none of a second', async () => {
    const asked: URL[] = [];
    const http = httpOver(() => Response.json([]), asked);
    await http.candles(ETH, '1d', 1, 3 * 86_400_000, 5_000);
    expect(asked.map(({ pathname, search }) => pathname + search)).toEqual([
      '/v2/candles/trade:1D:tETHUSD/hist?start=86400000&end=259199999&limit=1000&sort=1',
    ]);
    expect(await http.candles(ETH, '1s', 0, 1_000, 1)).toMatchObject({ error: { code: 'VENUE_REFUSED' } });
  });

  it('pages from the last known trade on, and gives each once', async () => {
    const asked: URL[] = [];
    const http = httpOver((url) => {
      const start = Number(url.searchParams.get('start'));
      // Two trades a millisecond: the page ends in the middle of one.
      const first = (start - NOW) * 2;
      const count = Math.min(10_000, 12_001 - first);
      return Response.json(Array.from({ length: count }, (_, i) => [first + i, NOW + Math.floor((first + i) / 2), -1, 2302.4]));
    }, asked);
    const trades = await http.trades(ETH, { id: 0, time: NOW }, new AbortController().signal);
    expect(trades.ok && trades.value.map(({ id }) => id)).toEqual(Array.from({ length: 12_001 }, (_, i) => i));
    expect(asked.map(({ searchParams }) => searchParams.get('start'))).toEqual([String(NOW), String(NOW + 4_999)]);
    await http.trades(ETH, { id: -1, time: 0 }, new AbortController().signal);
    expect(asked.at(-1)?.search).toBe('?limit=1000&sort=-1');
  });

  it('names coins as Bitfinex does', () => {
    const names = ['BTC/USD', 'ETH/USDT', 'DOGE/USD', 'LINK/USDT', 'ATOM/USD', 'BTC/USD:USD', 'tBTCUSD'];
    expect(names.map((symbol) => bitfinexNameOf(symbol)?.venueSymbol)).toEqual([
      'tBTCUSD',
      'tETHUST',
      'tDOGE:USD',
      'tLINK:UST',
      'tATOUSD',
      undefined,
      undefined,
    ]);
  });
});
