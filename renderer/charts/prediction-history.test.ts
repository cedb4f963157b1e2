import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../core/contracts/learning.ts';
import { PredictionHistory, STRETCH_MS, stretchesOf } from './prediction-history.ts';

const HOUR = 3_600_000;

function prediction(t: number): Prediction {
  return {
    id: `p${t}`,
    symbol: 'ETH/USDT',
    checkpointId: 'c',
    modelId: 'cnn',
    t,
    referencePrice: 200,
    actionProbabilities: [0, 1, 0],
    flatThresholds: [0, 0, 0, 0],
    horizons: [],
    latencyMs: 1,
  };
}

/** A reader that knows a prediction every ten minutes from 0 to `until`, and what it was asked for. */
function store(until: number) {
  const asked: number[] = [];
  const read = (from: number, to: number): Promise<Prediction[]> => {
    asked.push(from / STRETCH_MS);
    const found: Prediction[] = [];
    for (let t = Math.max(0, from); t <= Math.min(to, until); t += 600_000) found.push(prediction(t));
    return Promise.resolve(found);
  };
  return { asked, read };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('stretchesOf', () => {
  it('are those that the view and the hour before it touch, up to where the live list begins', () => {
    expect(stretchesOf(12 * HOUR, 20 * HOUR, 100 * HOUR)).toEqual([3, 2, 1]);
    expect(stretchesOf(13 * HOUR, 20 * HOUR, 17 * HOUR)).toEqual([2]);
    expect(stretchesOf(20 * HOUR, 24 * HOUR, 17 * HOUR)).toEqual([]);
  });

  it('are none for a view in which no single prediction can be seen', () => {
    expect(stretchesOf(0, 90 * HOUR, 100 * HOUR)).toEqual([]);
  });
});

describe('PredictionHistory', () => {
  const live = [prediction(40 * HOUR), prediction(37 * HOUR)];

  it('reads what scrolls into view once, and leaves out what the live list holds', async () => {
    const { asked, read } = store(40 * HOUR);
    let changes = 0;
    const history = new PredictionHistory(read, () => changes++);
    history.cover(25 * HOUR, 29 * HOUR, live);
    history.cover(25 * HOUR, 29 * HOUR, live);
    await settled();
    history.cover(25 * HOUR, 29 * HOUR, live);
    expect(asked).toEqual([4]);
    expect(changes).toBe(1);
    history.cover(36 * HOUR, 38 * HOUR, live);
    await settled();
    expect(asked).toEqual([4, 6, 5]);
    const times = history.before(live).map(({ t }) => t);
    expect(Math.max(...times)).toBeLessThan(37 * HOUR);
    expect(new Set(times).size).toBe(times.length);
  });

  it('asks again for a stretch that went on after it was read', async () => {
    const { asked, read } = store(60 * HOUR);
    const history = new PredictionHistory(read, () => {});
    history.cover(36 * HOUR, 38 * HOUR, live);
    await settled();
    const later = [prediction(50 * HOUR), prediction(41 * HOUR)];
    history.cover(37 * HOUR, 38 * HOUR, later);
    expect(asked.filter((number) => number === 6)).toHaveLength(2);
  });

  it('keeps no more than a bounded number of stretches', async () => {
    const { read } = store(1_000 * HOUR);
    const history = new PredictionHistory(read, () => {});
    const far = [prediction(1_000 * HOUR), prediction(990 * HOUR)];
    for (let hour = 100; hour < 700; hour += 6) {
      history.cover(hour * HOUR, (hour + 5) * HOUR, far);
      await settled();
    }
    expect(history.before(far).length).toBeLessThanOrEqual((12 * STRETCH_MS) / 600_000);
    expect(history.before(far).length).toBeGreaterThan(0);
  });

  it('asks for nothing without a live prediction', () => {
    const { asked, read } = store(40 * HOUR);
    new PredictionHistory(read, () => {}).cover(0, HOUR, []);
    expect(asked).toEqual([]);
  });
});
