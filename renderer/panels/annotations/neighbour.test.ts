import { describe, expect, it } from 'vitest';
import { neighbourOf } from './neighbour.ts';

const items = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

describe('neighbourOf', () => {
  it('walks both ways and stays within the list', () => {
    expect(neighbourOf(items, 'a', 1)?.id).toBe('b');
    expect(neighbourOf(items, 'b', -1)?.id).toBe('a');
    expect(neighbourOf(items, 'c', 1)?.id).toBe('c');
    expect(neighbourOf(items, 'a', -1)?.id).toBe('a');
  });

  it('begins at the end that it comes from', () => {
    expect(neighbourOf(items, undefined, 1)?.id).toBe('a');
    expect(neighbourOf(items, 'gone', -1)?.id).toBe('c');
    expect(neighbourOf([], undefined, 1)).toBeUndefined();
  });
});
