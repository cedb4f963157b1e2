import { afterEach, describe, expect, it } from 'vitest';
import { type Json, LabBench, START_AT } from '../fixtures/lab-bench.ts';

let bench: LabBench;
afterEach(() => bench.close());

const REST = '/deribit/api/v2/public';
const BOOK = 'book.ETH-PERPETUAL.100ms';
const TRADES = 'trades.ETH-PERPETUAL.100ms';

interface BookData {
  readonly type: string;
  readonly timestamp: number;
  readonly change_id: number;
  readonly prev_change_id?: number;
  readonly bids: [string, number, number][];
  readonly asks: [string, number, number][];
}
interface TradeData {
  readonly trade_seq: number;
  readonly amount: number;
  readonly price: number;
  readonly timestamp: number;
}

function told<T>(messages: readonly Json[], channel: string): T[] {
  return messages
    .filter(({ method }) => method === 'subscription')
    .map(({ params }) => params as { channel: string; data: T })
    .filter((params) => params.channel === channel)
    .map(({ data }) => data);
}

describe('Deribit over HTTP', () => {
  it('answers as Deribit does', async () => {
    bench = await new LabBench().open();
    expect((await bench.get(`${REST}/get_time`)).body).toMatchObject({ jsonrpc: '2.0', result: START_AT, testnet: false });
    expect((await bench.get(`${REST}/get_instruments?currency=BTC&kind=future&expired=false`)).body['result']).toEqual([
      expect.objectContaining({
        instrument_name: 'BTC-PERPETUAL',
        instrument_type: 'reversed',
        settlement_period: 'perpetual',
        is_active: true,
        tick_size: 0.5,
        contract_size: 10,
        base_currency: 'BTC',
        quote_currency: 'USD',
        settlement_currency: 'BTC',
      }),
    ]);
    expect((await bench.get(`${REST}/get_instruments?currency=USDC&kind=future`)).body['result']).toEqual([]);
    const refused = await bench.get(`${REST}/get_order_book?instrument_name=DOGE-PERPETUAL`);
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: -32602, data: { reason: expect.stringContaining('instrument') } } },
    });
    expect((await bench.get(`${REST}/get_nothing`)).status).toBe(404);
  });

  it('gives candles in columns, and trades by their sequence with no hole, page by page', async () => {
    bench = await new LabBench().open();
    const from = START_AT - 5 * 60_000;
    const chart = (
      await bench.get(
        `${REST}/get_tradingview_chart_data?instrument_name=ETH-PERPETUAL&start_timestamp=${from}&end_timestamp=${START_AT - 1}&resolution=1`,
      )
    ).body['result'] as Record<string, number[]>;
    expect(chart).toMatchObject({ status: 'ok', ticks: [0, 1, 2, 3, 4].map((i) => from + i * 60_000) });
    chart['ticks']?.forEach((_, i) => {
      const [low, high, volume, cost] = ['low', 'high', 'volume', 'cost'].map((name) => chart[name]?.[i] as number) as [
        number,
        number,
        number,
        number,
      ];
      // Base volume is what the USD bought within the candle's range.
      if (volume > 0) expect(cost / volume).toBeGreaterThanOrEqual(low - 1e-6);
      if (volume > 0) expect(cost / volume).toBeLessThanOrEqual(high + 1e-6);
    });
    const path = `${REST}/get_last_trades_by_instrument?instrument_name=ETH-PERPETUAL`;
    const page = async (query: string): Promise<{ trades: TradeData[]; has_more: boolean }> =>
      (await bench.get(`${path}&${query}`)).body['result'] as { trades: TradeData[]; has_more: boolean };
    const last = (await page('count=1&sorting=desc')).trades[0]?.trade_seq as number;
    const first = await page(`start_seq=${last - 29}&count=20&sorting=asc`);
    expect(first.has_more).toBe(true);
    expect(first.trades.map(({ trade_seq }) => trade_seq)).toEqual(Array.from({ length: 20 }, (_, i) => last - 29 + i));
    const second = await page(`start_seq=${last - 9}&count=20&sorting=asc`);
    expect(second.has_more).toBe(false);
    expect(second.trades.map(({ trade_seq }) => trade_seq)).toEqual(Array.from({ length: 10 }, (_, i) => last - 9 + i));
    expect(second.trades.every(({ timestamp, amount }) => timestamp <= START_AT && Number.isInteger(amount))).toBe(true);
  });
});

