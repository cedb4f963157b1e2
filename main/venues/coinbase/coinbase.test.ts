import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { decimalStep, type DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { ConnectionSequence } from '../session/connection-sequence.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import type { Link, Track } from '../session/stream-protocol.ts';
import { NOT_FOUND, numberedHeartbeat, numberedTrades, PRODUCTS, RECENT_TRADES, REFUSED } from './fixtures/messages.ts';
import { CoinbaseHttp } from './http.ts';
import { isoToMs, tradeFromJson } from './parse.ts';
import { coinbaseNameOf, instrumentFrom } from './symbols.ts';
import { COINBASE_RULE } from './sync.ts';
import { coinbaseProtocol } from './ws.ts';

const BTC: Instrument = {
  venue: 'coinbase',
  symbol: 'BTC/USD',
  venueSymbol: 'BTC-USD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tickSize: '0.01',
  lotSize: '0.00000001',
  minNotional: '1',
  contractMultiplier: '1',
};
const ETH: Instrument = { ...BTC, symbol: 'ETH/USD', venueSymbol: 'ETH-USD', base: 'ETH' };

function httpOf(answer: (url: URL) => { status?: number; body: unknown }): CoinbaseHttp {
  return new CoinbaseHttp({
    restUrl: 'http://venue.example',
    timeoutMs: 1_000,
    wall: new ManualClock(0),
    fetch: async (input) => {
      const { status = 200, body } = answer(new URL(String(input)));
      return new Response(JSON.stringify(body), { status });
    },
  });
}
const protocol = coinbaseProtocol(
  'ws://x',
  httpOf(() => ({ body: {} })),
);

/** What a wire of two instruments does, in words. */
function wireOf(): { feed: (...texts: string[]) => void; done: string[] } {
  const done: string[] = [];
  const track = (instrument: Instrument): Track => ({
    instrument,
    tick: decimalStep('0.01') as DecimalStep,
    lot: decimalStep('0.00000001') as DecimalStep,
  });
  const link: Link = {
    tracks: [track(BTC), track(ETH)],
    lane: 'spot',
    tsReceived: 0,
    onHeard: () => {},
    onDelta: ({ instrument }, { finalId, snapshot }) =>
      done.push(`${instrument.base} ${snapshot ? 'whole' : 'update'} ${finalId}`),
    onTrade: ({ instrument }, { id }) => done.push(`${instrument.base} trade ${id}`),
    onKline: () => {},
    onUnreadable: ({ instrument }, kind) => done.push(`${instrument.base} unreadable ${kind}`),
    invalidateAll: (reason) => done.push(reason),
    onOdd: (reason) => done.push(`odd: ${reason}`),
    send: () => {},
    rotate: () => {},
    drop: (reason) => done.push(`drop: ${reason}`),
  };
  const wire = protocol.wire(link);
  return {
    done,
    feed: (...texts) => {
      for (const text of texts) wire.onMessage(Buffer.from(text), false);
    },
  };
}

const depth = (number: number, products: readonly string[], type = 'update', price = '100.00'): string =>
  JSON.stringify({
    channel: 'l2_data',
    timestamp: '2024-08-08T23:54:15.1Z',
    sequence_num: number,
    events: products.map((product_id) => ({
      type,
      product_id,
      updates: [{ side: 'bid', event_time: '1970-01-01T00:00:00Z', price_level: price, new_quantity: '1' }],
    })),
  });

describe('Coinbase', () => {
  it('counts one sequence over all channels, and tells a hole in any of them to all books', () => {
    const { feed, done } = wireOf();
    feed(depth(4, ['BTC-USD', 'ETH-USD'], 'snapshot'), numberedTrades(5), numberedHeartbeat(6, 1), depth(7, ['ETH-USD']));
    expect(done).toEqual(['BTC whole 4', 'ETH whole 4', 'BTC trade 7001', 'BTC trade 7002', 'ETH update 7']);
    done.length = 0;
    feed(numberedTrades(9));
    expect(done).toEqual(['gap: message 8 of the connection expected, 9 came', 'BTC trade 7001', 'BTC trade 7002']);
  });

  it('applies neither a repeated nor a late update, and makes a new connection where the numbers began anew', () => {
    const { feed, done } = wireOf();
    feed(depth(50, ['BTC-USD'], 'snapshot'), depth(51, ['BTC-USD']), depth(51, ['BTC-USD']), depth(50, ['BTC-USD'], 'snapshot'));
    expect(done).toEqual(['BTC whole 50', 'BTC update 51']);
    for (let number = 0; number < 18; number++) feed(depth(number, ['BTC-USD']));
    expect(done.slice(2)).toEqual(['drop: message numbers went back: 17 after 51']);
  });

  it('misses a heartbeat', () => {
    const { feed, done } = wireOf();
    feed(numberedHeartbeat(1, 10), numberedHeartbeat(2, 11), numberedHeartbeat(3, 13));
    expect(done).toEqual(['gap: heartbeat 12 expected, 13 came']);
  });

  it('doubts all books after what it cannot read or place, and one book after what is off its grid', () => {
    const { feed, done } = wireOf();
    feed('{"channel":"l2_da', '{"channel":"l2_data","events":[]}', depth(1, ['BTC-USD', 'ETH-USD'], 'update', '100.001'));
    expect(done).toEqual([
      'unreadable message: {"channel":"l2_da',
      'l2_data message without a number or a list of events',
      'BTC unreadable depth',
      'ETH unreadable depth',
    ]);
    done.length = 0;
    feed(REFUSED);
    expect(done).toEqual(['odd: Coinbase refused: channel is required']);
  });

  it('subscribes one channel a message, heartbeats first', () => {
    expect(protocol.subscribe('spot', [BTC, ETH]).map((text) => JSON.parse(text) as unknown)).toEqual([
      { type: 'subscribe', channel: 'heartbeats' },
      { type: 'subscribe', channel: 'level2', product_ids: ['BTC-USD', 'ETH-USD'] },
      { type: 'subscribe', channel: 'market_trades', product_ids: ['BTC-USD', 'ETH-USD'] },
    ]);
    expect(protocol.resubscribe(BTC).map((text) => (JSON.parse(text) as { type: string }).type)).toEqual([
      'unsubscribe',
      'subscribe',
    ]);
  });

  it('places numbers and never lets a book go back', () => {
    const sequence = new ConnectionSequence();
    expect([7, 8, 8, 7, 10, 9, 11].map((number) => sequence.place(number))).toEqual([
      'next',
      'next',
      'repeated',
      'old',
      'hole',
      'old',
      'next',
    ]);
    const relate = (finalId: number) => COINBASE_RULE.relate({ ...emptyDelta(), finalId }, 10, false);
    expect([9, 10, 15].map(relate)).toEqual(['old', 'next', 'next']);
  });

  it('reads times of up to nine decimals, and nothing else', () => {
    expect(isoToMs('2024-08-08T23:54:15.342999999Z')).toBe(1723161255342);
    expect(isoToMs('2024-08-08T23:54:15Z')).toBe(1723161255000);
    for (const time of [
      '2024-08-08',
      '2024-08-08T23:54:15+02:00',
      '0001-01-01T00:00:00Z',
      '2024-13-08T23:54:15Z',
      1723161255342,
    ]) {
      expect(isoToMs(time)).toBeNaN();
    }
  });

  it('turns the maker’s side into the taker’s, and takes no impossible trade', () => {
    const [entry] = RECENT_TRADES.trades;
    expect(tradeFromJson(entry, 5)).toMatchObject({ ok: true, value: { side: 'sell', tsReceived: 5 } });
    for (const change of [
      { trade_id: 7 },
      { trade_id: '99999999999999999999' },
      { price: '0' },
      { size: '-1' },
      { side: 'UNKNOWN_ORDER_SIDE' },
      { time: null },
    ]) {
      expect(tradeFromJson({ ...entry, ...change }, 0).ok, JSON.stringify(change)).toBe(false);
    }
  });

  it('follows no product whose book is another one’s', () => {
    const name = coinbaseNameOf('BTC/USDC');
    expect(name?.venueSymbol).toBe('BTC-USDC');
    expect(name && instrumentFrom(PRODUCTS['BTC-USDC'], 'BTC/USDC', name)).toBeUndefined();
    expect(coinbaseNameOf('BTC/USD:USD')).toBeUndefined();
  });

  it('asks for a thousand candles in pieces of 350', async () => {
    const asked: string[] = [];
    const http = httpOf((url) => {
      asked.push(`${url.searchParams.get('start')}–${url.searchParams.get('end')} ${url.searchParams.get('granularity')}`);
      return { body: { candles: [] } };
    });
    expect(await http.candles(BTC, '1m', 0, 60_000_000, 1_000)).toEqual({ ok: true, value: [] });
    expect(asked).toEqual(['0–20999 ONE_MINUTE', '21000–41999 ONE_MINUTE', '42000–59999 ONE_MINUTE']);
    expect(await http.candles(BTC, '1s', 0, 1_000, 1)).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
  });

  it('gives recent trades oldest first, and tells an unknown product from a failure', async () => {
    const http = httpOf(() => ({ body: RECENT_TRADES }));
    const trades = await http.trades(BTC, new AbortController().signal);
    expect(trades.ok && trades.value.map(({ id, side }) => [id, side])).toEqual([
      [7001, 'buy'],
      [7002, 'sell'],
    ]);
    expect(await httpOf(() => ({ status: 404, body: NOT_FOUND })).product('XXX-USD')).toEqual({ ok: true, value: undefined });
    const failing = await httpOf(() => ({ status: 503, body: {} })).product('BTC-USD');
    expect(failing).toMatchObject({ ok: false, error: { code: 'VENUE_UNREACHABLE' } });
  });
});
