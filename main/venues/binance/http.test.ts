import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../core/base/clock.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { COINM_KLINE_ROW } from './fixtures/futures-messages.ts';
import { EXCHANGE_INFO, KLINE_ROW } from './fixtures/messages.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { createBinanceMarketData } from './market-data.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: URL, response: ServerResponse, message: IncomingMessage) => void;

async function venue(
  handler: Handler,
  wall: Clock = new ManualClock(1_000_000),
  withContracts = false,
): Promise<VenueMarketData> {
  const server = createServer((message, response) => handler(new URL(message.url ?? '/', 'http://lab'), response, message));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return dataAt(restUrl, wall, withContracts ? { lanes: { coinm: { restUrl, streamUrl: 'ws://127.0.0.1:1' } } } : {});
}

function dataAt(restUrl: string, wall: Clock, lanes: Pick<MarketDataOptions, 'lanes'> = {}): VenueMarketData {
  return createBinanceMarketData({
    restUrl,
    streamUrl: 'ws://127.0.0.1:1',
    ...lanes,
    requestTimeoutMs: 1_000,
    silenceMs: 1_000,
    clock: new ManualClock(0),
    wall,
    rng: new SplitMix32(1),
    bucketWidthOf: () => 1,
    log: { info: () => undefined, warn: () => undefined },
  });
}

function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

const BTC_USD: Instrument = {
  ...ETH,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD_PERP',
  kind: 'inverse',
  base: 'BTC',
  quote: 'USD',
  tickSize: '0.1',
  lotSize: '1',
  minNotional: '100',
  contractMultiplier: '100',
};

