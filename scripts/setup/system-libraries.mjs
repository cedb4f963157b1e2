import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { SetupError, say } from './log.mjs';
import { run } from './processes.mjs';

/**
 * What Electron needs from the system on Linux, and the Debian package that brings it. Libraries are looked up in the
 * linker's cache, programs and fonts by path: a few milliseconds.
 */
const needs = [
  { package: 'libgtk-3-0', library: 'libgtk-3.so.0', renamed: true },
  { package: 'libnss3', library: 'libnss3.so' },
  { package: 'libasound2', library: 'libasound.so.2', renamed: true },
  { package: 'libgbm1', library: 'libgbm.so.1' },
  {
    package: 'fonts-liberation',
    files: ['/usr/share/fonts/truetype/liberation', '/usr/share/fonts/truetype/liberation2'],
    optional: true,
  },
  { package: 'xvfb', files: ['/usr/bin/Xvfb'], virtualDisplay: true },
  { package: 'xauth', files: ['/usr/bin/xauth'], virtualDisplay: true, optional: true },
];

/**
 * Makes the system libraries of Electron present where that can be done: by apt, as root, on Debian and its kin.
 *
 * @param {{ virtualDisplay: boolean }} want  whether Xvfb is needed too
 * @returns {Promise<string | undefined>} what is still missing and how to get it; undefined when all is well
 */
export async function ensureSystemLibraries(want) {
  if (process.platform !== 'linux') return undefined;
  const missing = missingNeeds(want);
  if (missing.length === 0) return undefined;
  const packages = missing.map((need) => packageName(need));
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    return explain(missing, `install what your distribution calls ${packages.join(', ')}`);
  }
  if (process.getuid?.() !== 0) return explain(missing, `run: sudo apt-get update && sudo ${command}`);

  say(`installing system libraries: ${packages.join(' ')}…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 2, 2] };
  await run('apt-get', ['update', '-qq'], quiet);
  const code = await run('apt-get', [...command.split(' ').slice(1), '-qq'], quiet);
  const left = missingNeeds(want);
  if (code !== 0 || left.some((need) => !need.optional)) {
    return explain(left.length > 0 ? left : missing, `apt-get ended with code ${code} (its reason is above); try: ${command}`);
  }
  return undefined;
}

/** As ensureSystemLibraries, for those who cannot go on without. */
export async function requireSystemLibraries(want) {
  const problem = await ensureSystemLibraries(want);
  if (problem) throw new SetupError(problem);
}

function missingNeeds({ virtualDisplay }) {
  const cached = linkerCache();
  return needs.filter((need) => {
    if (need.virtualDisplay && !virtualDisplay) return false;
    if (need.library) return cached !== undefined && !cached.includes(`\t${need.library} `);
    return !need.files.some((path) => existsSync(path));
  });
}

/** Missing optional things are worth installing, but not worth stopping for. */
function explain(missing, remedy) {
  const blocking = missing.filter((need) => !need.optional);
  if (blocking.length === 0) return undefined;
  return `Electron lacks ${blocking.map((need) => need.library ?? need.files[0]).join(', ')} on this system; ${remedy}`;
}

function linkerCache() {
  for (const path of ['/sbin/ldconfig', '/usr/sbin/ldconfig']) {
    const { status, stdout } = spawnSync(path, ['-p'], { encoding: 'utf8' });
    if (status === 0) return stdout;
  }
  return undefined;
}

/** Debian 13 and Ubuntu 24.04 renamed some libraries for their 64-bit time. */
function packageName(need) {
  if (!need.renamed) return need.package;
  const release = readRelease();
  const version = Number.parseFloat(release.VERSION_ID ?? '0');
  const renamed = release.ID === 'ubuntu' ? version >= 24.04 : release.ID === 'debian' && version >= 13;
  return renamed ? `${need.package}t64` : need.package;
}

function readRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(lines.map((line) => line.replaceAll('"', '').split('=')).filter((pair) => pair.length === 2));
  } catch {
    return {};
  }
}
