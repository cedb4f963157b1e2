import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIRECTIONS, HORIZONS_MIN, type Prediction, predictionSchema } from '../contracts/learning.ts';
import { mostProbable, outcomeSpan, resolveMatured } from './outcomes.ts';
import { randomWalk, truncated } from './random-walk.fixture.ts';

const MINUTE = 60_000;
const T = 100 * MINUTE;

function prediction(probabilities: [number, number, number][], referencePrice = 200): Prediction {
  return {
    id: 'p1',
    symbol: 'ETH/USDT',
    checkpointId: 'c1',
    modelId: 'cnn',
    t: T,
    referencePrice,
    actionProbabilities: [0.2, 0.5, 0.3],
    flatThresholds: [0.0005, 0.001, 0.002, 0.004],
    horizons: HORIZONS_MIN.map((horizonMin, h) => ({
      horizonMin,
      probabilities: probabilities[h] as [number, number, number],
      expectedReturn: 0,
      maturesAt: T + horizonMin * MINUTE,
    })),
    latencyMs: 1,
  };
}

const probabilityArbitrary = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100));

describe('outcomes', () => {
  it('agree with slices of the candles after t', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(probabilityArbitrary, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 80 }),
        (seed, probabilities, age) => {
          const candles = randomWalk(seed, 200);
          const now = T + age * MINUTE;
          const open = prediction(probabilities);
          const { prediction: settled, resolved, missing } = resolveMatured(open, candles, now);
          expect(missing).toEqual([]);
          expect(resolved).toEqual(HORIZONS_MIN.filter((minutes) => minutes <= age));
          HORIZONS_MIN.forEach((minutes, h) => {
            const outcome = settled.horizons[h]?.outcome;
            if (minutes > age) return expect(outcome).toBeUndefined();
            const change = (candles.close[100 + minutes - 1] as number) / 200 - 1;
            const threshold = open.flatThresholds[h] as number;
            const direction = change > threshold ? 'up' : change < -threshold ? 'down' : 'flat';
            const given = probabilities[h] as number[];
            expect(outcome).toEqual({
              realisedReturn: change,
              realisedMin: Math.min(...candles.low.slice(100, 100 + minutes)) / 200 - 1,
              realisedMax: Math.max(...candles.high.slice(100, 100 + minutes)) / 200 - 1,
              direction,
              hit: DIRECTIONS[given.indexOf(Math.max(...given))] === direction,
              recordedAt: now,
            });
          });
          expect(predictionSchema.safeParse(settled).success).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('do not change with what happens after the horizon', () => {
    const candles = randomWalk(3, 200);
    const open = prediction(HORIZONS_MIN.map(() => [1, 0, 0]));
    expect(resolveMatured(open, truncated(candles, 160), T + 60 * MINUTE)).toEqual(
      resolveMatured(open, candles, T + 60 * MINUTE),
    );
  });

  it('stay unknown for horizons with a missing minute, and are recorded once it is there', () => {
    const open = prediction(HORIZONS_MIN.map(() => [0, 1, 0]));
    const first = resolveMatured(open, randomWalk(4, 200, 0, new Set([107])), T + 60 * MINUTE);
    expect(first).toMatchObject({ resolved: [1, 5], missing: [15, 60] });
    const second = resolveMatured(first.prediction, randomWalk(4, 200), T + 90 * MINUTE);
    expect(second).toMatchObject({ resolved: [15, 60], missing: [] });
    expect(second.prediction.horizons[0]?.outcome?.recordedAt).toBe(T + 60 * MINUTE);
  });

  it('leave a prediction alone when nothing has matured', () => {
    const open = prediction(HORIZONS_MIN.map(() => [0, 1, 0]));
    expect(resolveMatured(open, randomWalk(4, 200), T + 59_999).prediction).toBe(open);
    expect(resolveMatured(open, randomWalk(4, 90), T + 60 * MINUTE)).toMatchObject({ resolved: [], missing: [1, 5, 15, 60] });
  });

  it('need the hour after t', () => {
    expect(outcomeSpan(T)).toEqual({ from: T, to: T + 60 * MINUTE });
  });
});

describe('most probable', () => {
  it('is the first of the largest', () => {
    expect([mostProbable([0.2, 0.5, 0.3]), mostProbable([0.4, 0.2, 0.4]), mostProbable([0, 0, 1])]).toEqual([1, 0, 2]);
  });
});
