import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { BookSync } from '../session/book-sync.ts';
import { cloneDelta, type DepthDelta } from '../session/depth-delta.ts';
import type { Link } from '../session/stream-protocol.ts';
import {
  bookMessage,
  CANDLE,
  CANDLE_CLOSED,
  NEXT_CANDLE,
  PAIRS,
  RECENT_TRADES,
  REFUSED,
  UNKNOWN_PAIR,
} from './fixtures/messages.ts';
import { GateHttp } from './http.ts';
import { gateNameOf, instrumentFrom } from './symbols.ts';
import { GATE_RULE } from './sync.ts';
import { gateProtocol } from './ws.ts';

const name = gateNameOf('ETH/USDT');
const ETH = instrumentFrom(PAIRS.ETH_USDT, 'ETH/USDT', name as NonNullable<typeof name>) as Instrument;
const NOW = 1_723_161_300_000;

function httpOver(answerOf: (url: URL) => Response, asked: URL[] = []): GateHttp {
  return new GateHttp({
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

const protocol = gateProtocol(
  'wss://ws.example/ws/v4/',
  httpOver(() => Response.json({})),
);

function listen(): { wire: (text: string) => void; heard: string[]; deltas: DepthDelta[] } {
  const heard: string[] = [];
  const deltas: DepthDelta[] = [];
  const nothing = (): void => {};
  const link: Link = {
    tracks: [{ instrument: ETH, tick: decimalStep('0.01') as DecimalStep, lot: decimalStep('0.00000001') as DecimalStep }],
    lane: 'spot',
    tsReceived: 0,
    onHeard: nothing,
    onDelta: (_, delta) => deltas.push(cloneDelta(delta)),
    onTrade: nothing,
    onKline: (_, candle, closed) => heard.push(`${candle.openTime} ${candle.close} ${closed}`),
    onUnreadable: (_, kind, reason) => heard.push(`unreadable ${kind}: ${reason}`),
    invalidateAll: (reason) => heard.push(`invalid: ${reason}`),
    onOdd: (reason) => heard.push(`odd: ${reason}`),
    send: nothing,
    rotate: nothing,
    drop: nothing,
  };
  const wire = protocol.wire(link);
  return { wire: (text) => wire.onMessage(Buffer.from(text), false), heard, deltas };
}

describe('Gate’s stream', () => {
  it('subscribes to each pair by itself and keeps the connection open', () => {
    expect(protocol.subscribe('spot', [ETH])).toEqual([
      '{"time":1723161300,"channel":"spot.order_book_update","event":"subscribe","payload":["ETH_USDT","100ms"]}',
      '{"time":1723161300,"channel":"spot.trades","event":"subscribe","payload":["ETH_USDT"]}',
      '{"time":1723161300,"channel":"spot.candlesticks","event":"subscribe","payload":["1m","ETH_USDT"]}',
    ]);
    expect(protocol.keepAlive?.message('spot')).toBe('{"time":1723161300,"channel":"spot.ping"}');
  });

  it('closes a candle once, by its mark or by the next one', () => {
    const { wire, heard } = listen();
    for (const text of [CANDLE, CANDLE_CLOSED, NEXT_CANDLE, NEXT_CANDLE.replace('1723161300', '1723161360')]) wire(text);
    expect(heard).toEqual([
      '1723161240000 2302.37 false',
      '1723161240000 2302.37 true',
      '1723161300000 2302.37 false',
      '1723161300000 2302.37 true',
      '1723161360000 2302.37 false',
    ]);
  });

  it('tells of refusals, and doubts the books when an update belongs to no known pair or cannot be read', () => {
    const { wire, heard } = listen();
    wire(REFUSED);
    wire('{"channel":"spot.order_book_update","event":"update","resu');
    wire('{"channel":"spot.order_book_update","event":"update","result":{"s":7}}');
    wire(bookMessage('ETH_USDT', 9, 8, NOW, [], []));
    wire(bookMessage('ETH_USDT', 8, 9, NOW, [['2302.375', '1']], []));
    expect(heard).toEqual([
      'odd: Gate refused to subscribe spot.order_book_update ["NOPE_USDT","100ms"]: 2 unknown currency pair: NOPE_USDT',
      'odd: unknown message: {"channel":"spot.order_book_update","event":"update","resu',
      'invalid: an order book update of no known pair',
      'odd: unknown message: {"channel":"spot.order_book_update","event":"update","result":{"s":7}}',
      'invalid: an order book update of no known pair',
      'unreadable depth: order book update with ids U=9, u=8',
      'unreadable depth: bid level 2302.375 × 1 is not on the grid of tick 0.01 and lot 0.00000001',
    ]);
  });

  it('takes an update marked full for the whole book, and forgets what lies below the subscribed depth', () => {
    const { wire, deltas } = listen();
    const levels = (side: number, from: number): [string, string][] =>
      Array.from({ length: 100 }, (_, i) => [(2_300 + (side * (from + i)) / 100).toFixed(2), '1']);
    wire(bookMessage('ETH_USDT', 5, 9, NOW, levels(-1, 1), levels(1, 1), true));
    wire(bookMessage('ETH_USDT', 10, 11, NOW, [['2300.00', '2']], [['2300.01', '0']]));
    const book = new L2Book({ tickSize: 0.01, lotSize: 1e-8, bucketWidth: 1 });
    const sync = new BookSync(book, GATE_RULE, () => {});
    sync.connected();
    for (const delta of deltas) sync.onDelta(delta);
    expect([sync.state, sync.lastId, book.depth('bid'), book.depth('ask')]).toEqual(['live', 11, 100, 99]);
    expect([book.bestBid, book.priceOf(book.ticksAt('bid', 99)), book.bestAsk]).toEqual([2_300, 2_299.01, 2_300.02]);
  });
});

describe('Gate’s REST', () => {
  it('knows an unlisted pair by its label, trouble of the service and too many requests', async () => {
    const answers = (status: number, label: string): GateHttp =>
      httpOver(() => Response.json({ ...UNKNOWN_PAIR, label }, { status }));
    expect(await answers(400, 'INVALID_CURRENCY_PAIR').pair('NOPE_USDT')).toEqual({ ok: true, value: undefined });
    expect(await answers(400, 'SERVER_ERROR').pair('ETH_USDT')).toMatchObject({ error: { code: 'VENUE_UNREACHABLE' } });
    expect(await answers(400, 'INVALID_PARAM_VALUE').pair('ETH_USDT')).toMatchObject({ error: { code: 'VENUE_REFUSED' } });
    const busy = answers(403, 'TOO_MANY_REQUESTS');
    expect(await busy.serverTime()).toMatchObject({ error: { code: 'VENUE_RATE_LIMITED' } });
    expect(busy.blockedForMs).toBeGreaterThan(0);
  });

  it('asks for a book with its id, and for candles within both ends', async () => {
    const asked: URL[] = [];
    const http = httpOver(() => Response.json([]), asked);
    await http.candles(ETH, '1h', NOW - 5_000 * 3_600_000, NOW, 5_000);
    await http.candles(ETH, '1m', NOW - 119_999, NOW, 1_000);
    const track = { instrument: ETH, tick: decimalStep('0.01') as DecimalStep, lot: decimalStep('0.0001') as DecimalStep };
    expect(await http.depth(track, new AbortController().signal)).toMatchObject({ error: { code: 'VENUE_BAD_ANSWER' } });
    expect(asked.map(({ search }) => search)).toEqual([
      '?currency_pair=ETH_USDT&interval=1h&from=1705161600&to=1708761599',
      '?currency_pair=ETH_USDT&interval=1m&from=1723161240&to=1723161299',
      '?currency_pair=ETH_USDT&limit=100&with_id=true',
    ]);
  });

  it('goes no further back than Gate keeps candles, and finds the oldest', async () => {
    const asked: URL[] = [];
    const DAY = 86_400_000;
    const listed = Math.floor(NOW / DAY) * DAY - 20 * DAY;
    const http = httpOver((url) => {
      const [from = 0, to = 0] = ['from', 'to'].map((name) => Number(url.searchParams.get(name)));
      const step = url.searchParams.get('interval') === '1m' ? 60 : 86_400;
      const rows: unknown[] = [];
      for (let t = Math.max(from, listed / 1000); t <= to; t += step)
        rows.push([String(t), '0', '1', '1', '1', '1', '0', 'true']);
      return Response.json(rows);
    }, asked);
    const old = await http.candles(ETH, '1m', NOW - 30 * DAY, NOW - 20 * DAY, 1_000);
    expect([old, asked.length]).toEqual([{ ok: true, value: [] }, 0]);
    const day = await http.candles(ETH, '1d', 0, NOW, 1);
    expect(day.ok && day.value.map(({ openTime }) => openTime)).toEqual([listed]);
    const minute = await http.candles(ETH, '1m', 0, NOW, 1);
    const oldest = (minute.ok && minute.value[0]?.openTime) || 0;
    expect([oldest > NOW - 10_000 * 60_000, oldest < NOW - 8_000 * 60_000]).toEqual([true, true]);
    expect(asked.length).toBeLessThan(30);
    expect(await http.candles(ETH, '1s', 0, NOW, 1)).toMatchObject({ error: { code: 'VENUE_REFUSED' } });
  });

  it('pages back to the second of the last known trade, oldest first and each once', async () => {
    const asked: URL[] = [];
    const newest = RECENT_TRADES[0] as (typeof RECENT_TRADES)[number];
    const http = httpOver((url) => {
      // One more trade happens before the second page.
      const page = Number(url.searchParams.get('page'));
      const first = page === 1 ? 1_500 : 1_501 - 1_000;
      const count = page === 1 ? 1_000 : 501;
      return Response.json(Array.from({ length: count }, (_, i) => ({ ...newest, id: String(first - i) })));
    }, asked);
    const answered = await http.trades(ETH, { id: 1, time: 1_723_161_255_343 }, new AbortController().signal);
    expect(answered.ok && answered.value.map(({ id }) => id)).toEqual(Array.from({ length: 1_500 }, (_, i) => i + 1));
    expect(asked.map(({ searchParams }) => `${searchParams.get('from')} ${searchParams.get('page')}`)).toEqual([
      '1723161255 1',
      '1723161255 2',
    ]);
  });

  it('names symbols as ccxt does, and lists only what trades both ways', () => {
    expect([gateNameOf('ETH/USDT')?.venueSymbol, gateNameOf('ETH/USDT:USDT'), gateNameOf('eth_usdt')]).toEqual([
      'ETH_USDT',
      undefined,
      undefined,
    ]);
    const eth = gateNameOf('ETH/USDT') as NonNullable<typeof name>;
    expect(instrumentFrom({ ...PAIRS.ETH_USDT, trade_status: 'sellable' }, 'ETH/USDT', eth)).toBeUndefined();
    expect(instrumentFrom({ ...PAIRS.ETH_USDT, precision: -1 }, 'ETH/USDT', eth)).toBeUndefined();
  });
});
