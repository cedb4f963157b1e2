import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { decimalStep, type DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Link, Track } from '../session/stream-protocol.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { CANDLE, CANDLES, NEXT_CANDLE, REFUSED, TEST_REQUEST, tradesPage } from './fixtures/messages.ts';
import { DeribitHttp } from './http.ts';
import { depthFromJson, tradeFromJson } from './parse.ts';
import { deribitNameOf } from './symbols.ts';
import { deribitProtocol } from './ws.ts';

const BTC: Instrument = {
  venue: 'deribit',
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTC-PERPETUAL',
  kind: 'inverse',
  base: 'BTC',
  quote: 'USD',
  tickSize: '0.5',
  lotSize: '10',
  minNotional: '10',
  contractMultiplier: '1',
};
const TICK = decimalStep('0.5') as DecimalStep;
const LOT = decimalStep('10') as DecimalStep;

function httpOf(answer: (url: URL) => { status?: number; body: unknown }): DeribitHttp {
  return new DeribitHttp({
    restUrl: 'http://venue.example',
    timeoutMs: 1_000,
    wall: new ManualClock(0),
    fetch: async (input) => {
      const { status = 200, body } = answer(new URL(String(input)));
      return new Response(JSON.stringify(body), { status });
    },
  });
}

function wireOf(): { feed: (text: string) => void; klines: unknown[]; sent: string[]; odd: string[] } {
  const seen = { klines: [] as unknown[], sent: [] as string[], odd: [] as string[] };
  const track: Track = { instrument: BTC, tick: TICK, lot: LOT };
  const link: Link = {
    tracks: [track],
    lane: 'perpetual',
    tsReceived: 0,
    onHeard: () => {},
    onDelta: () => {},
    onTrade: () => {},
    onKline: (_track, candle, closed) => seen.klines.push([candle.openTime, candle.volume, closed]),
    onUnreadable: () => {},
    invalidateAll: () => {},
    onOdd: (reason) => seen.odd.push(reason),
    send: (message) => seen.sent.push(message),
    rotate: () => {},
    drop: () => {},
  };
  const wire = deribitProtocol(
    'ws://x',
    httpOf(() => ({ body: {} })),
  ).wire(link);
  return { ...seen, feed: (text) => wire.onMessage(Buffer.from(text), false) };
}

