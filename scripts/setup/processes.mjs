import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';

/**
 * Runs a program to its end with this process's own streams, and passes interrupts on to it.
 * Resolves to an exit code: a death by signal is 128 + its number, as a shell reports it.
 */
export function run(command, args, { env = process.env, cwd = root, stdio = 'inherit', shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio, shell, windowsHide: false });
    const forget = forwardSignals(child);
    child.on('error', (error) => {
      forget();
      reject(error);
    });
    child.on('close', (code, signal) => {
      forget();
      resolve(code ?? 128 + (constants.signals[signal] ?? 1));
    });
  });
}

/** Passes SIGINT, SIGTERM and SIGHUP on to the child, and keeps this process alive until the child has ended. */
function forwardSignals(child) {
  const signals = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/**
 * Runs a download to its end, or kills it when the watched folders have not grown for `stallSeconds`, or after
 * `limitSeconds` in all. Output is kept, not shown.
 *
 * @returns {Promise<{ ok: boolean, reason: string, output: string }>}
 */
export function runDownload(command, args, { env, cwd, shell = false, watch, stallSeconds, limitSeconds }) {
  return new Promise((resolve) => {
    // A group of its own, so that a kill also reaches what it has started.
    const child = spawn(command, args, {
      env,
      cwd,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let output = '';
    let killedBecause = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-8000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const kill = (reason) => {
      killedBecause ||= reason;
      try {
        if (process.platform === 'win32') child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has already ended.
      }
    };
    const startedAt = Date.now();
    let grewAt = startedAt;
    let size = -1;
    const timer = setInterval(() => {
      const now = Date.now();
      const bytes = watch.reduce((sum, folder) => sum + folderBytes(folder), 0);
      if (bytes !== size) {
        size = bytes;
        grewAt = now;
      }
      if (now - grewAt > stallSeconds * 1000) kill(`nothing arrived for ${stallSeconds} s`);
      else if (now - startedAt > limitSeconds * 1000) kill(`not done after ${limitSeconds} s`);
    }, 1000);
    const interrupted = (signal) => {
      kill(`interrupted by ${signal}`);
      process.exit(130);
    };
    process.on('SIGINT', interrupted);
    process.on('SIGTERM', interrupted);
    const finish = (ok, reason) => {
      clearInterval(timer);
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
      resolve({ ok, reason, output });
    };
    child.on('error', (error) => finish(false, error.message));
    child.on('close', (code, signal) => {
      if (killedBecause) finish(false, killedBecause);
      else finish(code === 0, code === 0 ? '' : `exit ${code ?? signal}`);
    });
  });
}

function folderBytes(folder) {
  let bytes = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true })) {
      try {
        bytes += statSync(join(folder, name)).size;
      } catch {
        // Moved away between listing and looking: the next look counts it.
      }
    }
  } catch {
    return 0;
  }
  return bytes;
}

/** How to start npm without a shell: the copy that runs us, else the one beside Node, else whatever PATH has. */
export function npmCommand() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  for (const path of candidates) {
    if (path?.endsWith('npm-cli.js') && existsSync(path)) return { command: process.execPath, args: [path], shell: false };
  }
  // npm.cmd is a batch file, which Node starts through a shell only.
  return process.platform === 'win32'
    ? { command: 'npm.cmd', args: [], shell: true }
    : { command: 'npm', args: [], shell: false };
}

const keptNpmSettings = new Set([
  'npm_config_registry',
  'npm_config_cache',
  'npm_config_cafile',
  'npm_config_userconfig',
  'npm_config_proxy',
  'npm_config_https_proxy',
  'npm_config_noproxy',
]);

/**
 * The environment for a nested npm: without what the outer npm exports about itself (its prefix, its package, its
 * script), which would otherwise make the nested one act on the outer project. Where to fetch from is kept.
 */
export function withoutNpmVariables(env = process.env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => {
      const lower = name.toLowerCase();
      return !lower.startsWith('npm_') || keptNpmSettings.has(lower);
    }),
  );
}