describe('Deribit channels', () => {
  it('chain a book by change_id from its snapshot on, and tell every trade', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/deribit/ws/api/v2');
    client.send({ jsonrpc: '2.0', id: 5, method: 'public/subscribe', params: { channels: [BOOK, TRADES, 'book.NO.100ms'] } });
    await client.until(() => told(client.messages, BOOK).length === 1);
    expect(client.messages[0]).toMatchObject({ jsonrpc: '2.0', id: 5, result: [BOOK, TRADES] });
    bench.wall.advanceBy(20_000);
    await client.until(() => told<BookData>(client.messages, BOOK).at(-1)?.timestamp === START_AT + 20_000);
    const [snapshot, ...changes] = told<BookData>(client.messages, BOOK) as [BookData, ...BookData[]];
    expect([snapshot.type, snapshot.timestamp, snapshot.prev_change_id]).toEqual(['snapshot', START_AT, undefined]);
    changes.reduce((previous, change) => {
      expect([change.type, change.prev_change_id]).toEqual(['change', previous]);
      return change.change_id;
    }, snapshot.change_id);
    const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    for (const message of [snapshot, ...changes]) {
      for (const side of ['bids', 'asks'] as const) {
        for (const [action, price, amount] of message[side]) {
          if (action === 'delete') sides[side].delete(price);
          else sides[side].set(price, amount);
        }
      }
    }
    const rest = (await bench.get(`${REST}/get_order_book?instrument_name=ETH-PERPETUAL&depth=10000`)).body['result'] as {
      bids: number[][];
      asks: number[][];
    };
    expect([...sides.bids].sort((x, y) => y[0] - x[0])).toEqual(rest.bids);
    expect([...sides.asks].sort((x, y) => x[0] - y[0])).toEqual(rest.asks);
    const trades = told<TradeData[]>(client.messages, TRADES).flat();
    expect(trades.length).toBeGreaterThan(5);
    expect(trades.every(({ trade_seq }, i) => i === 0 || trade_seq === (trades[i - 1] as TradeData).trade_seq + 1)).toBe(true);
  });

  it('ask for a sign of life at the interval that was set, and cut off who gives none', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/deribit/ws/api/v2');
    const asked = (): number =>
      client.messages.filter(({ method, params }) => method === 'heartbeat' && (params as Json)['type'] === 'test_request')
        .length;
    client.send({ jsonrpc: '2.0', id: 1, method: 'public/set_heartbeat', params: { interval: 5 } });
    client.send({ jsonrpc: '2.0', id: 2, method: 'public/set_heartbeat', params: { interval: 10 } });
    await client.until(() => client.messages.length === 2);
    expect(client.messages).toMatchObject([
      { id: 1, error: { code: -32602 } },
      { id: 2, result: 'ok' },
    ]);
    bench.wall.advanceBy(10_000);
    await client.until(() => asked() === 1);
    client.send({ jsonrpc: '2.0', id: 3, method: 'public/test', params: {} });
    await client.until(() => client.messages.some(({ id }) => id === 3));
    bench.wall.advanceBy(10_000);
    await client.until(() => asked() === 2);
    bench.wall.advanceBy(10_000);
    expect(await client.closed).toBe(1006);
  });

  it('refuse what Deribit would', async () => {
    bench = await new LabBench().open();
    const client = await bench.connect('/deribit/ws/api/v2');
    client.send({ jsonrpc: '2.0', id: 1, method: 'public/subscribe', params: { channels: ['book.BTC-PERPETUAL.raw'] } });
    client.send({ jsonrpc: '2.0', id: 2, method: 'private/buy', params: {} });
    await client.until(() => client.messages.length === 2);
    expect(client.messages).toMatchObject([
      { id: 1, error: { code: -32602 } },
      { id: 2, error: { code: -32601 } },
    ]);
    await expect(bench.connect('/deribit/ws')).rejects.toThrow('404');
  });
});
