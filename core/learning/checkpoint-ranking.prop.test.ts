import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckpointManifest } from '../contracts/learning.ts';
import { checkpointsToPrune, checkpointToLoad, type RankedCheckpoint } from './checkpoint-ranking.ts';

function manifest(id: string, heldOutLoss: number, createdAt: number, parent?: string): CheckpointManifest {
  const file = { name: 'f', bytes: 1, sha256: '0'.repeat(64) };
  return {
    format: 1,
    id,
    modelId: 'cnn',
    symbol: 'ETH/USDT',
    trainedOn: 'SIM',
    createdAt,
    inputSchemaHash: '0123456789abcdef',
    parameterCount: 1,
    seed: 1,
    step: 1,
    metrics: { heldOutLoss, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0, heldOutAnnotated: 3 },
    annotationIds: [],
    trainingRange: { from: 0, to: 1 },
    ...(parent === undefined ? {} : { parent }),
    files: { model: file, optimiser: file },
  };
}

const setArbitrary = fc
  .array(
    fc.record({
      loss: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN)),
      at: fc.integer({ min: 0, max: 4 }),
      parent: fc.option(fc.nat(11)),
    }),
    {
      maxLength: 12,
    },
  )
  .chain((drawn) => fc.tuple(fc.constant(drawn), fc.option(fc.nat(Math.max(0, drawn.length - 1)))))
  .map(([drawn, promoted]): RankedCheckpoint[] =>
    drawn.map(({ loss, at, parent }, i) => ({
      manifest: manifest(`c${i}`, loss, at, parent === null ? undefined : `c${parent}`),
      promoted: i === promoted,
    })),
  );

describe('checkpoint ranking', () => {
  it('prunes all but the best, and never the promoted one, its parent or a protected one', () => {
    fc.assert(
      fc.property(setArbitrary, fc.integer({ min: 1, max: 6 }), fc.option(fc.nat(11)), (checkpoints, keep, protectedIndex) => {
        const protectedIds = protectedIndex === null ? [] : [`c${protectedIndex}`];
        const pruned = new Set(checkpointsToPrune(checkpoints, keep, protectedIds).map(({ id }) => id));
        const promoted = checkpoints.find((checkpoint) => checkpoint.promoted)?.manifest;
        for (const { manifest: own } of checkpoints) {
          const better = checkpoints.filter(({ manifest: other }) => {
            const [mine, theirs] = [own, other].map(({ metrics }) =>
              Number.isNaN(metrics.heldOutLoss) ? 99 : metrics.heldOutLoss,
            ) as [number, number];
            if (theirs !== mine) return theirs < mine;
            if (other.createdAt !== own.createdAt) return other.createdAt > own.createdAt;
            return other.id < own.id;
          }).length;
          const safe = own.id === promoted?.id || own.id === promoted?.parent || protectedIds.includes(own.id);
          expect(pruned.has(own.id)).toBe(better >= keep && !safe);
        }
      }),
    );
  });

  it('loads the promoted one, else the best, else none', () => {
    const best = { manifest: manifest('best', 0.1, 5), promoted: false };
    const other = { manifest: manifest('other', 0.2, 9), promoted: false };
    expect(checkpointToLoad([other, best])?.id).toBe('best');
    expect(checkpointToLoad([best, { ...other, promoted: true }])?.id).toBe('other');
    expect(checkpointToLoad([])).toBeUndefined();
  });

  it('prefers the newer of equals', () => {
    expect(
      checkpointToLoad([manifest('old', 0.1, 1), manifest('new', 0.1, 2)].map((own) => ({ manifest: own, promoted: false })))?.id,
    ).toBe('new');
  });
});
