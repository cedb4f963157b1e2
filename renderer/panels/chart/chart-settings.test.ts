import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HORIZONS_MIN } from '../../../core/contracts/learning.ts';
import { toggleHorizon } from './chart-settings.ts';

it('toggleHorizon puts one in or takes it out, in the order of the horizons, and twice is nothing', () => {
  fc.assert(
    fc.property(fc.subarray([...HORIZONS_MIN]), fc.constantFrom(...HORIZONS_MIN), (shown, horizon) => {
      const toggled = toggleHorizon(shown, horizon);
      expect(toggled.includes(horizon)).toBe(!shown.includes(horizon));
      expect(toggled).toEqual([...toggled].toSorted((a, b) => a - b));
      expect(toggled.filter((each) => each !== horizon)).toEqual(shown.filter((each) => each !== horizon));
      expect(toggleHorizon(toggled, horizon)).toEqual(shown);
    }),
  );
});
