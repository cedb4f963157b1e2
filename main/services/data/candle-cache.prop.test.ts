import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import { CandleCache } from './candle-cache.ts';

const CAPACITY = 20;

const acts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ put: fc.nat(60) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        refresh: fc.uniqueArray(fc.nat(60), { maxLength: 30 }).map((list) => list.toSorted((a, b) => a - b)),
      }),
    },
  ),
  { maxLength: 60 },
);

it('CandleCache holds the newest candles once each, newest version, and loses none that was closed while the store was read', () => {
  fc.assert(
    fc.property(acts, (list) => {
      const cache = new CandleCache(CAPACITY);
      let known: { readonly time: number; readonly close: number }[] = [];
      for (const [close, act] of list.entries()) {
        if ('put' in act) {
          cache.put(filledCandle(act.put, close));
          if (known.some((each) => each.time === act.put))
            known = known.map((each) => (each.time === act.put ? { ...each, close } : each));
          else if (act.put > (known.at(-1)?.time ?? -1)) known.push({ time: act.put, close });
        } else {
          cache.refresh(act.refresh.map((time) => filledCandle(time, close)));
          const newest = act.refresh.at(-1) ?? -1;
          known = [...act.refresh.map((time) => ({ time, close })), ...known.filter((each) => each.time > newest)].slice(
            -CAPACITY,
          );
        }
        const held = cache.candles.map((candle) => ({ time: candle.openTime, close: candle.close }));
        // Trimmed in blocks: at most a quarter more than the capacity, and never less.
        expect(held.length).toBeLessThanOrEqual(1.25 * CAPACITY);
        expect(held).toEqual(known.slice(-held.length));
        expect(held.length).toBeGreaterThanOrEqual(Math.min(CAPACITY, known.length));
        expect(cache.newest?.openTime).toBe(known.at(-1)?.time);
        known = known.slice(-held.length);
      }
    }),
  );
});
