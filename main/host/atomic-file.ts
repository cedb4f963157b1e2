import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes so that a reader, now or after a crash at any instant, sees the old content or the new, never a part. */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(content, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
