import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { mutated } from '../conformance/mutations.ts';
import { BookSync } from '../session/book-sync.ts';
import type { Link } from '../session/stream-protocol.ts';
import {
  answer,
  bookAnswer,
  bookUpdate,
  candle,
  CANDLES,
  failure,
  packed,
  PING,
  RECENT_TRADES,
  REFUSED,
  SYMBOLS,
  TRADES,
} from './fixtures/messages.ts';
import { HtxHttp } from './http.ts';
import { htxNameOf, instrumentFrom } from './symbols.ts';
import { HTX_RULE } from './sync.ts';
import { unpack } from './unpack.ts';
import { htxProtocol } from './ws.ts';

const name = htxNameOf('ETH/USDT') as NonNullable<ReturnType<typeof htxNameOf>>;
const ETH = instrumentFrom(SYMBOLS.ethusdt, 'ETH/USDT', name) as Instrument;
const NOW = 1_723_161_300_000;

function httpOver(answerOf: (url: URL) => unknown, asked: URL[] = []): HtxHttp {
  return new HtxHttp({
    restUrl: 'http://rest.example',
    timeoutMs: 1_000,
    wall: new ManualClock(NOW),
    fetch: async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Response.json(answerOf(url));
    },
  });
}

const protocol = htxProtocol(
  'wss://ws.example/',
  httpOver(() => answer([])),
);

function listen(lane = 'feed'): { wire: (frame: Buffer | string) => void; heard: string[]; sync: BookSync } {
  const heard: string[] = [];
  const nothing = (): void => {};
  const sync = new BookSync(new L2Book({ tickSize: 0.01, lotSize: 1e-8, bucketWidth: 1 }), HTX_RULE, nothing);
  sync.connected();
  const link: Link = {
    tracks: [{ instrument: ETH, tick: decimalStep('0.01') as DecimalStep, lot: decimalStep('0.00000001') as DecimalStep }],
    lane,
    tsReceived: 0,
    onHeard: nothing,
    onDelta: (_, delta) => heard.push(`${delta.snapshot ? 'book' : 'update'} ${delta.finalId}: ${sync.onDelta(delta)}`),
    onTrade: nothing,
    onKline: (_, { openTime }, closed) => heard.push(`${openTime} ${closed}`),
    onUnreadable: (_, kind, reason) => heard.push(`unreadable ${kind}: ${reason}`),
    invalidateAll: (reason) => heard.push(`invalid: ${reason}`),
    onOdd: (reason) => heard.push(`odd: ${reason}`),
    send: (message) => heard.push(`sent: ${message}`),
    rotate: nothing,
    drop: nothing,
  };
  const wire = protocol.wire(link);
  return { wire: (frame) => wire.onMessage(Buffer.from(frame as string), typeof frame !== 'string'), heard, sync };
}

describe('HTX’s frames', () => {
  it('are unpacked, but not into more than memory should hold, and not when they are cut off', () => {
    expect(unpack(packed('{"ping":1}'))).toBe('{"ping":1}');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(gunzipSync(bomb).length).toBe(64 * 1024 * 1024);
    expect(unpack(bomb)).toBeUndefined();
    expect(unpack(packed('{"ping":1}').subarray(0, -9))).toBeUndefined();
    expect(unpack(Buffer.from('{"ping":1}'))).toBeUndefined();
  });

  it('that cannot be read cost the books of their connection, and nothing on the other one', () => {
    const books = listen('feed');
    const others = listen('ws');
    for (const { wire } of [books, others]) {
      wire(Buffer.from([0x1f, 0x8b, 1, 2, 3]));
      wire(packed('{"ch":"market.ethusdt.mbp.4'));
    }
    const odd = ['odd: a frame that cannot be unpacked', 'odd: unknown message: {"ch":"market.ethusdt.mbp.4'];
    expect(others.heard).toEqual(odd);
    expect(books.heard).toEqual(odd.flatMap((line) => ['invalid: an unreadable message', line]));
  });
});

