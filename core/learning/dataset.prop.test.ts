import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HORIZONS_MIN } from '../contracts/learning.ts';
import type { TrainingSample } from '../contracts/worker-protocol.ts';
import { CANDLE_WINDOW, writeCandleWindow } from '../features/candle-window.ts';
import { buildDataset } from './dataset.ts';
import { BUY, directionOf, flatThresholds, HOLD, indexOfMinute, SELL } from './labels.ts';
import { randomWalk, truncated } from './random-walk.fixture.ts';
import { EMBARGO_MS, splitByTime } from './split.ts';

const MINUTE = 60_000;
const SIZE = CANDLE_WINDOW.length * CANDLE_WINDOW.channels;

const samplesArbitrary = fc
  .uniqueArray(
    fc.record({ minute: fc.integer({ min: 64, max: 2000 }), action: fc.constantFrom(HOLD, HOLD, HOLD, HOLD, BUY, SELL) }),
    {
      minLength: 5,
      maxLength: 120,
      selector: ({ minute }) => minute,
    },
  )
  .map((drawn): TrainingSample[] =>
    drawn.map(({ minute, action }) => ({ openTime: minute * MINUTE, action })).sort((a, b) => a.openTime - b.openTime),
  );

/** Every block of the right size, tried one by one from the newest. */
function naiveSplit(samples: TrainingSample[], share: number): { train: TrainingSample[]; heldOut: TrainingSample[] } {
  const size = Math.max(1, Math.round(samples.length * share));
  const annotated = (part: TrainingSample[]): number => part.filter((sample) => sample.action !== HOLD).length;
  let best: { train: TrainingSample[]; heldOut: TrainingSample[] } | undefined;
  for (let start = samples.length - size; start >= 0; start--) {
    const heldOut = samples.slice(start, start + size);
    const train = samples.filter((sample) =>
      heldOut.every((measured) => Math.abs(measured.openTime - sample.openTime) >= EMBARGO_MS),
    );
    if (train.length === 0) continue;
    if (annotated(train) >= (1 - share) * annotated(samples)) return { train, heldOut };
    if (best === undefined || annotated(train) > annotated(best.train)) best = { train, heldOut };
  }
  return best ?? { train: [], heldOut: samples };
}

describe('split', () => {
  it('agrees with trying every block, and keeps the embargo', () => {
    fc.assert(
      fc.property(samplesArbitrary, fc.constantFrom(0.1, 0.2, 0.5), (samples, share) => {
        const split = splitByTime(samples, share);
        expect(split).toEqual(naiveSplit(samples, share));
        for (const trained of split.train) {
          for (const measured of split.heldOut)
            expect(Math.abs(trained.openTime - measured.openTime)).toBeGreaterThanOrEqual(124 * MINUTE);
        }
      }),
    );
  });

  it('holds out the newest share when trades are spread over time', () => {
    const samples = Array.from({ length: 1000 }, (_, i) => ({ openTime: i * 10 * MINUTE, action: i % 50 === 0 ? BUY : HOLD }));
    const { train, heldOut } = splitByTime(samples, 0.2);
    expect(heldOut).toEqual(samples.slice(800));
    expect(train).toEqual(samples.slice(0, 788));
  });

  it('measures an older block when every trade was marked in the last hours', () => {
    const samples = Array.from({ length: 1000 }, (_, i) => ({
      openTime: i * MINUTE,
      action: i >= 940 && i % 20 === 0 ? SELL : HOLD,
    }));
    const { train, heldOut } = splitByTime(samples, 0.2);
    expect(train.filter((sample) => sample.action === SELL)).toHaveLength(3);
    expect(heldOut).toHaveLength(200);
    expect(heldOut.at(-1)?.openTime).toBe((940 - 124) * MINUTE);
  });
});

