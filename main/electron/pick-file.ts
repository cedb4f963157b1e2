import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { PickedFile } from '../ports/import.ts';

const OPTIONS: OpenDialogOptions = {
  title: 'Import candles or trades',
  properties: ['openFile'],
  filters: [
    { name: 'CSV and Parquet', extensions: ['csv', 'tsv', 'txt', 'gz', 'parquet'] },
    { name: 'All files', extensions: ['*'] },
  ],
};

/** Asks the user for a file, in front of the window where there is one. */
export async function pickImportFile(window: BrowserWindow | undefined): Promise<PickedFile | undefined> {
  const chosen = window === undefined ? await dialog.showOpenDialog(OPTIONS) : await dialog.showOpenDialog(window, OPTIONS);
  const path = chosen.filePaths[0];
  if (chosen.canceled || path === undefined) return undefined;
  return { path, name: basename(path), bytes: (await stat(path)).size };
}
