import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabBook } from './book.ts';

describe('LabBook', () => {
  it('equals two sorted maps, and its diffs rebuild it', () => {
    const change = fc.record({
      bid: fc.boolean(),
      tick: fc.integer({ min: 1, max: 60 }),
      lots: fc.integer({ min: 0, max: 3 }),
      drain: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (changes, limit) => {
        const book = new LabBook(100);
        const oracle = { bids: new Map<number, number>(), asks: new Map<number, number>() };
        const rebuilt = { bids: new Map<number, number>(), asks: new Map<number, number>() };
        let updates = 100;
        let drained = 100;
        for (const { bid, tick, lots, drain } of changes) {
          const side = bid ? 'bids' : 'asks';
          if ((oracle[side].get(tick) ?? 0) !== lots) updates++;
          put(oracle[side], tick, lots);
          book.set(book[side], tick, lots);
          expect(book.lastUpdateId).toBe(updates);
          if (!drain) continue;
          const diff = book.drain();
          expect(diff === undefined).toBe(updates === drained);
          if (diff === undefined) continue;
          expect([diff.firstUpdateId, diff.lastUpdateId]).toEqual([drained + 1, updates]);
          drained = updates;
          for (const name of ['bids', 'asks'] as const) {
            for (const [level, size] of diff[name]) put(rebuilt[name], level, size);
            expect(sorted(rebuilt[name], name)).toEqual(sorted(oracle[name], name));
          }
        }
        for (const name of ['bids', 'asks'] as const) {
          expect(book[name].top(limit)).toEqual(sorted(oracle[name], name).slice(0, limit));
          expect(book[name].best).toBe(sorted(oracle[name], name)[0]?.[0]);
          expect(book[name].worst).toBe(sorted(oracle[name], name).at(-1)?.[0]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function put(levels: Map<number, number>, tick: number, lots: number): void {
  if (lots === 0) levels.delete(tick);
  else levels.set(tick, lots);
}

function sorted(levels: Map<number, number>, name: 'bids' | 'asks'): [number, number][] {
  return [...levels].sort((a, b) => (name === 'bids' ? b[0] - a[0] : a[0] - b[0]));
}
