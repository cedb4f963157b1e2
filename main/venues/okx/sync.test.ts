import { describe, expect, it } from 'vitest';
import { emptyDelta } from '../session/depth-delta.ts';
import { OKX_RULE } from './sync.ts';

const relate = (previousId: number, finalId: number, lastId: number, levels = 1) =>
  OKX_RULE.relate({ ...emptyDelta(1), previousId, finalId, bidCount: levels }, lastId, false);

describe('OKX’s sequence', () => {
  it('goes on where prevSeqId is the id before', () => {
    expect(relate(10, 15, 10)).toBe('next');
  });
  it('is kept alive by an empty message with both ids alike', () => {
    expect(relate(10, 10, 10, 0)).toBe('contained');
  });
  it('goes on from a lower id after a maintenance reset', () => {
    expect(relate(10, 3, 10)).toBe('next');
    expect(relate(3, 5, 3)).toBe('next');
  });
  it('has a gap wherever the chain is broken, whichever id is higher', () => {
    expect(relate(11, 15, 10)).toBe('gap');
    expect(relate(4, 9, 10)).toBe('gap');
    // The reset itself was lost.
    expect(relate(3, 5, 10)).toBe('gap');
    expect(relate(11, 11, 10, 0)).toBe('gap');
  });
});
