import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../../core/contracts/learning.ts';
import { OUTPUT_FIGURES } from '../../../core/features/base-input/schema.ts';
import { LastOutputs, lastOutputsOf } from './last-outputs.ts';

function prediction(t: number, modelId = 'cnn', buy = 0.5): Prediction {
  return {
    id: `${modelId}-${t}`,
    symbol: 'ETH/USDT',
    checkpointId: 'c',
    modelId,
    t,
    referencePrice: 200,
    actionProbabilities: [0.2, 0.8 - buy, buy],
    flatThresholds: [0, 0, 0, 0],
    horizons: ([1, 5, 15, 60] as const).map((horizonMin) => ({
      horizonMin,
      probabilities: [0.1, 0.2, 0.7],
      expectedReturn: horizonMin / 1_000,
      maturesAt: t + horizonMin * 60_000,
    })),
    latencyMs: 1,
  };
}

describe('the newest output of every model', () => {
  it('has the figures of the input’s row, of the newest prediction before t', () => {
    const [output] = lastOutputsOf([prediction(1_000), prediction(3_000, 'cnn', 0.6), prediction(2_000)], 3_001);
    expect(output).toMatchObject({ model: 'cnn', at: 3_000 });
    expect(output?.figures).toHaveLength(OUTPUT_FIGURES);
    expect(output?.figures.slice(2, 8)).toEqual([0.6, 0.1, 0.2, 0.7, 0.001, 0.1]);
    expect(lastOutputsOf([prediction(1_000), prediction(3_000)], 3_000)[0]?.at).toBe(1_000);
    expect(lastOutputsOf([prediction(1_000, 'some-other-model')], 3_000)).toEqual([]);
  });

  it('is the same list until something is told, and for a time before the newest the one before it', () => {
    const outputs = new LastOutputs();
    expect(outputs.before('ETH/USDT', 9)).toEqual([]);
    outputs.onPrediction('ETH/USDT', prediction(1_000));
    outputs.onPrediction('ETH/USDT', prediction(2_000, 'lstm'));
    const told = outputs.before('ETH/USDT', 2_500);
    expect(told.map(({ model }) => model)).toEqual(['cnn', 'lstm']);
    expect(outputs.before('ETH/USDT', 2_600)).toBe(told);
    // Its outcome is known: told again, not a newer output.
    outputs.onPrediction('ETH/USDT', prediction(1_000));
    expect(outputs.before('ETH/USDT', 2_700)).toBe(told);
    outputs.onPrediction('ETH/USDT', prediction(3_000));
    expect(outputs.before('ETH/USDT', 2_800).find(({ model }) => model === 'cnn')?.at).toBe(1_000);
    expect(outputs.before('ETH/USDT', 3_100).find(({ model }) => model === 'cnn')?.at).toBe(3_000);
    expect(outputs.before('BTC/USDT', 3_100)).toEqual([]);
    for (let t = 4_000; t < 104_000; t += 1_000) outputs.onPrediction('ETH/USDT', prediction(t));
    expect(outputs.before('ETH/USDT', 200_000).find(({ model }) => model === 'cnn')?.at).toBe(103_000);
  });
});
