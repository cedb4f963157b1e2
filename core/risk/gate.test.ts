import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { abs, add, compare, mul, sub } from '../base/decimal.ts';
import type { OrderIntent } from '../contracts/orders.ts';
import type { Instrument } from '../market/instrument.ts';
import type { RiskCode, RiskContext, RiskLimits } from './gate.ts';
import { checkRisk, reach } from './gate.ts';

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '10',
  contractMultiplier: '1',
};
const LIMITS: RiskLimits = { maxOrderNotional: '5000', maxPosition: '10000', maxOpenOrders: 20, priceCollarPct: '5' };
const CALM: RiskContext = {
  instrument: ETH,
  mid: '200',
  killSwitch: { engaged: false, reason: '' },
  position: '0',
  openBuys: '0',
  openSells: '0',
  openOrders: 0,
  equity: '10000',
  exposureElsewhere: '0',
  takerFee: '0.001',
};

function limit(side: 'buy' | 'sell', quantity: string, limitPrice: string): OrderIntent {
  return { clientOrderId: 'c', symbol: 'ETH/USDT', side, type: 'limit', quantity, limitPrice, timeInForce: 'GTC' };
}

function market(side: 'buy' | 'sell', quantity: string): OrderIntent {
  return { clientOrderId: 'c', symbol: 'ETH/USDT', side, type: 'market', quantity, timeInForce: 'IOC' };
}

