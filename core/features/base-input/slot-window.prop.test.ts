import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotWindow } from './slot-window.ts';

describe('rows by period', () => {
  it('are those that were written last, as far back as it holds, and NaN where none was', () => {
    const write = fc.record({ slot: fc.integer({ min: 1_000, max: 1_080 }), value: fc.integer({ min: 0, max: 99 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 40, arbitrary: write }, fc.constant('clear' as const)), { maxLength: 120 }),
        (steps) => {
          const window = new SlotWindow(2, 8);
          const known = new Map<number, number>();
          let newest = Number.NEGATIVE_INFINITY;
          for (const step of steps) {
            if (step === 'clear') {
              window.clear();
              known.clear();
              newest = Number.NEGATIVE_INFINITY;
              continue;
            }
            const at = window.reach(step.slot);
            newest = Math.max(newest, step.slot);
            // It may hold more than it promises, never less.
            if (step.slot > newest - 8) expect(at).toBeGreaterThanOrEqual(0);
            if (at < 0) continue;
            window.cells[at] = step.value;
            window.cells[at + 1] = -step.value;
            known.set(step.slot, step.value);
            for (let slot = newest - 7; slot <= newest; slot++) {
              const row = window.at(slot);
              expect([window.cells[row], window.cells[row + 1]]).toEqual(
                known.has(slot) ? [known.get(slot), -(known.get(slot) as number)] : [Number.NaN, Number.NaN],
              );
            }
            expect(window.at(newest + 1)).toBe(-1);
          }
        },
      ),
    );
  });
});
