import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { idOfText } from '../session/trade-sequence.ts';
import { KLINES, RECENT_TRADES } from './fixtures/messages.ts';
import { BybitHttp } from './http.ts';

const BTC: Instrument = {
  venue: 'bybit',
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTCUSDT',
  kind: 'linear',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.1',
  lotSize: '0.001',
  minNotional: '5',
  contractMultiplier: '1',
};

function venue(answer: (url: URL) => Response): { http: BybitHttp; asked: URL[]; wall: ManualClock } {
  const asked: URL[] = [];
  const wall = new ManualClock(1_000_000);
  const http = new BybitHttp({
    restUrl: 'https://rest.example',
    timeoutMs: 1_000,
    wall,
    fetch: (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Promise.resolve(answer(url));
    },
  });
  return { http, asked, wall };
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

describe('Bybit REST', () => {
  it('asks for the oldest candles of a range and turns them round', async () => {
    const { http, asked } = venue(() => json(KLINES));
    const result = await http.candles(BTC, '1m', 1723161200000, 1723261200000, 2);
    expect(result.ok && result.value.map(({ openTime }) => openTime)).toEqual([1723161240000, 1723161300000]);
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({
      category: 'linear',
      symbol: 'BTCUSDT',
      interval: '1',
      start: '1723161240000',
      end: '1723161359999',
      limit: '2',
    });
    await http.candles(BTC, '1d', 0, 86_400_000, 5);
    expect(asked[1]?.searchParams.get('interval')).toBe('D');
    expect(await http.candles(BTC, '1s', 0, 5_000, 5)).toMatchObject({ ok: false, error: { code: 'VENUE_REFUSED' } });
    expect(asked).toHaveLength(2);
  });

  it('finds the oldest candle, of which Bybit tells nothing when it is asked from the beginning of time', async () => {
    const listed = Date.UTC(2020, 2, 25, 10, 36);
    const { http, asked } = venue((url) => {
      const of = (name: string): number => Number(url.searchParams.get(name));
      const length = url.searchParams.get('interval') === 'D' ? 86_400_000 : 60_000;
      const list: unknown[] = [];
      // Of too long a range the newest.
      for (let time = Math.floor(of('end') / length) * length; time >= of('start') && list.length < of('limit'); time -= length) {
        if (time + length > listed) list.push([String(time), '6500', '6510', '6490', '6505', '1', '6505']);
      }
      return json({ retCode: 0, result: { list } });
    });
    const oldest = await http.candles(BTC, '1m', 0, Date.UTC(2024, 0, 1), 1);
    expect(oldest.ok && oldest.value.map(({ openTime }) => openTime)).toEqual([listed]);
    expect(asked).toHaveLength(2);
  });

  it('gives recent trades oldest first', async () => {
    const { http } = venue(() => json(RECENT_TRADES));
    const result = await http.trades(BTC, new AbortController().signal);
    expect(result.ok && result.value.map(({ id, side }) => [id, side])).toEqual([
      [idOfText('11111111-aaaa-5bbb-8ccc-000000000001'), 'buy'],
      [idOfText('11111111-aaaa-5bbb-8ccc-000000000002'), 'sell'],
    ]);
  });

  it('stays away when told that it asks too much, by code or by status', async () => {
    for (const limited of [
      () => json({ retCode: 10006, retMsg: 'Too many visits!' }),
      () => new Response('access too frequent', { status: 403 }),
    ]) {
      const { http, asked, wall } = venue(limited);
      expect(await http.candles(BTC, '1m', 0, 60_000, 1)).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
      expect(http.blockedForMs).toBeGreaterThan(0);
      expect(await http.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
      expect(asked).toHaveLength(1);
      wall.advanceBy(http.blockedForMs);
      await http.serverTime();
      expect(asked).toHaveLength(2);
    }
  });

  it('tells refusals and unreadable answers apart', async () => {
    for (const [answer, code] of [
      [() => json({ retCode: 10005, retMsg: 'Permission denied' }), 'VENUE_REFUSED'],
      [() => json({ retCode: 0, retMsg: 'OK', result: {} }), 'VENUE_BAD_ANSWER'],
      [() => json({ hello: 1 }), 'VENUE_BAD_ANSWER'],
      [() => new Response('blocked country', { status: 403 }), 'VENUE_REFUSED'],
      [() => json({}, 502), 'VENUE_UNREACHABLE'],
    ] as const) {
      expect(await venue(answer).http.candles(BTC, '1m', 0, 60_000, 1)).toMatchObject({ ok: false, error: { code } });
    }
  });
});
