import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `config/`, `resources/` and `out/`, from source and when packaged. */
export function applicationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'config', 'config.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('The installation is damaged: config/config.yaml was not found above the program. Install it again.');
    folder = parent;
  }
  return folder;
}
