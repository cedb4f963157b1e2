import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRetention } from './retention.ts';

const segments = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[a-z]{1,4}$/), bytes: fc.nat(100), recordedAt: fc.nat(200), inUse: fc.boolean() }),
  { selector: ({ id }) => id, maxLength: 30 },
);
const limits = fc.record({ now: fc.integer({ min: 100, max: 300 }), keepMs: fc.nat(250), maxBytes: fc.nat(1500) });

describe('planRetention', () => {
  it('deletes what is too old and then the oldest until the rest fits, no more and never what is in use', () => {
    fc.assert(
      fc.property(segments, limits, (list, limit) => {
        const gone = planRetention(list, limit);
        const kept = list.filter((segment) => !gone.includes(segment));
        expect(new Set(gone).size).toBe(gone.length);
        expect(gone.some(({ inUse }) => inUse)).toBe(false);
        const idle = kept.filter(({ inUse }) => !inUse);
        for (const { recordedAt } of idle) expect(limit.now - recordedAt).toBeLessThanOrEqual(limit.keepMs);
        const sum = (of: readonly { bytes: number }[]): number => of.reduce((total, { bytes }) => total + bytes, 0);
        if (idle.length > 0) expect(sum(kept)).toBeLessThanOrEqual(limit.maxBytes);
        // Oldest first, and nothing stays that is older than something that goes.
        for (let i = 1; i < gone.length; i++) expect(gone[i]?.recordedAt).toBeGreaterThanOrEqual(gone[i - 1]?.recordedAt ?? 0);
        const newestGone = gone.at(-1);
        for (const { recordedAt } of idle) expect(recordedAt).toBeGreaterThanOrEqual(newestGone?.recordedAt ?? 0);
        // The last one had to go: with it, something would be too old or too much.
        if (newestGone !== undefined) {
          const old = limit.now - newestGone.recordedAt > limit.keepMs;
          expect(old || sum(kept) + newestGone.bytes > limit.maxBytes).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
