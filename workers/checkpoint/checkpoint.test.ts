import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../core/base/result.ts';
import { decodeOptimiser, encodeOptimiser } from './optimiser-file.ts';
import { type Checkpoint, readCheckpoint } from './read-checkpoint.ts';
import { type CheckpointContent, writeCheckpoint } from './write-checkpoint.ts';

const SCHEMA = '0123456789abcdef';

const CONTENT: CheckpointContent = {
  manifest: {
    id: 'ckpt_1',
    modelId: 'cnn',
    symbol: 'ETH/USDT',
    trainedOn: 'SIM',
    createdAt: 1_583_971_200_000,
    inputSchemaHash: SCHEMA,
    parameterCount: 3,
    seed: 7,
    step: 40,
    metrics: { heldOutLoss: 0.5, heldOutActionAccuracy: 0.75, heldOutDirectionAccuracy: 0.5, heldOutAnnotated: 3 },
    annotationIds: ['ann_1', 'ann_2'],
    trainingRange: { from: 1_583_366_400_000, to: 1_583_884_800_000 },
  },
  model: Uint8Array.from({ length: 1_000 }, (_, i) => i % 251),
  optimiser: {
    parameters: Float32Array.of(1, 2, 3),
    m: Float32Array.of(4, 5, 6),
    v: Float32Array.of(7, 8, 9),
    step: 40,
    seed: 7,
  },
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function written(): Promise<string> {
  const result = await writeCheckpoint(root, 'ckpt_1', CONTENT);
  if (!result.ok) throw new Error(result.error.message);
  return join(root, 'ckpt_1');
}

function errorOf(result: Result<Checkpoint>): { code: string; message: string } {
  if (result.ok) throw new Error('it was read without complaint');
  return result.error;
}

describe('a checkpoint', () => {
  it('is read back as it was written', async () => {
    const folder = await written();
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'model.onnx', 'optimiser.bin']);
    const read = await readCheckpoint(folder, SCHEMA);
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.manifest).toMatchObject({ ...CONTENT.manifest, format: 1 });
    expect(read.value.model).toEqual(CONTENT.model);
    expect(read.value.optimiser).toEqual(CONTENT.optimiser);
  });

  it('is refused when any byte of either file is flipped, saying which hash was expected', async () => {
    const folder = await written();
    for (const name of ['model.onnx', 'optimiser.bin']) {
      const path = join(folder, name);
      const whole = await readFile(path);
      for (const at of [0, 17, whole.length - 1]) {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] as number) ^ 1;
        await writeFile(path, flipped);
        const error = errorOf(await readCheckpoint(folder, SCHEMA));
        expect(error.code).toBe('CHECKPOINT_CORRUPT');
        expect(error.message).toMatch(new RegExp(`${name} is damaged: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}`));
      }
      await writeFile(path, whole);
    }
    expect((await readCheckpoint(folder, SCHEMA)).ok).toBe(true);
  });

  it('is refused when a file is cut short, saying both sizes', async () => {
    const folder = await written();
    await truncate(join(folder, 'model.onnx'), 999);
    const error = errorOf(await readCheckpoint(folder, SCHEMA));
    expect(error.code).toBe('CHECKPOINT_CORRUPT');
    expect(error.message).toContain('model.onnx is damaged: expected 1000 bytes, got 999');
  });

  it('is refused for another input layout, saying both hashes', async () => {
    const error = errorOf(await readCheckpoint(await written(), 'fedcba9876543210'));
    expect(error.code).toBe('CHECKPOINT_WRONG_SCHEMA');
    expect(error.message).toContain(SCHEMA);
    expect(error.message).toContain('fedcba9876543210');
  });

  it.each(['manifest.json', 'model.onnx', 'optimiser.bin'])('is refused without its %s, naming it', async (name) => {
    const folder = await written();
    await rm(join(folder, name));
    const error = errorOf(await readCheckpoint(folder, SCHEMA));
    expect(error.code).toBe('CHECKPOINT_MISSING');
    expect(error.message).toContain(join(folder, name));
  });

  it('is missing when the folder is', async () => {
    expect(errorOf(await readCheckpoint(join(root, 'none'), SCHEMA)).code).toBe('CHECKPOINT_MISSING');
  });

  it('is refused when its manifest is no JSON, lacks a key, or leads to another file', async () => {
    const folder = await written();
    const path = join(folder, 'manifest.json');
    const whole = await readFile(path, 'utf8');
    const broken = [
      [whole.slice(0, -20), 'expected JSON'],
      [whole.replace('"seed": 7', '"seed": "seven"'), 'seed'],
      [whole.replace('"name": "model.onnx"', '"name": "../../other.onnx"'), '../../other.onnx'],
      [whole.replace('"parameterCount": 3', '"parameterCount": 4'), 'expected 4 parameters at step 40, got 3 at step 40'],
    ] as const;
    for (const [text, said] of broken) {
      await writeFile(path, text);
      const error = errorOf(await readCheckpoint(folder, SCHEMA));
      expect(error.code).toBe('CHECKPOINT_CORRUPT');
      expect(error.message).toContain(said);
    }
  });

  it('never replaces one of the same id', async () => {
    const folder = await written();
    const again = await writeCheckpoint(root, 'ckpt_1', { ...CONTENT, model: Uint8Array.of(1) });
    expect(again).toMatchObject({ ok: false, error: { code: 'CHECKPOINT_EXISTS' } });
    expect((await readCheckpoint(folder, SCHEMA)).ok).toBe(true);
  });

  it('clears away what a killed writer left, and touches nothing else', async () => {
    await mkdir(join(root, '.writing-ckpt_0'));
    await writeFile(join(root, '.writing-ckpt_0', 'model.onnx'), 'half');
    await mkdir(join(root, '.writing-ckpt_1'));
    await writeFile(join(root, 'notes.txt'), 'mine');
    await written();
    expect((await readdir(root)).sort()).toEqual(['ckpt_1', 'notes.txt']);
  });

  it('that cannot be written leaves nothing behind and says where and why', async () => {
    // A file stands where the folder should be.
    await writeFile(join(root, 'blocked'), '');
    const result = await writeCheckpoint(join(root, 'blocked'), 'ckpt_1', CONTENT);
    expect(result).toMatchObject({ ok: false, error: { code: 'CHECKPOINT_WRITE_FAILED', retryable: true } });
    expect(!result.ok && result.error.message).toContain(join(root, 'blocked'));
    expect(existsSync(join(root, 'ckpt_1'))).toBe(false);
  });
});

describe('the optimiser file', () => {
  it('says what is wrong with bytes that it did not write', () => {
    const bytes = encodeOptimiser(CONTENT.optimiser);
    const wrong = (change: (copy: Uint8Array) => Uint8Array) => {
      const result = decodeOptimiser(change(bytes.slice()));
      return result.ok ? 'nothing' : result.error.message;
    };
    expect(wrong((copy) => copy)).toBe('nothing');
    expect(wrong((copy) => copy.subarray(0, 31))).toBe('expected a header of 32 bytes, got 31');
    expect(wrong((copy) => copy.fill(0, 0, 1))).toBe('expected it to begin with CDOP, got 00444f50');
    expect(wrong((copy) => copy.fill(2, 4, 5))).toBe('expected version 1, got 2');
    expect(wrong((copy) => copy.subarray(0, copy.length - 4))).toBe('expected 68 bytes for 3 parameters, got 64');
  });
});
