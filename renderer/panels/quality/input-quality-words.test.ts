import { describe, expect, it } from 'vitest';
import type { InputBlockQuality } from '../../../core/contracts/base-input.ts';
import { BLOCK_NAMES } from '../../../core/features/base-input/schema.ts';
import { blockLabel, blockTitle, refusalLines, toneOf } from './input-quality-words.ts';

const BLOCK: InputBlockQuality = {
  name: 'candles.1d',
  expectedShape: [300, 24],
  actualShape: [52, 24],
  unit: 'frames',
  frames: 52,
  expected: 300,
  completeness: 0.17,
  freshness: 1,
  consistency: 1,
  score: 0.17,
  counts: true,
  newest: 1_000,
};

describe('words of the input’s quality', () => {
  it('name every block that there is', () => {
    for (const name of BLOCK_NAMES) expect(blockLabel(name)).not.toBe(name);
  });

  it('say of a block what it should be, what it is, and how old', () => {
    expect(blockTitle(BLOCK, 4_500)).toBe(
      'Daily candles with their indicators. 52 of 300 frames, shape 52 × 24 of 300 × 24; complete 17.0 %, fresh 100.0 %, consistent 100.0 %; newest 3.5 s old.',
    );
    const { newest: _, ...nothing } = BLOCK;
    expect(blockTitle(nothing, 4_500)).toContain('nothing known');
  });

  it('take a refusal apart', () => {
    const quality = {
      symbol: 'ETH/USDT',
      t: 0,
      schemaHash: '',
      blocks: [],
      completeness: 0,
      freshness: 0,
      consistency: 0,
      score: 0,
    };
    const refusal =
      'ETH/USDT: no model may run: completeness 0.7, at least 0.8 wanted; cob: expected 300 × 41 × 2, got 0 × 41 × 2.';
    expect(refusalLines({ ...quality, refusal })).toEqual([
      'completeness 0.7, at least 0.8 wanted',
      'cob: expected 300 × 41 × 2, got 0 × 41 × 2',
    ]);
    expect([0.8, 0.79, 0.1].map(toneOf)).toEqual(['good', 'fair', 'poor']);
  });
});
