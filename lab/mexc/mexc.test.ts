import { afterEach, describe, expect, it } from 'vitest';
import { type Json, LabBench, START_AT } from '../fixtures/lab-bench.ts';
import { ProtoWriter } from './proto-writer.ts';

let bench: LabBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const DEPTH = 'spot@public.aggre.depth.v3.api.pb@100ms@ETHUSDT';
const DEALS = 'spot@public.aggre.deals.v3.api.pb@100ms@ETHUSDT';

/** A plain reading of protobuf, field by field: numbers as they are, everything else as bytes. */
function fieldsOf(bytes: Buffer): [field: number, value: number | Buffer][] {
  const found: [number, number | Buffer][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) found.push([Math.floor(tag / 8), varint()]);
    else {
      expect(tag % 8).toBe(2);
      const length = varint();
      found.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}

const all = (bytes: Buffer, field: number): Buffer[] =>
  fieldsOf(bytes).flatMap(([number, value]) => (number === field && typeof value !== 'number' ? [value] : []));
const text = (bytes: Buffer, field: number): string => String(all(bytes, field)[0] ?? '');
const int = (bytes: Buffer, field: number): number => fieldsOf(bytes).find(([number]) => number === field)?.[1] as number;

/** The bodies of a channel's frames. */
function bodies(frames: readonly Buffer[], channel: string, body: number): Buffer[] {
  return frames.flatMap((frame) => (frame[0] === 0x0a && text(frame, 1) === channel ? all(frame, body) : []));
}

describe('ProtoWriter', () => {
  it('writes what a frame of the documented fields is in bytes', () => {
    const item = new ProtoWriter().text(1, '100.1').text(2, '0.2').int(3, 1).int(4, 1_710_000_000_001);
    const body = new ProtoWriter().message(1, item);
    const frame = new ProtoWriter().text(1, 'c').text(3, 'BTCUSDT').int(6, 1_710_000_000_000).message(314, body).take();
    expect(frame.toString('hex')).toBe(
      '0a01631a074254435553445430' +
        '8098c59fe231' +
        'd213' +
        '17' +
        '0a15' +
        '0a053130302e31' +
        '1203302e32' +
        '1801' +
        '208198c59fe231',
    );
  });

  it('grows, and keeps long lengths', () => {
    const long = 'x'.repeat(70_000);
    const [field] = fieldsOf(new ProtoWriter().text(7, long).take());
    expect(field?.[0]).toBe(7);
    expect(String(field?.[1])).toBe(long);
  });
});

describe('MEXC over HTTP', () => {
  it('answers as MEXC does', async () => {
    bench = await new LabBench().open();
    expect((await bench.get('/mexc/api/v3/time')).body).toEqual({ serverTime: START_AT });
    const info = (await bench.get('/mexc/api/v3/exchangeInfo?symbol=ETHUSDT')).body['symbols'];
    expect(info).toEqual([
      expect.objectContaining({
        symbol: 'ETHUSDT',
        status: '1',
        baseAsset: 'ETH',
        quoteAsset: 'USDT',
        baseAssetPrecision: 5,
        quotePrecision: 2,
        isSpotTradingAllowed: true,
      }),
    ]);
    expect(await bench.get('/mexc/api/v3/depth?symbol=DOGEUSDT')).toMatchObject({ status: 400, body: { code: -1121 } });
    const hours = await bench.get('/mexc/api/v3/klines?symbol=ETHUSDT&interval=1h');
    expect(hours.status).toBe(400);
    const rows = (await bench.get(`/mexc/api/v3/klines?symbol=ETHUSDT&interval=1m&startTime=${START_AT - 120_000}&limit=2`))
      .body as unknown as unknown[][];
    expect(rows.map(([open, , , , , , close]) => [open, close])).toEqual([
      [START_AT - 120_000, START_AT - 60_000],
      [START_AT - 60_000, START_AT],
    ]);
    const trades = (await bench.get('/mexc/api/v3/trades?symbol=ETHUSDT&limit=5')).body as unknown as Json[];
    expect(trades).toHaveLength(5);
    expect(trades[0]).toMatchObject({ id: null, isBestMatch: true });
    expect(trades[0]?.['time']).toBeGreaterThanOrEqual(trades[4]?.['time'] as number);
  });
});

describe('MEXC streams', () => {
  it('carry depth whose versions follow on from the REST book, and every deal, in protobuf', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/mexc/ws');
    client.send({ method: 'SUBSCRIPTION', params: [DEPTH, DEALS] });
    await client.until(() => client.frames.length === 1);
    expect(client.messages[0]).toEqual({ id: 0, code: 0, msg: `${DEPTH},${DEALS}` });
    bench.wall.advanceBy(450);
    const snapshot = (await bench.get('/mexc/api/v3/depth?symbol=ETHUSDT&limit=5000')).body as unknown as {
      lastUpdateId: number;
      bids: [string, string][];
      asks: [string, string][];
    };
    bench.wall.advanceBy(20_000 - 450);
    const end = (await bench.get('/mexc/api/v3/depth?symbol=ETHUSDT&limit=5000')).body as unknown as typeof snapshot;
    const updates = (): Buffer[] => bodies(client.frames, DEPTH, 313);
    await client.until(() => text(updates().at(-1) ?? Buffer.alloc(0), 5) === String(end.lastUpdateId));
    const sides = { bids: new Map(snapshot.bids), asks: new Map(snapshot.asks) };
    let version = snapshot.lastUpdateId;
    for (const update of updates()) {
      const [from, to] = [Number(text(update, 4)), Number(text(update, 5))];
      if (to <= snapshot.lastUpdateId) continue;
      if (version === snapshot.lastUpdateId) expect(from).toBeLessThanOrEqual(version + 1);
      else expect(from).toBe(version + 1);
      version = to;
      for (const [side, field] of [['asks', 1] as const, ['bids', 2] as const]) {
        for (const item of all(update, field)) {
          if (text(item, 2) === '0') sides[side].delete(text(item, 1));
          else sides[side].set(text(item, 1), text(item, 2));
        }
      }
    }
    const sorted = (levels: Map<string, string>, sign: number): [string, string][] =>
      [...levels].sort((x, y) => sign * (Number(x[0]) - Number(y[0])));
    expect(sorted(sides.bids, -1)).toEqual(end.bids);
    expect(sorted(sides.asks, 1)).toEqual(end.asks);
    const deals = bodies(client.frames, DEALS, 314).flatMap((body) => all(body, 1));
    const rest = ((await bench.get('/mexc/api/v3/trades?symbol=ETHUSDT&limit=1000')).body as unknown as Json[])
      .filter(({ time }) => (time as number) > START_AT)
      .reverse();
    expect(deals.length).toBeGreaterThan(5);
    expect(deals.map((deal) => [int(deal, 4), text(deal, 1), text(deal, 2), int(deal, 3)])).toEqual(
      rest.map(({ time, price, qty, isBuyerMaker }) => [time, price, qty, isBuyerMaker === true ? 2 : 1]),
    );
  });

  it('answer pings, say in words what they refuse, and cut off who says nothing for a minute', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/mexc/ws');
    client.send({ method: 'PING' });
    client.send({ method: 'SUBSCRIPTION', params: ['spot@public.aggre.depth.v3.api.pb@100ms@DOGEUSDT'] });
    await client.until(() => client.messages.length === 2);
    expect(client.messages[0]).toEqual({ id: 0, code: 0, msg: 'PONG' });
    expect(client.messages[1]).toMatchObject({ code: 0, msg: expect.stringMatching(/^Not Subscribed.*DOGEUSDT/) });
    bench.wall.advanceBy(130_000);
    expect(await client.closed).toBe(1006);
  });
});
