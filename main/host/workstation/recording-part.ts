import type { StorageUse } from '../../../core/contracts/recording.ts';
import { createRecordingService, type RecordingService } from '../../services/recording/recording-service.ts';
import type { SystemService } from '../../services/system/system-service.ts';
import { openSegmentStore } from '../../storage/recording/segment-store.ts';
import type { Frame } from './frame.ts';

/** The recorder, already listening: the market is opened after it and closed before it. */
export function assembleRecording(frame: Frame): RecordingService {
  const { config, mode, paths, store, market, wall, ids, log } = frame;
  const recording = createRecordingService({
    // What is replayed is recorded already.
    settings: mode === 'REPLAY' ? { ...config.recording, enabled: false } : config.recording,
    store: openSegmentStore({ folder: paths.recording(mode), mode, wall }),
    clock: market.clock,
    wall,
    ids,
    log,
    storeFiles: () => store.retention.files(),
    pruneTables: (before) => store.retention.deleteBefore(before),
  });
  frame.onClose(() => recording.stop());
  void recording.start();
  return recording;
}

/** Alerts on the disk are shown where the other notices are. */
export function showStorageAlerts(recording: RecordingService, system: SystemService): void {
  let shown = 0;
  const show = ({ alerts }: StorageUse): void => {
    alerts.forEach(({ level, text }, i) => system.notify(`storage.${i}`, level, text));
    for (let i = alerts.length; i < shown; i++) system.withdraw(`storage.${i}`);
    shown = alerts.length;
  };
  const latest = recording.latestUsage();
  if (latest !== undefined) show(latest);
  recording.events.on(show);
}
