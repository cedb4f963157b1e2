import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { backoffMs } from './backoff.ts';
import { LatencyWindow, RateMeter } from './health.ts';
import { StreamSocket } from './stream-socket.ts';

let socket: StreamSocket | undefined;
afterEach(async () => socket?.close());

describe('back-off', () => {
  it('doubles up to half a minute, half of it random', () => {
    const lowest = { next: () => 0 };
    const highest = { next: () => 1 - Number.EPSILON };
    expect([0, 1, 2, 5, 6, 7, 100].map((attempt) => backoffMs(attempt, lowest))).toEqual([
      250, 500, 1000, 8000, 15000, 15000, 15000,
    ]);
    expect(backoffMs(0, highest)).toBeCloseTo(500, 6);
    expect(backoffMs(100, highest)).toBeCloseTo(30000, 6);
  });
});

describe('StreamSocket', () => {
  it('waits as long as a refused handshake says, longer than its own back-off', async () => {
    const server = createServer();
    let upgrades = 0;
    server.on('upgrade', (_request, stream) => {
      upgrades++;
      stream.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wall = new ManualClock(0);
    const lost: [string, number][] = [];
    socket = new StreamSocket({
      address: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      wall,
      rng: new SplitMix32(1),
      connectTimeoutMs: 5_000,
      onOpen: () => undefined,
      onMessage: () => undefined,
      onLost: (reason, retryInMs) => lost.push([reason, retryInMs]),
    });
    await vi.waitFor(() => expect(lost).toHaveLength(1), { timeout: 60_000 });
    expect(lost[0]).toEqual(['the venue refused the connection (HTTP 429)', 60_000]);
    wall.advanceBy(59_999);
    expect(upgrades).toBe(1);
    wall.advanceBy(1);
    await vi.waitFor(() => expect(upgrades).toBe(2), { timeout: 60_000 });
    server.closeAllConnections();
    server.close();
  });

  it('gives up a handshake that does not end', async () => {
    const server = createServer();
    const upgraded = vi.fn();
    server.on('upgrade', upgraded);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wall = new ManualClock(0);
    const lost: string[] = [];
    socket = new StreamSocket({
      address: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      wall,
      rng: new SplitMix32(1),
      connectTimeoutMs: 5_000,
      onOpen: () => undefined,
      onMessage: () => undefined,
      onLost: (reason) => lost.push(reason),
    });
    await vi.waitFor(() => expect(upgraded).toHaveBeenCalledTimes(1), { timeout: 60_000 });
    wall.advanceBy(5_000);
    expect(lost).toEqual(['no connection within 5000 ms']);
    expect(socket.state).toBe('reconnecting');
    await socket.close();
    expect(socket.state).toBe('closed');
    server.closeAllConnections();
    server.close();
  });
});

describe('health figures', () => {
  it('count messages of the last whole seconds', () => {
    const rate = new RateMeter();
    expect(rate.perSecond(10_000)).toBe(0);
    for (let ms = 10_000; ms < 13_000; ms += 100) rate.add(ms);
    expect(rate.perSecond(12_999)).toBe(10);
    expect(rate.perSecond(13_500)).toBe(10);
    expect(rate.perSecond(20_500)).toBeLessThan(10);
    expect(rate.perSecond(60_000)).toBe(0);
  });

  it('take the median of the newest latencies', () => {
    const latency = new LatencyWindow();
    expect(latency.p50).toBeUndefined();
    for (const value of [30, -1270, 10, 20, 1000]) latency.add(value);
    expect(latency.p50).toBe(20);
    expect(latency.p99).toBe(1000);
    for (let i = 0; i < 256; i++) latency.add(5);
    expect(latency.p50).toBe(5);
    latency.clear();
    expect(latency.p99).toBeUndefined();
    latency.add(7);
    expect([latency.p50, latency.p99]).toEqual([7, 7]);
  });
});
