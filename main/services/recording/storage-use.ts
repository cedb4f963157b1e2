import type { RecordingStatus, SegmentView, StorageUse } from '../../../core/contracts/recording.ts';

export interface StorageFigures {
  readonly at: number;
  readonly storeBytes: number;
  readonly walBytes: number;
  readonly freeBytes: number | undefined;
  readonly budgetBytes: number;
  readonly warnFreeBytes: number;
  readonly segments: readonly SegmentView[];
  readonly recording: RecordingStatus;
}

/** Of the budget: from here on the oldest recordings are about to go. */
const BUDGET_WARNING = 0.9;
/** Of the configured free space: from here on writing may stop any moment. */
const FREE_ERROR = 0.2;

/** The figures in one view, with what a person should know about them. */
export function storageUseOf(figures: StorageFigures): StorageUse {
  const days = new Map<string, { day: string; bytes: number; segments: number }>();
  let bytes = 0;
  let damaged = 0;
  for (const segment of figures.segments) {
    const day = segment.id.slice(0, 10);
    const sum = days.get(day) ?? { day, bytes: 0, segments: 0 };
    sum.bytes += segment.bytes;
    sum.segments++;
    days.set(day, sum);
    bytes += segment.bytes;
    if (segment.state === 'damaged') damaged++;
  }
  const { at, storeBytes, walBytes, freeBytes, budgetBytes, recording } = figures;
  return {
    at,
    storeBytes,
    walBytes,
    recordings: { bytes, segments: figures.segments.length, damaged, days: [...days.values()] },
    ...(freeBytes === undefined ? {} : { freeBytes }),
    budgetBytes,
    alerts: alertsOf(figures, bytes, damaged),
    recording,
  };
}

function alertsOf(
  { freeBytes, warnFreeBytes, budgetBytes, recording }: StorageFigures,
  bytes: number,
  damaged: number,
): StorageUse['alerts'] {
  const alerts: StorageUse['alerts'] = [];
  if (recording.lastError !== undefined) {
    const lost = recording.lostEvents === 0 ? '' : ` ${recording.lostEvents} events were lost so far.`;
    alerts.push({ level: 'error', text: `Nothing is recorded: ${recording.lastError}${lost}` });
  }
  if (freeBytes !== undefined && freeBytes < warnFreeBytes) {
    const text = `Only ${gb(freeBytes)} are free on the disk; the warning is set to ${gb(warnFreeBytes)} (recording.warnFreeGb). Free some space, or archive recordings to another disk.`;
    alerts.push({ level: freeBytes < FREE_ERROR * warnFreeBytes ? 'error' : 'warning', text });
  }
  if (bytes > BUDGET_WARNING * budgetBytes) {
    const text = `Recordings take ${gb(bytes)} of their ${gb(budgetBytes)} (recording.maxGb): beyond it the oldest are deleted. Archive what you want to keep.`;
    alerts.push({ level: 'warning', text });
  }
  if (damaged > 0)
    alerts.push({ level: 'warning', text: `${damaged} recorded ${damaged === 1 ? 'segment is' : 'segments are'} damaged.` });
  return alerts;
}

function gb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;
}