describe('risk gate', () => {
  const refused: [RiskCode, OrderIntent, Partial<RiskContext>, string, string][] = [
    ['KILL_SWITCH', market('buy', '1'), { killSwitch: { engaged: true, reason: 'lunch' } }, 'released', 'engaged'],
    ['UNKNOWN_SYMBOL', market('buy', '1'), { instrument: undefined }, 'a configured symbol', 'ETH/USDT'],
    ['UNSUPPORTED_KIND', market('buy', '1'), { instrument: { ...ETH, kind: 'inverse' } }, 'spot', 'inverse'],
    ['UNSUPPORTED_TIME_IN_FORCE', { ...market('buy', '1'), timeInForce: 'POST_ONLY' }, {}, 'GTC, IOC or FOK', 'POST_ONLY'],
    ['NO_LIVE_BOOK', limit('buy', '1', '200'), { mid: undefined }, 'live', 'not live'],
    ['OFF_TICK', limit('buy', '1', '200.005'), {}, '0.01', '200.005'],
    ['OFF_LOT', market('buy', '1.00005'), {}, '0.0001', '1.00005'],
    ['BELOW_MIN_NOTIONAL', limit('buy', '0.0499', '200'), {}, '10', '9.98'],
    ['PRICE_COLLAR', limit('buy', '1', '210.01'), {}, '5', '5.01'],
    ['PRICE_COLLAR', limit('sell', '1', '189.99'), {}, '5', '5.01'],
    ['MAX_ORDER_NOTIONAL', market('sell', '25.0001'), {}, '5000', '5000.02'],
    ['MAX_ORDER_NOTIONAL', limit('sell', '25.0001', '190'), {}, '5000', '5000.02'],
    ['MAX_OPEN_ORDERS', market('buy', '1'), { openOrders: 20 }, '20', '20'],
    ['MAX_POSITION', market('buy', '10'), { position: '40', openBuys: '0.0001', equity: '99999' }, '10000', '10000.02'],
    ['MAX_POSITION', market('sell', '10'), { position: '-40', openSells: '0.0001', equity: '99999' }, '10000', '10000.02'],
    ['MAX_POSITION', market('sell', '25'), { position: '-26', equity: '99999' }, '10000', '10200'],
    ['INSUFFICIENT_BALANCE', market('buy', '1'), { equity: '200' }, '200', '200.2'],
    ['INSUFFICIENT_BALANCE', market('sell', '1'), { exposureElsewhere: '9800' }, '10000', '10000.2'],
  ];
  it.each(refused)('%s refuses and names the limit and what was found', (code, intent, change, limitValue, actualValue) => {
    const verdict = checkRisk(LIMITS, intent, { ...CALM, ...change });
    expect(verdict.ok ? undefined : verdict.error).toMatchObject({ code, limitValue, actualValue, retryable: false });
    expect(verdict.ok ? '' : verdict.error.message).toMatch(/\. .*\.$|\.$/);
  });

  it('passes exactly at each limit', () => {
    expect(checkRisk(LIMITS, limit('buy', '0.05', '200'), CALM).ok).toBe(true);
    expect(checkRisk(LIMITS, limit('buy', '1', '210'), CALM).ok).toBe(true);
    expect(checkRisk(LIMITS, limit('sell', '1', '190'), CALM).ok).toBe(true);
    expect(checkRisk(LIMITS, market('buy', '25'), CALM)).toMatchObject({ ok: true, value: { price: '200', notional: '5000' } });
    expect(checkRisk(LIMITS, market('buy', '10'), { ...CALM, position: '40', equity: '10002' }).ok).toBe(true);
    expect(checkRisk(LIMITS, market('buy', '1'), { ...CALM, openOrders: 19 }).ok).toBe(true);
  });

  it('lets a position that the market carried beyond its limit be brought down, but not flipped beyond it', () => {
    const long: RiskContext = { ...CALM, position: '60', equity: '1', exposureElsewhere: '5000' };
    expect(checkRisk(LIMITS, market('sell', '5'), long).ok).toBe(true);
    expect(checkRisk({ ...LIMITS, maxOrderNotional: '99999' }, market('sell', '115'), long)).toMatchObject({
      ok: false,
      error: { code: 'MAX_POSITION' },
    });
    expect(checkRisk(LIMITS, market('buy', '5'), long)).toMatchObject({ ok: false, error: { code: 'MAX_POSITION' } });
  });

  it('no sequence of accepted orders and fills breaches a limit at a steady mid', () => {
    const order = fc.record({
      buy: fc.boolean(),
      isMarket: fc.boolean(),
      lots: fc.oneof(
        fc.integer({ min: 500, max: 60_000 }),
        fc.integer({ min: 500, max: 300_000 }),
        fc.integer({ min: 240_000, max: 260_000 }),
      ),
      cents: fc.integer({ min: 18_500, max: 21_500 }),
      fills: fc.array(fc.record({ which: fc.nat(), share: fc.integer({ min: 1, max: 4 }) }), { maxLength: 3 }),
    });
    let accepted = 0;
    const refusals = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(order, { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 3, max: 8 }),
        fc.constantFrom('3000', '10000', '30000'),
        (orders, maxOpenOrders, equity) => {
          const limits = { ...LIMITS, maxOpenOrders };
          let position = '0';
          let open: { side: 'buy' | 'sell'; quantity: string }[] = [];
          const sum = (side: 'buy' | 'sell') =>
            open.filter((one) => one.side === side).reduce((total, one) => add(total, one.quantity), '0');
          for (const { buy, isMarket, lots, cents, fills } of orders) {
            const side = buy ? 'buy' : 'sell';
            const quantity = (lots / 10_000).toFixed(4);
            const intent = isMarket ? market(side, quantity) : limit(side, quantity, (cents / 100).toFixed(2));
            const before = reach(position, sum('buy'), sum('sell'));
            const verdict = checkRisk(limits, intent, {
              ...CALM,
              position,
              openBuys: sum('buy'),
              openSells: sum('sell'),
              openOrders: open.length,
              equity,
            });
            if (!verdict.ok) refusals.add(verdict.error.code);
            else {
              accepted++;
              open.push({ side, quantity });
              const price = isMarket ? 200 : buy ? cents / 100 : Math.max(200, cents / 100);
              expect((price * lots) / 10_000).toBeLessThanOrEqual(5000 + 1e-6);
              if (!isMarket) expect(Math.abs(cents - 20_000)).toBeLessThanOrEqual(1_000);
              const after = reach(position, sum('buy'), sum('sell'));
              if (compare(after, before) > 0) expect(compare(mul(after, '200'), equity)).toBeLessThan(0);
            }
            expect(open.length).toBeLessThanOrEqual(maxOpenOrders);
            // Whatever fills, the position stays within its limit.
            expect(compare(mul(reach(position, sum('buy'), sum('sell')), '200'), '10000')).toBeLessThanOrEqual(0);
            for (const { which, share } of fills) {
              const one = open[which % Math.max(1, open.length)];
              if (one === undefined) continue;
              const part = share === 4 ? one.quantity : mul(one.quantity, ['0.25', '0.5', '0.75'][share - 1] as string);
              position = one.side === 'buy' ? add(position, part) : sub(position, part);
              one.quantity = sub(one.quantity, part);
              open = open.filter((other) => other.quantity !== '0');
              expect(compare(mul(abs(position), '200'), '10000')).toBeLessThanOrEqual(0);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(500);
    for (const code of ['MAX_ORDER_NOTIONAL', 'MAX_OPEN_ORDERS', 'MAX_POSITION', 'PRICE_COLLAR', 'INSUFFICIENT_BALANCE'])
      expect(refusals).toContain(code);
  });
});
