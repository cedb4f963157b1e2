import { describe, expect, it } from 'vitest';
import { featureText } from './feature-text.ts';

const feature = { id: 'x', name: 'X', unit: 'bps', decimals: 1 };

describe('featureText', () => {
  it('is the word, the number with its unit, or a dash', () => {
    expect(featureText({ ...feature, value: null })).toBe('–');
    expect(featureText({ ...feature, value: -1234.56 })).toBe('−1,234.6 bps');
    expect(featureText({ ...feature, value: 0.04 })).toBe('0.0 bps');
    expect(featureText({ ...feature, value: 1, unit: '' })).toBe('1.0');
    expect(featureText({ ...feature, value: 1, text: 'up' })).toBe('up');
  });
});
