import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { RecordingMove } from '../../core/contracts/recording.ts';

const OPTIONS: Readonly<Record<RecordingMove, OpenDialogOptions>> = {
  archive: {
    title: 'Move recordings to a folder',
    buttonLabel: 'Archive here',
    properties: ['openDirectory', 'createDirectory'],
  },
  restore: { title: 'Bring recordings back from a folder', buttonLabel: 'Restore from here', properties: ['openDirectory'] },
};

/** Asks the user for a folder, in front of the window where there is one. */
export async function pickRecordingFolder(
  window: BrowserWindow | undefined,
  purpose: RecordingMove,
): Promise<string | undefined> {
  const options = OPTIONS[purpose];
  const chosen = window === undefined ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(window, options);
  return chosen.canceled ? undefined : chosen.filePaths[0];
}