describe('Deribit', () => {
  it('names perpetuals only', () => {
    expect(deribitNameOf('ETH/USD:ETH')).toMatchObject({ kind: 'inverse', venueSymbol: 'ETH-PERPETUAL', settlement: 'ETH' });
    expect(deribitNameOf('BTC/USDC:USDC')).toMatchObject({ kind: 'linear', venueSymbol: 'BTC_USDC-PERPETUAL' });
    for (const symbol of ['BTC/USDC', 'BTC/USD:USDC', 'BTC/USD:BTC-241227', 'BTC']) expect(deribitNameOf(symbol)).toBeUndefined();
  });

  it('answers a heartbeat, subscribes all channels at once and tells of what is refused', () => {
    const { feed, sent, odd } = wireOf();
    feed(TEST_REQUEST);
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({ jsonrpc: '2.0', method: 'public/test' });
    feed(REFUSED);
    expect(odd).toEqual(['Deribit refused public/subscribe: -32602 Invalid params']);
    const protocol = deribitProtocol(
      'ws://x',
      httpOf(() => ({ body: {} })),
    );
    expect(protocol.subscribe('perpetual', [BTC]).map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { method: 'public/set_heartbeat', params: { interval: 10 } },
      {
        method: 'public/subscribe',
        params: {
          channels: ['book.BTC-PERPETUAL.100ms', 'trades.BTC-PERPETUAL.100ms', 'chart.trades.BTC-PERPETUAL.1'],
        },
      },
    ]);
  });

  it('closes a candle when the next one begins', () => {
    const { feed, klines } = wireOf();
    for (const text of [CANDLE, NEXT_CANDLE, CANDLE]) feed(text);
    expect(klines).toEqual([
      [1723161240000, 0.75, false],
      [1723161240000, 0.75, true],
      [1723161300000, 0, false],
    ]);
  });

  it('takes neither an unknown action, a price off the grid, nor ids that do not follow', () => {
    const good = {
      type: 'change',
      timestamp: 1723161255342,
      prev_change_id: 7,
      change_id: 9,
      bids: [['change', 50000.5, 20]],
      asks: [['delete', 50001, 0]],
    };
    const read = (change: object) => depthFromJson({ ...good, ...change }, TICK, LOT, emptyDelta());
    const whole = read({});
    expect(whole.ok && [whole.value.previousId, whole.value.finalId, whole.value.bidTicks[0], whole.value.bidLots[0]]).toEqual([
      7, 9, 100001, 2,
    ]);
    expect(whole.ok && [whole.value.askTicks[0], whole.value.askLots[0], whole.value.snapshot]).toEqual([100002, 0, false]);
    for (const change of [
      { bids: [['moved', 50000.5, 20]] },
      { bids: [['new', 50000.25, 20]] },
      { bids: [['new', 50000.5, 15]] },
      { bids: [['new', 50000.5, 0]] },
      { bids: [['new', 50000.5, 1e21]] },
      { bids: [['new', '50000.5', 20]] },
      { bids: [['new', -50000.5, 20]] },
      { bids: [null] },
      { bids: null },
      { prev_change_id: null },
      { prev_change_id: 9 },
      { change_id: 1.5 },
      { timestamp: null },
      { type: 'other' },
      { type: 'snapshot' },
    ]) {
      expect(read(change).ok, JSON.stringify(change)).toBe(false);
    }
  });

  it('takes base units of a linear trade as they stand', () => {
    const entry = { trade_seq: 1, price: 150, amount: 2.5, direction: 'buy', timestamp: 1723161255342 };
    expect(tradeFromJson(entry, 'linear', 5)).toMatchObject({ ok: true, value: { quantity: 2.5, tsReceived: 5 } });
    for (const change of [{ trade_seq: -1 }, { price: 0 }, { amount: null }, { direction: 'none' }, { timestamp: 'now' }]) {
      expect(tradeFromJson({ ...entry, ...change }, 'linear', 0).ok).toBe(false);
    }
  });

  it('fetches trades page by page from the last one on', async () => {
    const asked: string[] = [];
    const http = httpOf((url) => {
      const from = Number(url.searchParams.get('start_seq'));
      asked.push(`${url.pathname} ${from} ${url.searchParams.get('sorting')}`);
      return { body: from === 100 ? tradesPage(100, 102, true) : tradesPage(from, 104, false) };
    });
    const trades = await http.trades(BTC, { id: 100, time: 0 }, new AbortController().signal);
    expect(trades.ok && trades.value.map(({ id }) => id)).toEqual([100, 101, 102, 103, 104]);
    expect(asked).toEqual([
      '/api/v2/public/get_last_trades_by_instrument 100 asc',
      '/api/v2/public/get_last_trades_by_instrument 103 asc',
    ]);
  });

  it('refuses candles shorter than a minute, and those of a grid that is not ours', async () => {
    const http = httpOf(() => ({ body: CANDLES }));
    expect(await http.candles(BTC, '1s', 0, 1000, 1)).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
    expect(await http.candles(BTC, '1h', 1723158000000, 1723168800000, 3)).toMatchObject({
      ok: false,
      error: { code: 'VENUE_BAD_ANSWER' },
    });
    const none = httpOf(() => ({ body: { result: { status: 'no_data', ticks: [] } } }));
    expect(await none.candles(BTC, '1m', 0, 60_000, 1)).toEqual({ ok: true, value: [] });
  });

  it('tells a refusal, an unknown currency and a limit apart', async () => {
    const error = (code: number, message: string, data?: object) => ({ status: 400, body: { error: { code, message, data } } });
    const unknown = httpOf(() => error(-32602, 'Invalid params', { param: 'currency', reason: 'wrong value' }));
    expect(await unknown.futures('XXX')).toEqual({ ok: true, value: [] });
    const limited = httpOf(() => error(10028, 'too_many_requests'));
    expect(await limited.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    const refused = httpOf(() => error(11050, 'bad_request'));
    expect(await refused.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
  });
});
