import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** Variables of the process over those of the first `.env` file that exists. Secrets belong there and nowhere else. */
export function readEnvironment(
  processEnvironment: Readonly<Record<string, string | undefined>>,
  files: readonly string[],
): Record<string, string | undefined> {
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      continue;
    }
    return { ...parseEnv(text), ...processEnvironment };
  }
  return { ...processEnvironment };
}
