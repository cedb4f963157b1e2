import { afterEach, describe, expect, it } from 'vitest';
import { LabBench, START_AT } from '../fixtures/lab-bench.ts';

let bench: LabBench;
afterEach(() => bench.close());

const TIME = '/bybit/v5/market/time';

describe('faults of REST', () => {
  it('refuse with Retry-After for as long as they last, and only at the venue that they name', async () => {
    bench = await new LabBench(['bybit:429@10s for 30s', '418@60s for 10s', '500@90s for 5s']).open();
    expect((await bench.get(TIME)).status).toBe(200);
    bench.wall.advanceBy(15_000);
    const limited = await bench.get(TIME);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '25']);
    expect((await bench.get('/api/v3/time')).status).toBe(200);
    bench.wall.advanceBy(25_000);
    expect((await bench.get(TIME)).status).toBe(200);
    bench.wall.advanceBy(21_000);
    const banned = await bench.get('/api/v3/time');
    expect([banned.status, banned.headers.get('retry-after')]).toEqual([418, '9']);
    bench.wall.advanceBy(30_000);
    expect((await bench.get('/binance/api/v3/time')).status).toBe(503);
    bench.wall.advanceBy(5_000);
    expect((await bench.get('/binance/api/v3/time')).status).toBe(200);
  });

  it('keep an answer back while slow, and tell another time while skewed', async () => {
    bench = await new LabBench(['slow@0s by 3s for 10s', 'skew@20s by -4s for 10s']).open();
    let answered = false;
    const slow = bench.get(TIME).then((answer) => {
      answered = true;
      return answer;
    });
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    bench.wall.advanceBy(2_900);
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    while (!answered) {
      bench.wall.advanceBy(200);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect((await slow).status).toBe(200);
    bench.wall.advanceTo(1_000 + 25_000);
    expect((await bench.get(TIME)).body['time']).toBe(START_AT + 21_000);
    expect((await bench.get('/api/v3/time')).body).toEqual({ serverTime: START_AT + 21_000 });
  });
});

describe('timestamps', () => {
  it('count microseconds for a while', async () => {
    bench = await new LabBench(['micros@1s for 1s']).open();
    const client = await bench.connect('/stream?streams=ethusdt@depth@100ms');
    bench.wall.advanceBy(3_000);
    await client.until(() => client.messages.length >= 30);
    const times = client.messages.map(({ data }) => (data as { E: number }).E);
    expect(times.filter((time) => time > 1e15)).toHaveLength(10);
    expect(times.map((time) => (time > 1e15 ? time / 1_000 : time))).toEqual(times.map((_, i) => START_AT + 100 * (i + 1)));
  });
});
