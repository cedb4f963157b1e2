import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INDICATORS, indicatorById } from '../../core/analysis/indicators/registry.ts';
import {
  type IndicatorInstance,
  instanceTitle,
  knownInstances,
  MOST_INDICATORS,
  newInstance,
  PANE_SHARE,
  SERIES_COLOURS,
} from './indicator-instance.ts';

function added(...ids: string[]): IndicatorInstance[] {
  return ids.reduce<IndicatorInstance[]>((present, id, i) => {
    const definition = indicatorById(id);
    return definition === undefined ? present : [...present, newInstance(`k${i}`, definition, present)];
  }, []);
}

describe('knownInstances', () => {
  it('takes whatever was saved and makes instances of it that the chart can show', () => {
    const entry = fc.record(
      {
        key: fc.constantFrom('a', 'b', 'c'),
        indicator: fc.constantFrom('rsi', 'bollinger', 'gone', ...INDICATORS.map(({ id }) => id)),
        params: fc.anything(),
        colours: fc.anything(),
        share: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(fc.oneof(entry, fc.anything()), { maxLength: 30 })), (saved) => {
        const known = knownInstances(saved);
        expect(known.length).toBeLessThanOrEqual(MOST_INDICATORS);
        expect(new Set(known.map(({ key }) => key)).size).toBe(known.length);
        for (const { indicator, params, colours, share } of known) {
          const definition = indicatorById(indicator);
          expect(() => definition?.create(params)).not.toThrow();
          expect(colours).toHaveLength(definition?.outputs.length ?? -1);
          for (const colour of colours) expect(SERIES_COLOURS).toContain(colour);
          expect(share).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('keeps what is whole as it is, through JSON too', () => {
    const instances = added('ema', 'ema', 'macd', 'ichimoku', 'supertrend');
    expect(knownInstances(JSON.parse(JSON.stringify(instances)))).toEqual(instances);
  });
});

describe('newInstance', () => {
  it('gives out colours that no other line has while there are any', () => {
    const first = added('sma', 'ema', 'rsi', 'atr').flatMap(({ colours }) => colours);
    expect(new Set(first).size).toBe(4);
    expect(added('ema')[0]?.share).toBe(PANE_SHARE);
  });

  it('draws both edges of a band alike, and a rise and a fall as candles', () => {
    const [bands, trend] = added('bollinger', 'supertrend');
    expect(bands?.colours[0]).toBe(bands?.colours[2]);
    expect(trend?.colours).toEqual(['up', 'down']);
  });
});

it('instanceTitle tells the parameters', () => {
  expect(added('macd', 'vwap').map(instanceTitle)).toEqual(['MACD 12 26 9', 'VWAP']);
});
