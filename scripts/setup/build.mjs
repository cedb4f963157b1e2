import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupError, say } from './log.mjs';
import { at, root } from './paths.mjs';
import { run } from './processes.mjs';

/** Everything that the build reads. Tests lie beside the code and are left out. */
const sources = [
  'core',
  'models',
  'main',
  'workers',
  'renderer',
  'lab',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
];
const stamp = at('out', '.built-from');

/** Builds into out/ when a source was added, changed or removed since the last build (0.01 s to tell). */
export async function ensureBuild({ quiet = true } = {}) {
  if (isBuilt()) return;
  say('building…');
  const code = await build({ quiet });
  if (code !== 0) throw new SetupError(`the build ended with code ${code}: its reason is above`);
}

/** Builds in any case. @returns {Promise<number>} exit code */
export async function build({ quiet = false } = {}) {
  const before = fingerprint();
  rmSync(stamp, { force: true });
  const code = await run(
    process.execPath,
    [at('node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build', ...(quiet ? ['--logLevel', 'warn'] : [])],
    {
      // The build's report goes to standard error, where set-up speaks.
      stdio: ['ignore', 2, 2],
    },
  );
  if (code === 0) {
    mkdirSync(at('out'), { recursive: true });
    // What was there when the build began: a change during the build makes the next start build again.
    writeFileSync(stamp, before);
  }
  return code;
}

/** Makes the next start build again: for `npm run dev`, which leaves a development build in out/. */
export function forgetBuild() {
  rmSync(stamp, { force: true });
}

function isBuilt() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

function fingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    if (stats.isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(`${relative(root, path)}\0${stats.size}\0${stats.mtimeMs}\n`);
    }
  };
  for (const source of sources) visit(at(source));
  return hash.digest('hex');
}
