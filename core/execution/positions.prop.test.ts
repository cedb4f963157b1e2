import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, mul } from '../base/decimal.ts';
import type { Fill } from '../contracts/orders.ts';
import { positionSchema } from '../contracts/orders.ts';
import { accountOf } from './account.ts';
import { applyFillToPosition, flatPosition, positionsFromFills, toPosition, unrealisedPnl } from './positions.ts';

/** Lots of 0.0001, prices in cents, fees in 10^-6 quote. */
const trade = fc.record({
  buy: fc.boolean(),
  lots: fc.oneof(fc.integer({ min: 1, max: 50_000 }), fc.constantFrom(1, 3, 7, 10)),
  cents: fc.integer({ min: 1, max: 5_000_000 }),
  feeMicros: fc.integer({ min: 0, max: 1_000_000 }),
});
type RandomTrade = typeof trade extends fc.Arbitrary<infer T> ? T : never;

function micros(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(7, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function fillOf({ buy, lots, cents, feeMicros }: RandomTrade, i: number): Fill {
  return {
    id: `f${i}`,
    orderId: 'o',
    symbol: 'ETH/USDT',
    side: buy ? 'buy' : 'sell',
    price: (cents / 100).toFixed(2),
    quantity: (lots / 10_000).toFixed(4),
    fee: micros(BigInt(feeMicros)),
    liquidity: 'taker',
    at: i,
  };
}

describe('positions', () => {
  it('realised + unrealised is the sum of cash flows plus the mark of what is held, to the last decimal', () => {
    let flips = 0;
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 40 }), fc.integer({ min: 1, max: 5_000_000 }), (trades, markCents) => {
        let cash = 0n;
        let lots = 0n;
        let position = flatPosition('ETH/USDT');
        for (const [i, random] of trades.entries()) {
          position = applyFillToPosition(position, fillOf(random, i));
          const signed = BigInt(random.buy ? random.lots : -random.lots);
          if (lots !== 0n && lots > 0n !== lots + signed > 0n && lots + signed !== 0n) flips++;
          lots += signed;
          cash -= signed * BigInt(random.cents) + BigInt(random.feeMicros);
          expect(mul(position.quantity, '10000')).toBe(lots.toString());
          const total = add(position.realised, unrealisedPnl(position, (markCents / 100).toFixed(2)));
          expect(mul(total, '1000000')).toBe((cash + lots * BigInt(markCents)).toString());
          if (lots === 0n) {
            expect(mul(position.realised, '1000000')).toBe(cash.toString());
            expect(position.cost).toBe('0');
          } else expect(Number(toPosition(position).averagePrice)).toBeGreaterThan(0);
          expect(positionSchema.safeParse(toPosition(position)).success).toBe(true);
        }
      }),
    );
    expect(flips).toBeGreaterThan(0);
  });

  it('keeps the average price on a partial close and takes the fill price after a flip', () => {
    const fill = (side: 'buy' | 'sell', quantity: string, price: string, fee = '0'): Fill => ({
      id: 'f',
      orderId: 'o',
      symbol: 'ETH/USDT',
      side,
      price,
      quantity,
      fee,
      liquidity: 'taker',
      at: 0,
    });
    const steps = [
      fill('buy', '1', '100', '0.1'),
      fill('buy', '1', '110'),
      fill('sell', '0.5', '120', '0.06'),
      fill('sell', '2.5', '90'),
      fill('buy', '1', '80'),
    ];
    const seen = steps.map((_, i) => toPosition(positionsFromFills(steps.slice(0, i + 1)).get('ETH/USDT') ?? flatPosition('')));
    expect(seen.map(({ quantity, averagePrice, realisedPnl }) => [quantity, averagePrice, realisedPnl])).toEqual([
      ['1', '100', '-0.1'],
      ['2', '105', '-0.1'],
      ['1.5', '105', '7.34'],
      ['-1', '90', '-15.16'],
      ['0', '0', '-5.16'],
    ]);
  });

  it('marks the account, and says nothing about equity without a mark', () => {
    const fill: Fill = {
      id: 'f',
      orderId: 'o',
      symbol: 'ETH/USDT',
      side: 'sell',
      price: '200',
      quantity: '2',
      fee: '0.4',
      liquidity: 'maker',
      at: 0,
    };
    const input = {
      currency: 'USDT',
      startingBalance: '10000',
      positions: [...positionsFromFills([fill]).values()],
      killSwitch: { engaged: false, reason: '' },
    };
    const marked = accountOf({ ...input, markOf: () => '190.5' });
    expect(marked).toMatchObject({ balance: '9999.6', unrealisedPnl: '19', equity: '10018.6' });
    expect(marked.positions[0]).toMatchObject({ quantity: '-2', averagePrice: '200', mark: '190.5', unrealisedPnl: '19' });
    const unmarked = accountOf({ ...input, markOf: () => undefined });
    expect(unmarked.equity).toBeUndefined();
    expect(unmarked.positions[0]?.mark).toBeUndefined();
  });
});