/** Damaged packings seldom get past the unpacker; these are packed after they were damaged. */
describe('HTX’s messages', () => {
  it('survives anything inside a good packing', () => {
    const rng = new SplitMix32(20_240_808);
    const frames = Number(process.env.FUZZ_FRAMES ?? 3_000);
    const books = listen('feed');
    const others = listen('ws');
    const texts = [TRADES, candle(1723161240), PING, REFUSED].map((frame) => gunzipSync(frame).toString());
    let live = 0;
    let impossible = 0;
    const { stackTraceLimit } = Error;
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    // Nobody reads where the errors of unpacking and parsing came from, and telling it takes longer than the parsing.
    Error.stackTraceLimit = 0;
    for (let i = 0; i < frames; i++) {
      const book = (): Buffer => bookAnswer('ethusdt', i, NOW, [['2300', '1.5']], [['2301', '0.25']]);
      if (i % 20 === 0) books.wire(book());
      const update = (): Buffer => bookUpdate('ethusdt', i, i + 1, NOW, [['2299', String(i % 7)]], [['2302', '3']]);
      const choice = [
        ...texts.map((text) => () => text),
        () => gunzipSync(book()).toString(),
        () => gunzipSync(update()).toString(),
      ];
      const frame = mutated(choice, rng);
      for (const { wire } of [books, others]) wire(typeof frame === 'string' ? packed(frame) : frame);
      const { book: kept, state } = books.sync;
      if (state !== 'live') continue;
      live++;
      for (const side of ['bid', 'ask'] as const) {
        for (let rank = 0; rank < kept.depth(side); rank++) {
          if (!(kept.ticksAt(side, rank) > 0 && kept.lotsAt(side, rank) > 0)) impossible++;
        }
      }
    }
    Error.stackTraceLimit = stackTraceLimit;
    expect(impossible).toBe(0);
    expect(live).toBeGreaterThan(frames / 20);
    books.wire(bookUpdate('ethusdt', frames, frames + 1, NOW, [], []));
    books.wire(bookAnswer('ethusdt', frames + 1, NOW, [['2300', '1']], [['2301', '1']]));
    expect([books.sync.state, books.sync.book.bestBid]).toEqual(['live', 2_300]);
  }, 600_000);
});

describe('HTX’s stream', () => {
  it('takes books from one address, trades and candles from the other, and answers pings', () => {
    const never = new AbortController().signal;
    expect(protocol.lanes(ETH)).toEqual(['feed', 'ws']);
    expect(protocol.address('feed', [ETH], never)).toBe('wss://ws.example/feed');
    const asked = (lane: string): string[] => protocol.subscribe(lane, [ETH]).map((text) => JSON.stringify(JSON.parse(text)));
    expect(asked('feed')).toEqual([
      '{"sub":"market.ethusdt.mbp.400","id":"market.ethusdt.mbp.400"}',
      '{"req":"market.ethusdt.mbp.400","id":"market.ethusdt.mbp.400"}',
    ]);
    expect(asked('ws').map((text) => text.slice(0, 40))).toEqual(
      ['{"sub":"market.ethusdt.trade.detail","id"', '{"sub":"market.ethusdt.kline.1min","id":"'].map((text) => text.slice(0, 40)),
    );
    expect(protocol.resubscribe(ETH)).toEqual(['{"req":"market.ethusdt.mbp.400","id":"market.ethusdt.mbp.400"}']);
    expect(protocol.probe?.('feed')).toBe('{"ping":1723161300000}');
    const { wire, heard } = listen();
    wire(PING);
    wire(REFUSED);
    expect(heard).toEqual([
      'sent: {"pong":1723161255360}',
      'odd: HTX refused a request (bad-request): invalid topic market.nope.mbp.400',
    ]);
  });

  it('gives again what came before the whole book and is newer than it', () => {
    const { wire, heard, sync } = listen();
    wire(bookUpdate('ethusdt', 10, 17, NOW, [['2300', '1']], []));
    wire(bookUpdate('ethusdt', 17, 20, NOW, [['2300', '2']], []));
    wire(bookUpdate('ethusdt', 20, 21, NOW, [], [['2301', '3']]));
    wire(bookAnswer('ethusdt', 17, NOW, [['2300', '1']], [['2302', '9']]));
    wire(bookUpdate('ethusdt', 21, 30, NOW, [], [['2302', '0']]));
    expect(heard).toEqual([
      'update 17: ignored',
      'update 20: ignored',
      'update 21: ignored',
      'book 17: applied',
      'update 20: applied',
      'update 21: applied',
      'update 30: applied',
    ]);
    expect([sync.state, sync.book.bestBid, sync.book.bestAsk, sync.book.depth('ask')]).toEqual(['live', 2_300, 2_301, 1]);
    expect(sync.book.quantityOf(sync.book.lotsAt('bid', 0))).toBe(2);
  });

  it('wants another book when the one that came is older than all that is remembered, and waits out one that is ahead', () => {
    const late = listen();
    for (let i = 1; i <= 40; i++) late.wire(bookUpdate('ethusdt', i, i + 1, NOW, [['2300', String(i)]], []));
    late.wire(bookAnswer('ethusdt', 5, NOW, [['2300', '1']], []));
    expect([late.sync.state, late.sync.wantsSnapshot]).toEqual(['resyncing', true]);
    // Unless the ids began anew.
    late.wire(bookUpdate('ethusdt', 3, 4, NOW, [['2300', '1']], []));
    late.wire(bookAnswer('ethusdt', 4, NOW, [['2300', '1']], []));
    expect(late.sync.state).toBe('live');
    const ahead = listen();
    ahead.wire(bookAnswer('ethusdt', 9, NOW, [['2300', '1']], []));
    for (const [previous, id] of [
      [5, 7],
      [7, 9],
      [9, 12],
    ] as const) {
      ahead.wire(bookUpdate('ethusdt', previous, id, NOW, [['2300', String(id)]], []));
    }
    expect(ahead.heard).toEqual(['book 9: applied', 'update 7: ignored', 'update 9: ignored', 'update 12: applied']);
  });

  it('rounds quantities that were added up as floats, keeps crumbs, and refuses prices off the tick', () => {
    const { wire, heard, sync } = listen();
    wire(
      packed(
        '{"rep":"market.ethusdt.mbp.400","status":"ok","ts":1723161255914,"data":{"seqNum":1,"bids":[[2300,38.48245239754659],[2299,1e-9]],"asks":[]}}',
      ),
    );
    expect([0, 1].map((rank) => sync.book.lotsAt('bid', rank))).toEqual([3_848_245_240, 1]);
    wire(bookUpdate('ethusdt', 1, 2, NOW, [['2300.005', '1']], []));
    wire(
      packed(
        '{"ch":"market.ethusdt.mbp.400","ts":1723161255914,"tick":{"seqNum":3,"prevSeqNum":2,"bids":[[2300,-1]],"asks":[]}}',
      ),
    );
    expect(heard.slice(1)).toEqual([
      'unreadable depth: bid level 2300.005 × 1 is not on the grid of tick 0.01 and lot 0.00000001',
      'unreadable depth: bid level 2300 × -1 is not on the grid of tick 0.01 and lot 0.00000001',
    ]);
  });

  it('closes a candle when the next one begins', () => {
    const { wire, heard } = listen('ws');
    for (const id of [1723161240, 1723161240, 1723161300]) wire(candle(id));
    expect(heard).toEqual(['1723161240000 false', '1723161240000 false', '1723161240000 true', '1723161300000 false']);
  });
});

