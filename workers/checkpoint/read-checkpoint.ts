import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, reasonOf, type Failure, type Result } from '../../core/base/result.ts';
import { type CheckpointManifest, checkpointManifestSchema } from '../../core/contracts/learning.ts';
import { decodeOptimiser, type OptimiserState } from './optimiser-file.ts';
import { errorCode, MANIFEST_FILE, MODEL_FILE, OPTIMISER_FILE, sha256 } from './write-checkpoint.ts';

export type ReadCheckpointFailure = Failure<'CHECKPOINT_MISSING' | 'CHECKPOINT_CORRUPT' | 'CHECKPOINT_WRONG_SCHEMA'>;

export interface Checkpoint {
  readonly manifest: CheckpointManifest;
  /** Inference ONNX, weights inside. */
  readonly model: Uint8Array;
  readonly optimiser: OptimiserState;
}

type ManifestFile = CheckpointManifest['files']['model'];

/**
 * Reads a checkpoint's folder and trusts nothing: the manifest's shape, that both files are there with the size and SHA-256 that it
 * names, that its input layout is `schemaHash`, and that the optimiser state is whole.
 *
 * @returns CHECKPOINT_MISSING, CHECKPOINT_CORRUPT or CHECKPOINT_WRONG_SCHEMA, with the file, what was expected and what was found
 */
export async function readCheckpoint(folder: string, schemaHash: string): Promise<Result<Checkpoint, ReadCheckpointFailure>> {
  const manifest = await readManifest(folder);
  if (!manifest.ok) return manifest;
  const { inputSchemaHash, files, parameterCount, step } = manifest.value;
  if (inputSchemaHash !== schemaHash) {
    return fail(
      'CHECKPOINT_WRONG_SCHEMA',
      `Checkpoint ${folder} was trained on another input layout: ${MANIFEST_FILE} says ${inputSchemaHash}, this version builds ${schemaHash}. Train again.`,
    );
  }
  const model = await readVerified(folder, MODEL_FILE, files.model);
  if (!model.ok) return model;
  const bytes = await readVerified(folder, OPTIMISER_FILE, files.optimiser);
  if (!bytes.ok) return bytes;
  const optimiser = decodeOptimiser(bytes.value);
  if (!optimiser.ok) return corrupt(join(folder, OPTIMISER_FILE), optimiser.error.message);
  if (optimiser.value.parameters.length !== parameterCount || optimiser.value.step !== step) {
    const { parameters, step: actualStep } = optimiser.value;
    return corrupt(
      join(folder, OPTIMISER_FILE),
      `expected ${parameterCount} parameters at step ${step}, got ${parameters.length} at step ${actualStep}`,
    );
  }
  return ok({ manifest: manifest.value, model: model.value, optimiser: optimiser.value });
}

async function readManifest(folder: string): Promise<Result<CheckpointManifest, ReadCheckpointFailure>> {
  const path = join(folder, MANIFEST_FILE);
  const bytes = await readWhole(path);
  if (!bytes.ok) return bytes;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.value));
  } catch (thrown) {
    return corrupt(path, `expected JSON: ${reasonOf(thrown)}`);
  }
  const parsed = checkpointManifestSchema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return corrupt(path, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a manifest'}`);
}

async function readVerified(
  folder: string,
  name: string,
  expected: ManifestFile,
): Promise<Result<Uint8Array, ReadCheckpointFailure>> {
  // The name in the manifest is data: it must not lead anywhere else.
  if (expected.name !== name) return corrupt(join(folder, MANIFEST_FILE), `expected a file named ${name}, got ${expected.name}`);
  const path = join(folder, name);
  const bytes = await readWhole(path);
  if (!bytes.ok) return bytes;
  if (bytes.value.length !== expected.bytes) return corrupt(path, `expected ${expected.bytes} bytes, got ${bytes.value.length}`);
  const actual = sha256(bytes.value);
  return actual === expected.sha256 ? bytes : corrupt(path, `expected SHA-256 ${expected.sha256}, got ${actual}`);
}

async function readWhole(path: string): Promise<Result<Uint8Array, ReadCheckpointFailure>> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return ok(new Uint8Array(buffer, byteOffset, byteLength));
  } catch (thrown) {
    const code = errorCode(thrown);
    const reason = code === 'ENOENT' || code === 'ENOTDIR' ? 'expected the file, found none' : reasonOf(thrown);
    return fail(
      'CHECKPOINT_MISSING',
      `Checkpoint file ${path} cannot be read: ${reason}. Choose another checkpoint or train again.`,
    );
  }
}

function corrupt(path: string, what: string): { readonly ok: false; readonly error: ReadCheckpointFailure } {
  return fail('CHECKPOINT_CORRUPT', `Checkpoint file ${path} is damaged: ${what}. Choose another checkpoint or train again.`);
}
