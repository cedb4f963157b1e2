import { afterEach, describe, expect, it } from 'vitest';
import { type Json, LabBench, START_AT } from '../fixtures/lab-bench.ts';

let bench: LabBench;
afterEach(() => bench.close());

const BOOK = 'orderbook.200.ETHUSDT';

interface BookMessage {
  readonly topic: string;
  readonly type: string;
  readonly ts: number;
  readonly cts: number;
  readonly data: { readonly s: string; readonly b: [string, string][]; readonly a: [string, string][]; readonly u: number };
}

const books = (messages: readonly Json[]): BookMessage[] =>
  messages.filter(({ topic }) => topic === BOOK) as unknown as BookMessage[];
const list = (body: Json): Json[] => (body['result'] as { list: Json[] }).list;

describe('Bybit over HTTP', () => {
  it('answers as Bybit does', async () => {
    bench = await new LabBench().open();
    expect((await bench.get('/bybit/v5/market/time')).body).toEqual({
      retCode: 0,
      retMsg: 'OK',
      result: { timeSecond: String(START_AT / 1_000), timeNano: `${START_AT}000000` },
      retExtInfo: {},
      time: START_AT,
    });
    const info = (await bench.get('/bybit/v5/market/instruments-info?category=inverse&symbol=BTCUSD')).body;
    expect(list(info)).toEqual([
      expect.objectContaining({
        symbol: 'BTCUSD',
        contractType: 'InversePerpetual',
        status: 'Trading',
        baseCoin: 'BTC',
        quoteCoin: 'USD',
        settleCoin: 'BTC',
        priceFilter: expect.objectContaining({ tickSize: '0.5' }),
        lotSizeFilter: expect.objectContaining({ qtyStep: '1', minOrderQty: '1' }),
      }),
    ]);
    expect((await bench.get('/bybit/v5/market/instruments-info?category=spot&symbol=DOGEUSDT')).body).toMatchObject({
      retCode: 10001,
      retMsg: 'Not supported symbols',
    });
  });

  it('gives candles and trades newest first, and of too long a range the newest', async () => {
    bench = await new LabBench().open();
    const query = 'category=spot&symbol=ETHUSDT';
    const start = START_AT - 20 * 60_000;
    const klines = (await bench.get(`/bybit/v5/market/kline?${query}&interval=1&start=${start}&end=${START_AT - 1}&limit=5`))
      .body;
    const rows = list(klines) as unknown as string[][];
    expect(rows.map(([time]) => Number(time))).toEqual([1, 2, 3, 4, 5].map((i) => START_AT - i * 60_000));
    expect(rows[0]).toHaveLength(7);
    bench.wall.advanceBy(30_000);
    const trades = list((await bench.get(`/bybit/v5/market/recent-trade?${query}&limit=1000`)).body);
    expect(trades).toHaveLength(60);
    const ids = trades.map(({ execId }) => BigInt(execId as string));
    expect(ids.every((id, i) => i === 0 || id === (ids[i - 1] as bigint) - 1n)).toBe(true);
  });
});

describe('Bybit streams', () => {
  it('begin a book with a snapshot and go on with deltas that count up by one', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/bybit/v5/public/spot');
    client.send({ op: 'subscribe', args: [BOOK, 'publicTrade.ETHUSDT', 'kline.1.ETHUSDT'], req_id: '7' });
    await client.until(() => books(client.messages).length === 1);
    expect(client.messages[0]).toMatchObject({ success: true, op: 'subscribe', req_id: '7' });
    bench.wall.advanceBy(5_000);
    await client.until(() => books(client.messages).at(-1)?.cts === START_AT + 5_000);
    const [snapshot, ...deltas] = books(client.messages) as [BookMessage, ...BookMessage[]];
    expect([snapshot.type, snapshot.data.s, snapshot.cts]).toEqual(['snapshot', 'ETHUSDT', START_AT]);
    expect(deltas.map(({ type, data }) => [type, data.u])).toEqual(deltas.map((_, i) => ['delta', snapshot.data.u + 1 + i]));
    const sides = { b: new Map(snapshot.data.b), a: new Map(snapshot.data.a) };
    for (const { data } of deltas) {
      for (const side of ['b', 'a'] as const) {
        for (const [price, size] of data[side]) {
          if (size === '0') sides[side].delete(price);
          else sides[side].set(price, size);
        }
      }
    }
    const rest = (await bench.get('/bybit/v5/market/orderbook?category=spot&symbol=ETHUSDT&limit=200')).body['result'] as {
      b: [string, string][];
      a: [string, string][];
    };
    const sorted = (levels: Map<string, string>, sign: number): [string, string][] =>
      [...levels].sort((x, y) => sign * (Number(x[0]) - Number(y[0])));
    expect(sorted(sides.b, -1)).toEqual(rest.b);
    expect(sorted(sides.a, 1)).toEqual(rest.a);
  });

  it('cost nothing and begin above where they were when nobody has listened for a while', async () => {
    bench = await new LabBench().open();
    const first = await bench.connect('/bybit/v5/public/spot');
    first.send({ op: 'subscribe', args: [BOOK] });
    await first.until(() => books(first.messages).length === 1);
    bench.wall.advanceBy(2_000);
    await first.until(() => books(first.messages).length >= 20);
    const last = books(first.messages).at(-1) as BookMessage;
    first.socket.close();
    await first.closed;
    for (let i = 0; i < 40; i++) {
      bench.wall.advanceBy(1_000);
      await bench.get('/bybit/v5/market/time');
    }
    expect(bench.lab.playing('bybit')).toEqual([]);
    const second = await bench.connect('/bybit/v5/public/spot');
    second.send({ op: 'subscribe', args: [BOOK] });
    await second.until(() => books(second.messages).length === 1);
    expect(books(second.messages)[0]?.data.u).toBeGreaterThan(last.data.u);
    expect(bench.lab.playing('bybit')).toEqual(['bybit:spot:ETHUSDT']);
  });

  it('answer pings, and refuse what Bybit would', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/bybit/v5/public/inverse');
    client.send({ op: 'ping', req_id: '1' });
    client.send({ op: 'subscribe', args: ['orderbook.200.ETHUSDT'] });
    await client.until(() => client.messages.length === 2);
    expect(client.messages).toMatchObject([
      { success: true, ret_msg: 'pong', op: 'ping', req_id: '1' },
      { success: false, op: 'subscribe', ret_msg: expect.stringContaining('orderbook.200.ETHUSDT') },
    ]);
    await expect(bench.connect('/bybit/v5/public/option')).rejects.toThrow('404');
    await expect(bench.connect('/nasdaq/v5')).rejects.toThrow('404');
  });
});
