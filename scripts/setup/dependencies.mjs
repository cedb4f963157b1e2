import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, say } from './log.mjs';
import { at } from './paths.mjs';
import { npmCommand, run, withoutNpmVariables } from './processes.mjs';

/** Runs `npm ci` where node_modules is missing or is not what the lockfile says. */
export async function ensureDependencies(folder = at('.'), label = 'dependencies') {
  checkNode();
  const stale = staleBecause(folder);
  if (!stale) return;
  say(`installing ${label} by the lockfile (${stale})…`);
  const npm = npmCommand();
  const code = await run(npm.command, [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: withoutNpmVariables(),
    shell: npm.shell,
    // npm's own report goes to standard error, where set-up speaks.
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) throw new SetupError(`\`npm ci\` in ${folder} ended with code ${code}: its reason is above`);
}

/**
 * Compares the lockfile with npm's record of what it installed (node_modules/.package-lock.json), which it writes
 * last: 4 ms, and right whichever npm command did the installing.
 *
 * @returns {string | undefined} the first difference, in words
 */
export function staleBecause(folder) {
  const installedAt = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installedAt)) return 'node_modules is absent';
  let wanted;
  let installed;
  try {
    wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
    installed = JSON.parse(readFileSync(installedAt, 'utf8')).packages;
  } catch (error) {
    return `its record is unreadable: ${error.message}`;
  }
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const found = installed[path];
    // npm leaves optional packages for other platforms out.
    if (!found && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (found?.version !== entry.version) return `${path} is ${found?.version ?? 'absent'}, the lockfile says ${entry.version}`;
  }
  return undefined;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: install Node 20.19 or newer`);
}