describe('Binance REST', () => {
  it('asks below the path of its address', async () => {
    const server = createServer((message, response) =>
      json(response, { serverTime: message.url === '/binance/api/v3/time' ? 7 : 1 }),
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const address of ['/binance', '/binance/'])
      expect(await dataAt(`${origin}${address}`, new ManualClock(1_000_000)).serverTime()).toEqual({ ok: true, value: 7 });
    expect(await dataAt(`${origin}/`, new ManualClock(1_000_000)).serverTime()).toEqual({ ok: true, value: 1 });
  });

  it('asks for the time, in milliseconds or microseconds', async () => {
    expect(await (await venue((_, response) => json(response, { serverTime: 1723161255000 }))).serverTime()).toEqual({
      ok: true,
      value: 1723161255000,
    });
    expect(await (await venue((_, response) => json(response, { serverTime: 1723161255000123 }))).serverTime()).toEqual({
      ok: true,
      value: 1723161255000,
    });
    expect(await (await venue((_, response) => json(response, {}))).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_BAD_ANSWER' },
    });
  });

  it('asks for candles of [from, to) and keeps their order', async () => {
    let asked: URL | undefined;
    const data = await venue((request, response) => {
      asked = request;
      json(response, [KLINE_ROW, [1723161300000, ...KLINE_ROW.slice(1)]]);
    });
    const result = await data.candles(ETH, '1m', 1723161240000, 1723161360000, 5000);
    expect(Object.fromEntries(asked?.searchParams ?? [])).toEqual({
      symbol: 'ETHUSDT',
      interval: '1m',
      startTime: '1723161240000',
      endTime: '1723161359999',
      limit: '1000',
    });
    expect(result.ok && result.value.map(({ openTime }) => openTime)).toEqual([1723161240000, 1723161300000]);
    expect(await data.candles(ETH, '1m', 5, 5, 10)).toEqual({ ok: true, value: [] });
  });

  it('asks COIN-M for no more than 200 days at once, and for none before its first', async () => {
    const DAY = 86_400_000;
    const began = Date.UTC(2020, 7, 10);
    const asked: [number, number, number][] = [];
    const server = await venue(
      (request, response) => {
        const of = (name: string): number => Number(request.searchParams.get(name));
        asked.push([of('startTime'), of('endTime'), of('limit')]);
        // Listed 250 days after the market began; one candle a day from then on.
        const rows: unknown[] = [];
        for (let time = of('startTime'); time <= of('endTime') && rows.length < of('limit'); time += DAY) {
          if (time >= began + 250 * DAY) rows.push([time, ...COINM_KLINE_ROW.slice(1)]);
        }
        json(response, rows);
      },
      undefined,
      true,
    );
    const openTimes = async (...range: [number, number, number]): Promise<number[]> => {
      asked.length = 0;
      const answer = await server.candles(BTC_USD, '1d', ...range);
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value.map(({ openTime }) => openTime);
    };
    const whole = await openTimes(began + 240 * DAY, began + 700 * DAY, 1_000);
    expect(whole).toEqual(Array.from({ length: 450 }, (_, i) => began + (250 + i) * DAY));
    expect(asked.map(([from, to]) => (to + 1 - from) / DAY)).toEqual([200, 200, 60]);
    expect(await openTimes(0, began + 3_000 * DAY, 1)).toEqual([began + 250 * DAY]);
    expect(asked.map(([from]) => from)).toEqual([began, began + 200 * DAY]);
    expect(await server.candles(BTC_USD, '1s', began, began + DAY, 10)).toMatchObject({
      ok: false,
      error: { code: 'VENUE_REFUSED' },
    });
  });

  it('knows the symbols of a market only where it has addresses', async () => {
    const data = await venue((_, response) => json(response, EXCHANGE_INFO));
    expect(await data.instruments(['ETH/USDT', 'ETH/USDT:USDT', 'BTC/USD:BTC'])).toMatchObject({
      ok: false,
      error: { code: 'VENUE_UNKNOWN_SYMBOL', message: expect.stringContaining('BTC/USD:BTC') as string },
    });
  });

  it('refuses candles that are out of order, out of range or no candles', async () => {
    for (const rows of [[KLINE_ROW, KLINE_ROW], [[1, ...KLINE_ROW.slice(1)]], [['x']], { code: 1 }]) {
      const data = await venue((_, response) => json(response, rows));
      expect(await data.candles(ETH, '1m', 1723161240000, 1723161360000, 10)).toMatchObject({
        ok: false,
        error: { code: 'VENUE_BAD_ANSWER' },
      });
    }
  });

  it('names the symbols that the venue does not list', async () => {
    const known = new Set(['ETHUSDT', 'BTCUSDT']);
    const data = await venue((request, response) => {
      const names = JSON.parse(request.searchParams.get('symbols') ?? '[]') as string[];
      if (names.every((name) => known.has(name))) json(response, EXCHANGE_INFO);
      else json(response, { code: -1121, msg: 'Invalid symbol.' }, 400);
    });
    expect(await data.instruments(['ETH/USDT', 'BTC/USDT'])).toMatchObject({
      ok: true,
      value: [{ symbol: 'ETH/USDT' }, { symbol: 'BTC/USDT' }],
    });
    const failed = await data.instruments(['ETH/USDT', 'XXX/USDT']);
    expect(failed).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL', retryable: false } });
    expect(!failed.ok && failed.error.message).toMatch(/XXX\/USDT/);
    expect(!failed.ok && failed.error.message).not.toMatch(/ETH/);
    expect(await data.instruments(['ETH/USDT:USDT'])).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
  });

  it('stays away for as long as a 429 or 418 says', async () => {
    for (const status of [429, 418]) {
      const wall = new ManualClock(1_000_000);
      let requests = 0;
      const data = await venue((_, response) => {
        requests++;
        if (requests === 1) json(response, {}, status, { 'retry-after': '7' });
        else json(response, { serverTime: 5 });
      }, wall);
      expect(await data.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED', retryable: true } });
      wall.advanceBy(6_999);
      expect(await data.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
      expect(requests).toBe(1);
      wall.advanceBy(1);
      expect(await data.serverTime()).toEqual({ ok: true, value: 5 });
    }
  });

  it('tells refusals, outages, garbage and silence apart', async () => {
    const answer = (status: number, body: string): Promise<VenueMarketData> =>
      venue((_, response) => {
        response.writeHead(status);
        response.end(body);
      });
    expect(await (await answer(403, '<html>')).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_REFUSED', retryable: false },
    });
    expect(await (await answer(451, '{"code":0,"msg":"restricted location"}')).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_REFUSED' },
    });
    expect(await (await answer(503, 'busy')).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_UNREACHABLE', retryable: true },
    });
    expect(await (await answer(200, '{"serverTime":')).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_BAD_ANSWER' },
    });

    const wall = new ManualClock(0);
    const silent = await venue(() => wall.advanceBy(1_000), wall);
    expect(await silent.serverTime()).toMatchObject({ ok: false, error: { code: 'VENUE_TIMEOUT', retryable: true } });
    // Port 1 of loopback: nobody listens.
    expect(await dataAt('http://127.0.0.1:1', wall).serverTime()).toMatchObject({
      ok: false,
      error: { code: 'VENUE_UNREACHABLE', retryable: true },
    });
  });
});
