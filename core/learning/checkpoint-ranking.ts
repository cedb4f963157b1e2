import type { CheckpointManifest } from '../contracts/learning.ts';

export interface RankedCheckpoint {
  readonly manifest: CheckpointManifest;
  readonly promoted: boolean;
}

/** Best first: lower held-out loss, then the newer, then by id. A loss that is not a number comes last. */
export function compareCheckpoints(a: CheckpointManifest, b: CheckpointManifest): number {
  const lossA = Number.isNaN(a.metrics.heldOutLoss) ? Infinity : a.metrics.heldOutLoss;
  const lossB = Number.isNaN(b.metrics.heldOutLoss) ? Infinity : b.metrics.heldOutLoss;
  if (lossA !== lossB) return lossA < lossB ? -1 : 1;
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** The checkpoint to predict with: the promoted one, else the best. */
export function checkpointToLoad(checkpoints: readonly RankedCheckpoint[]): CheckpointManifest | undefined {
  const promoted = checkpoints.filter((checkpoint) => checkpoint.promoted);
  const pool = promoted.length > 0 ? promoted : checkpoints;
  return pool.map((checkpoint) => checkpoint.manifest).sort(compareCheckpoints)[0];
}

/**
 * Which checkpoints of one model and symbol to delete: all but the best `keep`, and never the promoted one, its parent, or one
 * of `protectedIds` (the checkpoint in use, the one just trained). The protected ones count among the `keep` only if they rank
 * there.
 */
export function checkpointsToPrune(
  checkpoints: readonly RankedCheckpoint[],
  keep: number,
  protectedIds: readonly string[] = [],
): CheckpointManifest[] {
  const kept = new Set(protectedIds);
  for (const { manifest, promoted } of checkpoints) {
    if (!promoted) continue;
    kept.add(manifest.id);
    if (manifest.parent !== undefined) kept.add(manifest.parent);
  }
  const ranked = checkpoints.map((checkpoint) => checkpoint.manifest).sort(compareCheckpoints);
  return ranked.slice(keep).filter((manifest) => !kept.has(manifest.id));
}
