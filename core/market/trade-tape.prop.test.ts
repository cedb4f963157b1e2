import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeTape } from './trade-tape.ts';

const trade = fc.record({
  ticks: fc.integer({ min: 1, max: 6 }),
  quantity: fc.integer({ min: 1, max: 9 }),
  side: fc.constantFrom('buy', 'sell'),
  at: fc.integer({ min: 0, max: 12_000 }),
});

describe('TradeTape', () => {
  it('holds every trade since `since`, each once, and tells of a second whenever it changed', () => {
    fc.assert(
      fc.property(fc.array(fc.array(trade, { maxLength: 6 }), { maxLength: 8 }), (batches) => {
        const tape = new TradeTape(0.5, 1_500, 5_000);
        expect(tape.since).toBe(2_000);
        const mirror = new Map<number, unknown>();
        const accepted: { ticks: number; quantity: number; side: string; at: number }[] = [];
        for (const batch of batches) {
          for (const one of batch) {
            const before = tape.since;
            const taken = tape.add({ price: one.ticks * 0.5, quantity: one.quantity, side: one.side, tsEvent: one.at });
            expect(taken).toBe(one.at >= before);
            expect(tape.since).toBeGreaterThanOrEqual(before);
            if (taken) accepted.push(one);
          }
          for (const second of tape.takeChanged()) mirror.set(second.time, second);
          expect(tape.takeChanged()).toEqual([]);
        }
        const newest = Math.max(2_000, ...accepted.map(({ at }) => Math.floor(at / 1_000) * 1_000));
        expect(tape.since).toBe(Math.max(2_000, newest - 4_000));
        const kept = tape.seconds();
        for (const time of mirror.keys()) if (time < tape.since) mirror.delete(time);
        expect(kept).toEqual([...mirror.entries()].sort(([a], [b]) => a - b).map(([, second]) => second));
        const told = kept.flatMap(({ time, rows, buy, sell }) => rows.map((row, i) => [time, row, buy[i], sell[i]]));
        const sums = new Map<string, number[]>();
        for (const { ticks, quantity, side, at } of accepted) {
          const time = Math.floor(at / 1_000) * 1_000;
          if (time < tape.since) continue;
          const cell = sums.get(`${time} ${ticks}`) ?? [time, ticks, 0, 0];
          const place = side === 'buy' ? 2 : 3;
          cell[place] = (cell[place] as number) + quantity;
          sums.set(`${time} ${ticks}`, cell);
        }
        const expected = [...sums.values()].sort(
          (a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number),
        );
        expect(told).toEqual(expected);
      }),
    );
  });

  it('keeps the order flow imbalance beside the trades, and none of a second that it does not hold', () => {
    const tape = new TradeTape(0.5, 0, 5_000);
    tape.setOfi(0, 9);
    tape.add({ price: 3, quantity: 1, side: 'sell', tsEvent: 1_400 });
    tape.setOfi(1_000, -2.5);
    tape.setOfi(2_000, 0);
    expect(tape.takeChanged()).toEqual([
      { time: 1_000, rows: [6], buy: [0], sell: [1], ofi: -2.5 },
      { time: 2_000, rows: [], buy: [], sell: [], ofi: 0 },
    ]);
  });
});
