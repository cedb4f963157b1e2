import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes of a file; 0 when there is none. */
export async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** Bytes that may still be written to the disk that holds `path`; unbounded where the system does not say. */
export async function roomBytes(path: string): Promise<number> {
  try {
    const disk = await statfs(dirname(path));
    return disk.bavail * disk.bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** DuckDB's write-ahead log of a store. */
export function walPath(path: string): string {
  return `${path}.wal`;
}