describe('dataset', () => {
  it('holds, row by row, what its samples say', () => {
    fc.assert(
      fc.property(fc.integer(), samplesArbitrary, (seed, samples) => {
        const candles = randomWalk(seed, 2040);
        const split = splitByTime(samples, 0.2);
        const built = buildDataset({ candles, samples: [...samples].reverse(), heldOutShare: 0.2 });
        expect(built.ok).toBe(split.train.length > 0);
        if (!built.ok) return;
        const data = built.value;
        expect(data.trainCount - data.repeatedCount).toBe(split.train.length);
        expect(data.heldOutCount).toBe(split.heldOut.length);
        expect(data.annotatedCount + data.holdCount).toBe(split.train.length);
        expect([...new Set(data.openTime.slice(0, data.trainCount))]).toEqual(split.train.map((sample) => sample.openTime));
        expect([...data.openTime.slice(data.trainCount)]).toEqual(split.heldOut.map((sample) => sample.openTime));
        const actionAt = new Map(samples.map((sample) => [sample.openTime, sample.action]));
        const row = new Float32Array(SIZE);
        let previous = -1;
        for (let n = 0; n < data.openTime.length; n++) {
          const openTime = data.openTime[n] as number;
          const index = indexOfMinute(candles.openTime, openTime);
          writeCandleWindow(candles, index, row, 0);
          expect(data.inputs.subarray(n * SIZE, (n + 1) * SIZE)).toEqual(row);
          expect(data.action[n]).toBe(actionAt.get(openTime));
          HORIZONS_MIN.forEach((minutes, h) => {
            const future = candles.close[index + minutes];
            const known = future !== undefined && openTime !== previous;
            const realised = known ? future / (candles.close[index] as number) - 1 : 0;
            expect(data.direction[n * 4 + h]).toBe(
              known ? directionOf(realised, flatThresholds(candles, index)?.[h] as number) : -1,
            );
            expect(data.futureReturn[n * 4 + h]).toBe(Math.fround(realised));
          });
          previous = openTime;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('repeats rare classes up to 8 times and to half of HOLD, in training only', () => {
    const candles = randomWalk(5, 3000);
    const samples = Array.from({ length: 280 }, (_, i) => ({
      openTime: (64 + i * 10) * MINUTE,
      action: i % 40 === 0 ? BUY : i % 7 === 0 ? SELL : HOLD,
    }));
    const built = buildDataset({ candles, samples, heldOutShare: 0.2 });
    if (!built.ok) throw new Error(built.error.message);
    const { action, trainCount, heldOutCount } = built.value;
    const train = splitByTime(samples, 0.2).train;
    const count = (rows: Iterable<number>, wanted: number): number => [...rows].filter((value) => value === wanted).length;
    const distinct = (wanted: number): number => train.filter((sample) => sample.action === wanted).length;
    expect(count(action.subarray(0, trainCount), BUY)).toBe(8 * distinct(BUY));
    expect(count(action.subarray(0, trainCount), HOLD)).toBe(distinct(HOLD));
    expect(count(action.subarray(0, trainCount), SELL)).toBe(
      Math.floor((0.5 * distinct(HOLD)) / distinct(SELL)) * distinct(SELL),
    );
    expect(heldOutCount).toBe(56);
  });

  it('marks futures that reach a hole or the end as unknown', () => {
    const candles = randomWalk(6, 700, 0, new Set([330]));
    const samples = [100, 320, 690].map((minute) => ({ openTime: minute * MINUTE, action: HOLD }));
    const built = buildDataset({ candles, samples, heldOutShare: 0.34 });
    if (!built.ok) throw new Error(built.error.message);
    const known = (n: number): boolean[] => [...built.value.direction.subarray(n * 4, n * 4 + 4)].map((value) => value >= 0);
    expect([0, 1, 2].map(known)).toEqual([
      [true, true, true, true],
      [true, true, false, false],
      [true, true, false, false],
    ]);
  });

  it('does not read beyond the longest horizon of a sample', () => {
    const candles = randomWalk(7, 2000);
    const samples = Array.from({ length: 60 }, (_, i) => ({ openTime: (64 + i * 20) * MINUTE, action: i % 3 }));
    const cut = truncated(candles, 64 + 59 * 20 + 61);
    expect(buildDataset({ candles: cut, samples, heldOutShare: 0.2 })).toEqual(
      buildDataset({ candles, samples, heldOutShare: 0.2 }),
    );
  });

  it('says which sample has no window', () => {
    const candles = randomWalk(8, 900, 0, new Set([400]));
    const around = (minute: number): TrainingSample[] =>
      [100, 600, minute].map((at) => ({ openTime: at * MINUTE, action: HOLD }));
    expect(buildDataset({ candles, samples: around(420), heldOutShare: 0.3 })).toMatchObject({
      error: { code: 'WINDOW_HAS_GAP' },
    });
    expect(buildDataset({ candles, samples: around(400), heldOutShare: 0.3 })).toMatchObject({
      error: { code: 'SAMPLE_WITHOUT_CANDLE' },
    });
    expect(buildDataset({ candles, samples: around(90).slice(0, 1), heldOutShare: 0.3 })).toMatchObject({
      error: { code: 'DATASET_TOO_SMALL' },
    });
  });
});
