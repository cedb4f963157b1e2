import { readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { segmentIdSchema } from '../../../core/contracts/recording.ts';

/** `parquet`: readable. `journal`: not turned into Parquet yet. */
export interface SegmentFile {
  readonly id: string;
  readonly kind: 'parquet' | 'journal';
  readonly bytes: number;
  readonly modifiedMs: number;
}

export const parquetPath = (folder: string, id: string): string => join(folder, `${id}.parquet`);
export const journalPath = (folder: string, id: string): string => join(folder, `${id}.journal`);

/** The segment files of a folder, oldest name first. Other files are not looked at. */
export async function segmentFiles(folder: string): Promise<SegmentFile[]> {
  const found: SegmentFile[] = [];
  for (const day of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, day))) {
      const match = /^([^.]+)\.(parquet|journal)$/.exec(name);
      const id = `${day}/${match?.[1] ?? ''}`;
      if (match === null || !segmentIdSchema.safeParse(id).success) continue;
      const about = await stat(join(folder, day, name)).catch(() => undefined);
      if (about?.isFile() !== true) continue;
      found.push({ id, kind: match[2] as SegmentFile['kind'], bytes: about.size, modifiedMs: about.mtimeMs });
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Temporary files that a process left when it was killed. */
export async function leftovers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const day of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, day))) {
      if (/\.parquet\.(tmp|part)$/.test(name)) found.push(join(folder, day, name));
    }
  }
  return found;
}

/** A day without segments needs no folder. */
export async function removeWhenEmpty(path: string): Promise<void> {
  await rmdir(dirname(path)).catch(() => undefined);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
