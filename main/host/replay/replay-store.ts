import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { CheckpointManifest } from '../../../core/contracts/learning.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';

/** What a trader made rather than the market: it outlives a seek. */
export interface Carried {
  readonly annotations: readonly Annotation[];
  readonly checkpoints: readonly { readonly manifest: CheckpointManifest; readonly promoted: boolean }[];
}

export const NOTHING_CARRIED: Carried = { annotations: [], checkpoints: [] };

/** Every replay begins with an empty store, so that two of the same recording cannot differ by what was there before. */
export async function removeReplayStore(path: string): Promise<void> {
  for (const suffix of ['', '.wal', '.tmp']) await rm(`${path}${suffix}`, { recursive: true, force: true });
}

export async function carriedFrom(
  store: Pick<Store, 'annotations' | 'learning'>,
  symbols: readonly string[],
): Promise<Result<Carried>> {
  const annotations = await store.annotations.all();
  if (!annotations.ok) return annotations;
  const checkpoints: Carried['checkpoints'][number][] = [];
  for (const symbol of symbols) {
    const stored = await store.learning.checkpoints(symbol);
    if (!stored.ok) return stored;
    checkpoints.push(...stored.value);
  }
  return ok({ annotations: annotations.value, checkpoints });
}

export async function carryInto(store: Pick<Store, 'annotations' | 'learning'>, carried: Carried): Promise<Result<void>> {
  for (const annotation of carried.annotations) {
    const saved = await store.annotations.save(annotation);
    if (!saved.ok) return saved;
  }
  for (const { manifest, promoted } of carried.checkpoints) {
    const saved = await store.learning.saveCheckpoint(manifest);
    if (!saved.ok) return saved;
    const done = promoted ? await store.learning.promote(manifest.id) : saved;
    if (!done.ok) return done;
  }
  return ok(undefined);
}

/**
 * The models that predict on the recorded market, with their files, so that they predict in its replay too.
 * One whose files cannot be copied is left out: a replay without a model is still a replay.
 */
export async function promotedModels(
  source: Pick<Store, 'annotations' | 'learning'>,
  symbols: readonly string[],
  folders: { readonly from: string; readonly to: string },
  log: Log,
): Promise<Carried> {
  const found = await carriedFrom(source, symbols);
  if (!found.ok) {
    log.warn({ reason: found.error.message }, 'the recorded market’s models could not be read');
    return NOTHING_CARRIED;
  }
  await rm(folders.to, { recursive: true, force: true });
  const checkpoints: Carried['checkpoints'][number][] = [];
  for (const checkpoint of found.value.checkpoints) {
    const { id } = checkpoint.manifest;
    if (!checkpoint.promoted || dirname(join(folders.from, id)) !== folders.from) continue;
    try {
      await cp(join(folders.from, id), join(folders.to, id), { recursive: true });
      checkpoints.push(checkpoint);
    } catch (thrown) {
      log.warn({ checkpoint: id, reason: reasonOf(thrown) }, 'a model was not copied for the replay');
    }
  }
  return { annotations: [], checkpoints };
}
