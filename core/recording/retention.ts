import type { EpochMs } from '../base/clock.ts';

export interface KeptSegment {
  readonly id: string;
  readonly bytes: number;
  /** Wall time at which it was begun. */
  readonly recordedAt: EpochMs;
  /** Is being written, or read: it stays whatever its age. */
  readonly inUse: boolean;
}

export interface RetentionLimits {
  readonly now: EpochMs;
  readonly keepMs: number;
  readonly maxBytes: number;
}

/**
 * The segments to delete, oldest first: those that are older than `keepMs`, and then the oldest of the rest until all that stays is
 * no more than `maxBytes`. What is in use counts, but stays.
 */
export function planRetention(segments: readonly KeptSegment[], { now, keepMs, maxBytes }: RetentionLimits): KeptSegment[] {
  let total = 0;
  for (const { bytes } of segments) total += bytes;
  const oldestFirst = segments
    .filter(({ inUse }) => !inUse)
    .sort((a, b) => a.recordedAt - b.recordedAt || (a.id < b.id ? -1 : 1));
  const gone: KeptSegment[] = [];
  for (const segment of oldestFirst) {
    if (now - segment.recordedAt <= keepMs && total <= maxBytes) break;
    gone.push(segment);
    total -= segment.bytes;
  }
  return gone;
}
