import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Link } from '../session/stream-protocol.ts';
import { answer, REFUSED, UPGRADE } from './fixtures/messages.ts';
import { OkxHttp } from './http.ts';
import { okxNameOf } from './symbols.ts';
import { okxProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'okx',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETH-USDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.000001',
  minNotional: '0',
  contractMultiplier: '1',
};

function httpOver(answerOf: (url: URL) => unknown, asked: URL[] = [], now = 1_800_000_000_000): OkxHttp {
  return new OkxHttp({
    restUrl: 'http://rest.example',
    timeoutMs: 1_000,
    wall: new ManualClock(now),
    fetch: async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Response.json(answerOf(url));
    },
  });
}

describe('OKX’s stream', () => {
  const protocol = okxProtocol(
    'wss://ws.example/ws/v5/',
    httpOver(() => answer([])),
  );

  it('takes books from the public address, single trades and candles from the business one', () => {
    expect(protocol.lanes(ETH)).toEqual(['public', 'business']);
    const never = new AbortController().signal;
    expect(protocol.address('business', [ETH], never)).toBe('wss://ws.example/ws/v5/business');
    expect(protocol.subscribe('public', [ETH])).toEqual(['{"op":"subscribe","args":[{"channel":"books","instId":"ETH-USDT"}]}']);
    expect(protocol.subscribe('business', [ETH])).toEqual([
      '{"op":"subscribe","args":[{"channel":"trades-all","instId":"ETH-USDT"},{"channel":"candle1s","instId":"ETH-USDT"}]}',
    ]);
    expect(protocol.resubscribe(ETH).map((text) => (JSON.parse(text) as { op: string }).op)).toEqual([
      'unsubscribe',
      'subscribe',
    ]);
    expect(protocol.keepAlive?.message('public')).toBe('ping');
  });

  it('makes way for a new connection when a service upgrade is announced, and tells of refusals', () => {
    const heard: string[] = [];
    const nothing = (): void => {};
    const link: Link = {
      tracks: [],
      lane: 'public',
      tsReceived: 0,
      onHeard: nothing,
      onDelta: nothing,
      onTrade: nothing,
      onKline: nothing,
      onUnreadable: nothing,
      invalidateAll: nothing,
      onOdd: (reason) => heard.push(`odd: ${reason}`),
      send: nothing,
      rotate: (reason) => heard.push(`rotate: ${reason}`),
      drop: nothing,
    };
    const wire = protocol.wire(link);
    wire.onMessage(Buffer.from(UPGRADE), false);
    wire.onMessage(Buffer.from(REFUSED), false);
    expect(heard).toEqual([
      'rotate: OKX announced a service upgrade',
      'odd: OKX refused a request (60018): Wrong URL or channel:books,instId:NONE',
    ]);
  });
});

describe('OKX’s REST', () => {
  const trade = (id: number): object => ({
    tradeId: String(id),
    px: '2300',
    sz: '0.5',
    side: 'buy',
    ts: String(1_799_999_000_000 + id),
  });
  const page = (newest: number, count: number): object => answer(Array.from({ length: count }, (_, i) => trade(newest - i)));

  it('pages back to the last known trade', async () => {
    const asked: URL[] = [];
    const http = httpOver((url) => {
      if (url.pathname === '/api/v5/market/trades') return page(2_000, 500);
      return page(Number(url.searchParams.get('after')) - 1, 100);
    }, asked);
    const answered = await http.trades(ETH, { id: 1_350, time: 0 }, new AbortController().signal);
    const ids = answered.ok ? answered.value.map(({ id }) => id) : [];
    expect(ids).toEqual(Array.from({ length: 700 }, (_, i) => 1_301 + i));
    expect(asked.map(({ pathname }) => pathname)).toEqual([
      '/api/v5/market/trades',
      '/api/v5/market/history-trades',
      '/api/v5/market/history-trades',
    ]);
  });

  it('asks page after page of candles, old ones of the history', async () => {
    const now = 1_799_999_940_000;
    const asked: URL[] = [];
    const http = httpOver(
      (url) => {
        const rows: string[][] = [];
        for (let t = Number(url.searchParams.get('after')) - 60_000; t > Number(url.searchParams.get('before')); t -= 60_000) {
          rows.push([String(t), '10', '12', '9', '11', '3', '33', '33', '1']);
        }
        return answer(rows.slice(0, Number(url.searchParams.get('limit'))));
      },
      asked,
      now,
    );
    const to = now;
    const from = to - 1_600 * 60_000;
    const first = await http.candles(ETH, '1m', from, to, 1_000);
    expect(first.ok && first.value.map(({ openTime }) => openTime)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => from + i * 60_000),
    );
    expect(asked.filter(({ pathname }) => pathname === '/api/v5/market/history-candles').length).toBe(3);
    expect(asked.filter(({ pathname }) => pathname === '/api/v5/market/candles').length).toBe(3);
    await http.candles(ETH, '1d', from - (from % 86_400_000), to, 1);
    expect(asked.at(-1)?.searchParams.get('bar')).toBe('1Dutc');
    await http.candles(ETH, '1h', from - (from % 3_600_000), to, 1);
    expect(asked.at(-1)?.searchParams.get('bar')).toBe('1H');
    // Nothing is asked of the time before OKX had a candle.
    const before = asked.length;
    expect(await http.candles(ETH, '1m', 0, 86_400_000, 1_000)).toEqual({ ok: true, value: [] });
    expect(asked.length).toBe(before);
  });

  it('stays away when it is told within an answer that it asked too much', async () => {
    const http = httpOver(() => ({ code: '50011', msg: 'Too Many Requests', data: [] }));
    expect(await http.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(http.blockedForMs).toBe(2_000);
  });

  it('names symbols as ccxt does', () => {
    expect(okxNameOf('BTC/USDT')).toMatchObject({ kind: 'spot', instType: 'SPOT', venueSymbol: 'BTC-USDT' });
    expect(okxNameOf('BTC/USDT:USDT')).toMatchObject({ kind: 'linear', instType: 'SWAP', venueSymbol: 'BTC-USDT-SWAP' });
    expect(okxNameOf('BTC/USD:BTC')).toMatchObject({ kind: 'inverse', venueSymbol: 'BTC-USD-SWAP' });
    expect([okxNameOf('BTC/USDT:ETH'), okxNameOf('btc-usdt'), okxNameOf('BTC/USDT:USDT-240628')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