describe('HTX’s REST', () => {
  it('tells failures within answers apart', async () => {
    const failing = (code: string, text = ''): HtxHttp => httpOver(() => failure(code, text));
    expect(await failing('invalid-parameter', 'invalid symbol').symbol('nope')).toEqual({ ok: true, value: undefined });
    expect(await failing('invalid-parameter', 'invalid size').symbol('nope')).toMatchObject({ error: { code: 'VENUE_REFUSED' } });
    expect(await failing('gateway-internal-error').serverTime()).toMatchObject({ error: { code: 'VENUE_UNREACHABLE' } });
    const busy = failing('too-many-request');
    expect(await busy.serverTime()).toMatchObject({ error: { code: 'VENUE_RATE_LIMITED' } });
    expect(busy.blockedForMs).toBe(1_000);
    expect(await httpOver(() => ({})).serverTime()).toMatchObject({ error: { code: 'VENUE_BAD_ANSWER' } });
  });

  it('asks for so many candles that they reach back to the first, and offers none of UTC days', async () => {
    const asked: URL[] = [];
    const http = httpOver(() => answer(CANDLES), asked);
    const from = NOW - 120_000;
    const first = await http.candles(ETH, '1m', from, NOW, 1);
    expect(first.ok && first.value.map(({ openTime }) => openTime)).toEqual([from]);
    await http.candles(ETH, '1h', 0, NOW, 1_000);
    expect(asked.map(({ search }) => search)).toEqual([
      '?symbol=ethusdt&period=1min&size=4',
      '?symbol=ethusdt&period=60min&size=2000',
    ]);
    for (const timeframe of ['1s', '1d'] as const) {
      expect(await http.candles(ETH, timeframe, 0, NOW, 1)).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
    }
  });

  it('gives the newest trades, oldest first, whichever order filled them', async () => {
    const trades = await httpOver(() => answer(RECENT_TRADES)).trades(ETH, new AbortController().signal);
    expect(trades.ok && trades.value.map(({ id, side }) => [id, side])).toEqual([
      [103627913548, 'sell'],
      [103627913549, 'buy'],
      [103627913550, 'buy'],
    ]);
  });

  it('names symbols as ccxt does, and is not misled by names that run together', () => {
    expect([htxNameOf('ETH/USDT')?.venueSymbol, htxNameOf('ETH/USDT:USDT'), htxNameOf('ethusdt')]).toEqual([
      'ethusdt',
      undefined,
      undefined,
    ]);
    const split = htxNameOf('ETHU/SDT') as typeof name;
    expect([split.venueSymbol, instrumentFrom(SYMBOLS.ethusdt, 'ETHU/SDT', split)]).toEqual(['ethusdt', undefined]);
  });
});
