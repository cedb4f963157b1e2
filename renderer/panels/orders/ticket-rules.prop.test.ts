import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderIntentSchema } from '../../../core/contracts/orders.ts';
import type { TicketDraft } from '../../stores/ticket.ts';
import { checkTicket, estimateTicket, isMultiple, plainDecimal, whyNotTraded } from './ticket-rules.ts';

const RULES = { symbol: 'ETH/USDT', tickSize: '0.01', lotSize: '0.0001', minNotional: '10', kind: 'spot' } as const;
const DRAFT: TicketDraft = { side: 'buy', type: 'limit', quantity: '0.5', limitPrice: '200.10', timeInForce: 'GTC' };

describe('isMultiple', () => {
  it('agrees with integer arithmetic on any count of steps', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        fc.integer({ min: 0, max: 8 }),
        fc.bigInt({ min: 1n, max: 500n }),
        (count, decimals, step) => {
          const text = decimalText(count, decimals);
          const stepText = decimalText(step, decimals);
          expect(isMultiple(text, stepText)).toBe(count % step === 0n);
        },
      ),
    );
  });

  it('is exact where floats are not', () => {
    expect(0.3 % 0.1).not.toBe(0);
    expect(isMultiple('0.3', '0.1')).toBe(true);
    expect(isMultiple('0.00010000000000001', '0.0001')).toBe(false);
    expect(isMultiple('.5', '0.10')).toBe(true);
  });
});

function decimalText(scaled: bigint, decimals: number): string {
  const digits = scaled.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

describe('whyNotTraded', () => {
  it('says so of what the risk gate refuses by its kind, and of nothing else', () => {
    expect(whyNotTraded(RULES)).toBeUndefined();
    expect(whyNotTraded({ ...RULES, symbol: 'ETH/USD:ETH', kind: 'inverse' })).toBe(
      'ETH/USD:ETH is an inverse contract: the paper account trades spot only.',
    );
    expect(whyNotTraded({ ...RULES, symbol: 'ETH/USDT:USDT', kind: 'linear' })).toMatch(/a linear contract/);
  });
});

describe('checkTicket', () => {
  it('lets through only what the contract takes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', ' ', '0', '.', '1', ' 2.50 ', '.5', '5.', '1e3', '-1', 'abc', '0.00001', '007'),
        fc.constantFrom('', '200', '200.10', '200.001', '.01', 'x'),
        fc.constantFrom('market' as const, 'limit' as const),
        fc.constantFrom('GTC' as const, 'IOC' as const, 'FOK' as const, 'POST_ONLY' as const),
        (quantity, limitPrice, type, timeInForce) => {
          const checked = checkTicket({ side: 'sell', type, quantity, limitPrice, timeInForce }, RULES);
          if (checked.ok) expect(orderIntentSchema.safeParse({ ...checked.intent, clientOrderId: 'desk-1' }).success).toBe(true);
          else expect(Object.keys(checked.problems).length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('says what is wrong where', () => {
    expect(checkTicket({ ...DRAFT, quantity: '', limitPrice: '200.001' }, RULES)).toEqual({
      ok: false,
      problems: { quantity: 'Enter a quantity.', limitPrice: 'The limit price must be a multiple of 0.01.' },
    });
    expect(checkTicket({ ...DRAFT, quantity: '0.00005' }, RULES)).toMatchObject({
      ok: false,
      problems: { quantity: expect.stringContaining('0.0001') },
    });
  });

  it('never rests a market order and needs no price for it', () => {
    expect(checkTicket({ ...DRAFT, type: 'market', limitPrice: 'nonsense' }, RULES)).toEqual({
      ok: true,
      intent: { symbol: 'ETH/USDT', side: 'buy', type: 'market', quantity: '0.5', timeInForce: 'IOC' },
    });
  });

  it('writes numbers plainly', () => {
    expect(['.5', '05.', '1.500', ' 2 ', '0.0'].map(plainDecimal)).toEqual(['0.5', '5', '1.5', '2', '0']);
  });
});

describe('estimateTicket', () => {
  const inputs = {
    bestBid: 199,
    bestAsk: 201,
    mid: 200,
    minNotional: '10',
    maxOrderNotional: '5000',
    maxPosition: '10000',
    priceCollarPct: 5,
    position: 0,
    quote: 'USDT',
  };

  it('prices a market order at the opposite side', () => {
    expect(estimateTicket({ ...DRAFT, type: 'market', quantity: '2' }, inputs)).toEqual({
      price: 201,
      notional: 402,
      warnings: [],
    });
    expect(estimateTicket({ ...DRAFT, type: 'market', side: 'sell', quantity: '2' }, inputs)?.price).toBe(199);
    expect(estimateTicket({ ...DRAFT, quantity: '' }, inputs)).toBeUndefined();
  });

  it('warns of every limit that it knows', () => {
    expect(estimateTicket({ ...DRAFT, quantity: '100', limitPrice: '220' }, inputs)?.warnings).toHaveLength(3);
    expect(estimateTicket({ ...DRAFT, quantity: '0.01' }, inputs)?.warnings).toEqual(["Below the venue's minimum of 10 USDT."]);
    // Reducing a position that is already too large is fine.
    expect(estimateTicket({ ...DRAFT, side: 'sell', quantity: '10' }, { ...inputs, position: 100 })?.warnings).toEqual([]);
  });
});
