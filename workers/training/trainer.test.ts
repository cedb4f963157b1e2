import { describe, expect, it } from 'vitest';
import { nextInt, nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import { HORIZONS_MIN } from '../../core/contracts/learning.ts';
import { buildCnnInferenceGraph, cnnLayout, initialiseCnn } from '../../models/architectures/cnn.ts';
import { decodeOptimiser, encodeOptimiser, type OptimiserState } from '../checkpoint/optimiser-file.ts';
import { batchRows, epochOrder, stepsPerEpoch } from './batches.ts';
import { floats, floatsOf, openSession } from './session.ts';
import { createTrainer, type ExampleTensors, type Trainer } from './trainer.ts';

const INPUT = { length: 64, channels: 8 };
const OPTIONS = { input: INPUT, batchSize: 32, weightDecay: 0.01 };

/**
 * Noise with a task planted in it: a ramp of 8 steps somewhere in channel 0 (down: SELL, none: HOLD, up: BUY), and a level in channel 1
 * that gives the direction and return of every horizon.
 */
function plantedTask(rng: SplitMix32, count: number): ExampleTensors {
  const { length, channels } = INPUT;
  const inputs = Float32Array.from({ length: count * length * channels }, () => nextNormal(rng) * 0.5);
  const action = new Int32Array(count);
  const direction = new Int32Array(count * 4);
  const futureReturn = new Float32Array(count * 4);
  for (let n = 0; n < count; n++) {
    const kind = nextInt(rng, 3);
    const level = nextInt(rng, 3);
    const at = nextInt(rng, length - 8);
    action[n] = kind;
    for (let t = 0; t < 8; t++) add(inputs, (n * length + at + t) * channels, (kind - 1) * (t - 3.5) * 0.6);
    for (let t = 0; t < length; t++) add(inputs, (n * length + t) * channels + 1, (level - 1) * 0.5);
    for (let h = 0; h < 4; h++) {
      direction[n * 4 + h] = level;
      futureReturn[n * 4 + h] = (level - 1) * 0.002 * Math.sqrt(HORIZONS_MIN[h] as number);
    }
  }
  return { inputs, action, direction, futureReturn };
}

function add(values: Float32Array, at: number, amount: number): void {
  values[at] = (values[at] as number) + amount;
}

function freshState(seed: number): OptimiserState {
  const parameters = initialiseCnn(INPUT, new SplitMix32(seed));
  return { parameters, m: new Float32Array(parameters.length), v: new Float32Array(parameters.length), step: 0, seed };
}

/** Trains to `untilStep`, taking up the order of examples where the trainer stands. */
async function trainTo(
  trainer: Trainer,
  untilStep: number,
  trainCount: number,
  seed: number,
  learningRate = 0.001,
): Promise<number[]> {
  const perEpoch = stepsPerEpoch(trainCount, OPTIONS.batchSize);
  const rows = new Uint32Array(OPTIONS.batchSize);
  const losses: number[] = [];
  while (trainer.step < untilStep) {
    batchRows(epochOrder(seed, Math.floor(trainer.step / perEpoch), trainCount), trainer.step % perEpoch, rows);
    losses.push(await trainer.train(rows, learningRate));
  }
  return losses;
}

describe('the trainer', { timeout: 120_000 }, () => {
  it('learns a planted task to more than 95 % on examples that it has not seen', async () => {
    const examples = plantedTask(new SplitMix32(1), 1_600);
    const trainer = await createTrainer(OPTIONS, examples, freshState(7));
    const before = await trainer.evaluate(1_280, 320);
    await trainTo(trainer, 320, 1_280, 7, 0.002);
    const after = await trainer.evaluate(1_280, 320);
    expect(before?.actionAccuracy).toBeLessThan(0.6);
    expect(after?.actionAccuracy).toBeGreaterThan(0.95);
    expect(after?.directionAccuracy).toBeGreaterThan(0.95);
    expect(after?.loss).toBeLessThan(0.3 * (before?.loss ?? 0));

    const { parameters } = trainer.snapshot();
    const session = await openSession(buildCnnInferenceGraph(INPUT, parameters));
    const held = examples.inputs.slice(1_280 * 512);
    const out = await session.run({ x: floats(held, [320, 64, 8]) });
    const returns = floatsOf(out, 'returns');
    const action = floatsOf(out, 'action');
    let hits = 0;
    let returnError = 0;
    for (let n = 0; n < 320; n++) {
      const p = Array.from(action.subarray(n * 3, n * 3 + 3));
      if (p.indexOf(Math.max(...p)) === examples.action[1_280 + n]) hits++;
      for (let h = 0; h < 4; h++) {
        const error = Math.abs((returns[n * 4 + h] as number) - (examples.futureReturn[(1_280 + n) * 4 + h] as number));
        returnError += error / (0.002 * Math.sqrt(HORIZONS_MIN[h] as number)) / 1_280;
      }
    }
    expect(hits / 320).toBeCloseTo(after?.actionAccuracy ?? 0, 6);
    // In units of the planted move: always answering 0 would give 2/3.
    expect(returnError).toBeLessThan(0.2);
    await Promise.all([trainer.release(), session.release()]);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const examples = plantedTask(new SplitMix32(2), 96);
    const runs = await Promise.all(
      [3, 3, 4].map(async (seed) => {
        const trainer = await createTrainer(OPTIONS, examples, freshState(seed));
        const losses = await trainTo(trainer, 12, 96, seed);
        const state = trainer.snapshot();
        await trainer.release();
        return { losses, state };
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]?.losses).not.toEqual(runs[0]?.losses);
  });

  it('goes on from stored state as if it had never stopped', async () => {
    const examples = plantedTask(new SplitMix32(3), 80);
    const whole = await createTrainer(OPTIONS, examples, freshState(5));
    const losses = await trainTo(whole, 17, 80, 5);

    const first = await createTrainer(OPTIONS, examples, freshState(5));
    await trainTo(first, 8, 80, 5);
    const stored = decodeOptimiser(encodeOptimiser(first.snapshot()));
    if (!stored.ok) throw new Error(stored.error.message);
    const second = await createTrainer(OPTIONS, examples, stored.value);
    const rest = await trainTo(second, 17, 80, 5);

    expect(rest).toEqual(losses.slice(8));
    expect(second.snapshot()).toEqual(whole.snapshot());
    await Promise.all([whole, first, second].map((trainer) => trainer.release()));
  });

  it('moves the parameters as AdamW written out does', async () => {
    const examples = plantedTask(new SplitMix32(4), 32);
    const trainer = await createTrainer(OPTIONS, examples, freshState(6));
    const rows = Uint32Array.from({ length: 32 }, (_, i) => i);
    const { decayingCount } = cnnLayout(INPUT);
    const states = [trainer.snapshot()];
    for (let k = 0; k < 3; k++) {
      await trainer.train(rows, 0.01);
      states.push(trainer.snapshot());
    }
    for (let k = 1; k < states.length; k++) {
      const [before, after] = [states[k - 1] as OptimiserState, states[k] as OptimiserState];
      let gradientNorm = 0;
      for (let i = 0; i < before.parameters.length; i++) {
        // The gradient is what moved the first moment.
        const g = ((after.m[i] as number) - 0.9 * (before.m[i] as number)) / 0.1;
        gradientNorm += g * g;
        const vError = Math.abs((after.v[i] as number) - (0.999 * (before.v[i] as number) + 0.001 * g * g));
        const mHat = (after.m[i] as number) / (1 - 0.9 ** k);
        const vHat = (after.v[i] as number) / (1 - 0.999 ** k);
        const moved = 0.01 * (mHat / (Math.sqrt(vHat) + 1e-8));
        const p = before.parameters[i] as number;
        const expected = p - moved - (i < decayingCount ? 0.01 * OPTIONS.weightDecay * p : 0);
        const error = Math.abs((after.parameters[i] as number) - expected);
        if (vError > 1e-7) throw new Error(`second moment ${i} at step ${k} is off by ${vError}`);
        if (error > 5e-6) throw new Error(`parameter ${i} at step ${k}: ${after.parameters[i]}, expected ${expected}`);
      }
      // Longer gradients than 1 are clipped to it, and the first one is.
      expect(Math.sqrt(gradientNorm)).toBeLessThan(1.0001);
      if (k === 1) expect(Math.sqrt(gradientNorm)).toBeCloseTo(1, 4);
    }
    await trainer.release();
  });
});
