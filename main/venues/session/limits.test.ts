import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { venueErrors } from './errors.ts';
import { HttpClient } from './http-client.ts';
import { RateLimiter, retryAfterMs } from './rate-limiter.ts';

describe('circuit breaker', () => {
  it('opens after five failures in a row, lets one request try after a while, and closes when that succeeds', () => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 4; i++) breaker.failed(0);
    breaker.succeeded();
    for (let i = 0; i < 4; i++) breaker.failed(0);
    expect([breaker.state(0), breaker.tryPass(0)]).toEqual(['closed', true]);
    breaker.failed(0);
    expect([breaker.state(0), breaker.tryPass(0), breaker.waitMs(500)]).toEqual(['open', false, 1_500]);
    expect(breaker.state(2_000)).toBe('half-open');
    expect([breaker.tryPass(2_000), breaker.tryPass(2_000)]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.state(2_000), breaker.tryPass(2_000), breaker.tryPass(2_000)]).toEqual(['closed', true, true]);
  });

  it('stays open for longer each time the try fails, up to a minute', () => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 5; i++) breaker.failed(0);
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 8; i++) {
      waits.push(breaker.waitMs(now));
      now += breaker.waitMs(now);
      expect(breaker.tryPass(now)).toBe(true);
      breaker.failed(now);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    now += 60_000;
    expect(breaker.tryPass(now)).toBe(true);
    breaker.abandoned();
    expect(breaker.tryPass(now)).toBe(true);
  });
});

describe('rate limiter', () => {
  it('lets half a minute’s weight go at once and queues the rest evenly', () => {
    const limiter = new RateLimiter(600);
    expect(limiter.reserve(300, 0, 0)).toBe(0);
    expect(limiter.reserve(10, 0, 5_000)).toBe(1_000);
    expect(limiter.reserve(10, 0, 5_000)).toBe(2_000);
    expect(limiter.reserve(100, 0, 5_000)).toBeUndefined();
    expect(limiter.reserve(10, 2_000, 5_000)).toBe(1_000);
    expect(limiter.reserve(300, 1_000_000, 0)).toBe(0);
  });

  it('never grants more than half a minute’s weight plus what has refilled, however it is asked', () => {
    const limiter = new RateLimiter(6_000);
    let granted = 0;
    for (let now = 0; now < 60_000; now += 7) {
      while (limiter.reserve(17, now, 0) === 0) granted += 17;
      expect(granted).toBeLessThanOrEqual(3_000 + now * 0.1 + 1e-6);
    }
    expect(granted).toBeGreaterThan(8_900);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.UTC(2024, 7, 9);
    expect(retryAfterMs('7', now)).toBe(7_000);
    expect(retryAfterMs('Fri, 09 Aug 2024 00:00:30 GMT', now)).toBe(30_000);
    for (const none of [null, '', 'soon', '-5', '0']) expect(retryAfterMs(none, now)).toBe(10_000);
    expect(retryAfterMs('99999999', now)).toBe(3 * 24 * 3_600_000);
  });
});

describe('HTTP client', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('leaves a failing endpoint alone, and only that one', async () => {
    let asked = 0;
    let healthy = false;
    server = createServer((request, response) => {
      if (request.url === '/bad') asked++;
      response.writeHead(request.url === '/bad' && !healthy ? 500 : 200);
      response.end('{}');
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const wall = new ManualClock(1_000_000);
    const http = new HttpClient({
      restUrl: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
      timeoutMs: 1_000,
      wall,
      errors: venueErrors('Venue'),
      weightPerMinute: 6_000,
    });
    for (let i = 0; i < 8; i++) expect(await http.get('/bad')).toMatchObject({ ok: false, error: { retryable: true } });
    expect([asked, http.breakerState('/bad')]).toEqual([5, 'open']);
    expect(await http.get('/good')).toEqual({ ok: true, value: {} });
    wall.advanceBy(2_000);
    healthy = true;
    expect(http.breakerState('/bad')).toBe('half-open');
    expect(await http.get('/bad')).toEqual({ ok: true, value: {} });
    expect([asked, http.breakerState('/bad')]).toEqual([6, 'closed']);
  });

  it('waits for its own limit before it asks, and gives up waiting when the session is closed', async () => {
    const wall = new ManualClock(0);
    let asked = 0;
    const http = new HttpClient({
      restUrl: 'http://rest.example',
      timeoutMs: 1_000,
      wall,
      errors: venueErrors('Venue'),
      weightPerMinute: 60,
      fetch: () => {
        asked++;
        return Promise.resolve(new Response('{}'));
      },
    });
    await http.get('/', {}, { weight: 30 });
    const waiting = http.get('/', {}, { weight: 5 });
    const closed = new AbortController();
    const given = http.get('/', {}, { weight: 5, closed: closed.signal });
    closed.abort();
    expect(await given).toMatchObject({ ok: false, error: { code: 'VENUE_CLOSED' } });
    expect(await http.get('/', {}, { weight: 60 })).toMatchObject({ ok: false, error: { code: 'VENUE_RATE_LIMITED' } });
    expect(asked).toBe(1);
    wall.advanceBy(5_000);
    expect(await waiting).toEqual({ ok: true, value: {} });
    expect(asked).toBe(2);
  });
});
