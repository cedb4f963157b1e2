import { afterEach, describe, expect, it } from 'vitest';
import { type Json, LabBench, START_AT } from '../fixtures/lab-bench.ts';
import { blackPrice, listedOptions, optionNamed, optionQuote } from './options.ts';

const DAY_MS = 86_400_000;

interface Quote {
  readonly instrument_name: string;
  readonly timestamp: number;
  readonly best_bid_price: number;
  readonly best_bid_amount: number;
  readonly best_ask_price: number;
  readonly best_ask_amount: number;
}

describe('Black’s price', () => {
  it('is that of the textbooks', () => {
    // J. Hull, "Options, Futures, and Other Derivatives", ch. 17: F 20, K 20, 4 months, 25 %, without the discount of 9 %.
    expect(blackPrice(20, 20, 4 / 12, 0.25, false) * Math.exp((-0.09 * 4) / 12)).toBeCloseTo(1.12, 2);
    expect(blackPrice(100, 100, 1, 0.2, true)).toBeCloseTo(7.9656, 3);
    expect(blackPrice(100, 90, 0, 0.2, true)).toBe(10);
    expect(blackPrice(100, 90, 0, 0.2, false)).toBe(0);
  });

  it('keeps put-call parity, and rises with time', () => {
    for (const strike of [60, 95, 100, 140]) {
      let before = 0;
      for (const years of [0.01, 0.1, 0.5, 2]) {
        const call = blackPrice(100, strike, years, 0.8, true);
        expect(call - blackPrice(100, strike, years, 0.8, false)).toBeCloseTo(100 - strike, 4);
        expect(call).toBeGreaterThan(before);
        before = call;
      }
    }
  });
});

describe('the listed options', () => {
  it('expire on the next four Fridays at 08:00 UTC, around the price', () => {
    const listed = listedOptions('BTC', START_AT, 7_520);
    const expiries = [...new Set(listed.map(({ expiresAt }) => expiresAt))];
    expect(expiries.map((time) => new Date(time).toUTCString().slice(0, 22))).toEqual([
      'Fri, 01 May 2020 08:00',
      'Fri, 08 May 2020 08:00',
      'Fri, 15 May 2020 08:00',
      'Fri, 22 May 2020 08:00',
    ]);
    const strikes = [...new Set(listed.map(({ strike }) => strike))];
    expect([strikes[0], strikes.at(-1), strikes.length]).toEqual([5_500, 9_500, 9]);
    expect(listed[0]?.name).toBe('BTC-1MAY20-5500-C');
    for (const option of listed) expect(optionNamed(option.name, START_AT)).toEqual(option);
    expect(optionNamed('BTC-1MAY20-3000-P', START_AT), 'the price has left it').toBeDefined();
    for (const none of ['BTC-1MAY20-5501-C', 'BTC-2MAY20-5500-C', 'DOGE-1MAY20-10-C', 'BTC-PERPETUAL']) {
      expect(optionNamed(none, START_AT), none).toBeUndefined();
    }
    expect(optionNamed('BTC-1MAY20-5500-C', Date.UTC(2020, 4, 1, 8)), 'it has expired').toBeUndefined();
  });

  it('are quoted around their price, on the grid, never crossed', () => {
    for (const option of listedOptions('ETH', START_AT, 193.4)) {
      const quote = JSON.parse(optionQuote(option, START_AT, START_AT, 193.4)) as Quote;
      const years = (option.expiresAt - START_AT) / (365 * DAY_MS);
      const fair = blackPrice(193.4, option.strike, years, 0.8, option.call) / 193.4;
      expect(quote.best_bid_price).toBeLessThan(fair);
      expect(quote.best_ask_price).toBeGreaterThan(fair);
      expect(quote.best_ask_price - quote.best_bid_price).toBeLessThanOrEqual(2 * Math.max(0.00025, 0.015 * fair) + 0.001 + 1e-9);
      for (const price of [quote.best_bid_price, quote.best_ask_price]) {
        expect(Math.abs(price / 0.0005 - Math.round(price / 0.0005))).toBeLessThan(1e-9);
      }
      expect(quote.best_bid_amount > 0).toBe(quote.best_bid_price > 0);
      expect(quote.best_ask_amount).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('Deribit’s quotes', () => {
  let bench: LabBench;
  afterEach(() => bench.close());

  it('follow the perpetual, for it and for its options', async () => {
    bench = await new LabBench().open();
    const rest = '/deribit/api/v2/public';
    const listed = (await bench.get(`${rest}/get_instruments?currency=ETH&kind=option`)).body['result'] as Json[];
    const [call] = listed as [{ instrument_name: string; strike: number }];
    expect(call).toMatchObject({ kind: 'option', option_type: 'call', is_active: true, base_currency: 'ETH' });
    const names = ['quote.ETH-PERPETUAL', `quote.${call.instrument_name}`];
    const client = await bench.connect('/deribit/ws/api/v2');
    client.send({ jsonrpc: '2.0', id: 1, method: 'public/subscribe', params: { channels: [...names, 'quote.ETH-1MAY20-7-C'] } });
    const told = (name: string): Quote[] =>
      client.messages
        .map(({ params }) => params as { channel: string; data: Quote } | undefined)
        .flatMap((params) => (params?.channel === name ? [params.data] : []));
    await client.until(() => names.every((name) => told(name).length === 1));
    expect(client.messages[0]).toMatchObject({ id: 1, result: names });
    bench.wall.advanceBy(5_000);
    await client.until(() => names.every((name) => told(name).at(-1)?.timestamp === START_AT + 5_000));
    expect(told(names[1] as string).map(({ timestamp }) => timestamp - START_AT)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
    const book = (await bench.get(`${rest}/get_order_book?instrument_name=ETH-PERPETUAL`)).body['result'] as Quote;
    expect(told(names[0] as string).at(-1)).toMatchObject({
      best_bid_price: book.best_bid_price,
      best_ask_price: book.best_ask_price,
    });
  });
});
