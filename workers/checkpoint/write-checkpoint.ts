import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, reasonOf, type Failure, type Result } from '../../core/base/result.ts';
import { type CheckpointManifest, checkpointManifestSchema } from '../../core/contracts/learning.ts';
import { encodeOptimiser, type OptimiserState } from './optimiser-file.ts';

export const MODEL_FILE = 'model.onnx';
export const OPTIMISER_FILE = 'optimiser.bin';
export const MANIFEST_FILE = 'manifest.json';

/** Folders with this prefix are being written, or were when their writer died. */
const WRITING_PREFIX = '.writing-';

export interface CheckpointContent {
  readonly manifest: Omit<CheckpointManifest, 'format' | 'files'>;
  /** Inference ONNX, weights inside. */
  readonly model: Uint8Array;
  readonly optimiser: OptimiserState;
}

export type WriteCheckpointFailure = Failure<'CHECKPOINT_EXISTS' | 'CHECKPOINT_WRITE_FAILED'>;

/**
 * Writes `<folder>/<id>/` whole or not at all: the files go to a temporary folder beside it, are flushed to the disk, and the folder
 * is renamed. Temporary folders that a killed writer left behind are removed first, so a folder has one writer at a time.
 *
 * @returns the manifest as written. CHECKPOINT_EXISTS: a checkpoint of this id is there already, and stays. CHECKPOINT_WRITE_FAILED
 * (retryable): the disk is full, read-only or failing; nothing was left behind.
 */
export async function writeCheckpoint(
  folder: string,
  id: string,
  content: CheckpointContent,
): Promise<Result<CheckpointManifest, WriteCheckpointFailure>> {
  const optimiser = encodeOptimiser(content.optimiser);
  const manifest = checkpointManifestSchema.parse({
    ...content.manifest,
    format: 1,
    files: { model: fileEntry(MODEL_FILE, content.model), optimiser: fileEntry(OPTIMISER_FILE, optimiser) },
  });
  if (manifest.id !== id) throw new Error(`the manifest of checkpoint ${id} says ${manifest.id}`);
  const target = join(folder, id);
  const temporary = join(folder, `${WRITING_PREFIX}${id}`);
  try {
    await mkdir(folder, { recursive: true });
    await removeUnfinishedCheckpoints(folder);
    if (await exists(target))
      return fail('CHECKPOINT_EXISTS', `There already is a checkpoint in ${target}; it was left as it is.`);
    await mkdir(temporary);
    await writeDurably(join(temporary, MODEL_FILE), content.model);
    await writeDurably(join(temporary, OPTIMISER_FILE), optimiser);
    await writeDurably(join(temporary, MANIFEST_FILE), new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`));
    await flushFolder(temporary);
    await rename(temporary, target);
    await flushFolder(folder);
    return ok(manifest);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    return fail('CHECKPOINT_WRITE_FAILED', `Checkpoint ${id} could not be written to ${folder}: ${adviceFor(thrown)}`, {
      retryable: true,
      detail: reasonOf(thrown),
    });
  }
}

/** Removes what writers that were killed left in `folder`. */
export async function removeUnfinishedCheckpoints(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(WRITING_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function fileEntry(name: string, bytes: Uint8Array): { name: string; bytes: number; sha256: string } {
  return { name, bytes: bytes.length, sha256: sha256(bytes) };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames and new names in `folder` durable. Windows has no such call, and needs none. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

function adviceFor(thrown: unknown): string {
  switch (errorCode(thrown)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full. Free some space and train again.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'the folder may not be written to. Give yourself write permission and train again.';
    default:
      return `${reasonOf(thrown)}.`;
  }
}
