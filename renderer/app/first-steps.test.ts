import { describe, expect, it } from 'vitest';
import { nextStep, stepsDone } from './first-steps.ts';

const nothing = { annotations: 0, minAnnotations: 3, checkpoints: 0, predictions: 0, orders: 0 };

describe('the first steps', () => {
  it('begin with watching until the trader goes on', () => {
    expect(nextStep(stepsDone(nothing, false))).toBe('watch');
    expect(nextStep(stepsDone(nothing, true))).toBe('annotate');
  });

  it('follow what was done, in whatever order', () => {
    expect(nextStep(stepsDone({ ...nothing, annotations: 2 }, false))).toBe('annotate');
    expect(nextStep(stepsDone({ ...nothing, annotations: 3 }, false))).toBe('train');
    expect(nextStep(stepsDone({ ...nothing, annotations: 3, checkpoints: 1 }, false))).toBe('predict');
    expect(nextStep(stepsDone({ ...nothing, annotations: 3, checkpoints: 1, predictions: 9 }, false))).toBe('trade');
    expect(nextStep(stepsDone({ ...nothing, orders: 1 }, false))).toBe('annotate');
  });

  it('end', () => {
    expect(nextStep(stepsDone({ ...nothing, annotations: 3, checkpoints: 1, predictions: 9, orders: 1 }, false))).toBeUndefined();
  });
});
