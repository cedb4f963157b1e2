import { describe, expect, it } from 'vitest';
import { INDICATORS } from '../../../core/analysis/indicators/registry.ts';
import { indicatorFit } from './indicator-search.ts';

function found(query: string): readonly string[] {
  return INDICATORS.map(({ id, name, short, keywords }) => ({ id, fit: indicatorFit(name, query, [short, ...keywords]) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .map(({ id }) => id);
}

describe('indicatorFit', () => {
  it.each(INDICATORS.map(({ id, short, name }) => [short, name, id]))('finds %s first, and by the name %s', (short, name, id) => {
    expect(found(short)[0]).toBe(id);
    expect(found(name)).toContain(id);
    expect(found(name.toUpperCase())).toContain(id);
  });

  it('finds by words in any order and by what an indicator is for', () => {
    expect(found('average moving')).toEqual(expect.arrayContaining(['sma', 'ema', 'wma', 'vwma']));
    expect(found('wilder')).toEqual(expect.arrayContaining(['rsi', 'atr', 'adx', 'parabolicSar']));
    expect(found('tenkan')).toEqual(['ichimoku']);
    expect(found('average nonsense')).toEqual([]);
  });
});
