import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './log.mjs';

/** macOS and Windows always have one as far as a program can tell. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * Starts a virtual display (Xvfb on a number that it picks itself, with an access cookie of its own).
 *
 * xvfb-run is not used: Debian's sends the program's standard error to standard output, which must stay the
 * program's own, and does not pass an interrupt on.
 *
 * @returns {Promise<{ env: NodeJS.ProcessEnv, stop: () => Promise<void> }>} the environment that leads programs to it
 */
export function startVirtualDisplay(size = '1920x1080x24') {
  const folder = mkdtempSync(join(tmpdir(), 'cobalt-xvfb-'));
  const authority = join(folder, 'Xauthority');
  writeFileSync(authority, cookieFile(), { mode: 0o600 });
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-auth', authority], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // Out of the terminal's group: an interrupt is the app's to handle, and it still needs its display then.
    detached: true,
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const stop = async () => {
    process.off('exit', kill);
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const kill = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', kill);

  return new Promise((resolve, reject) => {
    let complaint = '';
    let number = '';
    const fail = (reason) => {
      rmSync(folder, { recursive: true, force: true });
      reject(new SetupError(`no virtual display: ${reason}. Install xvfb, or run where there is a display`));
    };
    child.on('error', (error) => fail(error.code === 'ENOENT' ? 'Xvfb is not installed' : error.message));
    child.on('exit', (code) => fail(`Xvfb ended with code ${code}: ${complaint.trim().split('\n').at(-1)}`));
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-2000);
    });
    child.stdio[3].on('data', (chunk) => {
      number += chunk;
      if (!number.includes('\n')) return;
      const env = { ...process.env, DISPLAY: `:${number.trim()}`, XAUTHORITY: authority };
      delete env.WAYLAND_DISPLAY;
      resolve({ env, stop });
    });
  });
}

/** An Xauthority file with one MIT-MAGIC-COOKIE-1 entry for any address and display (libXau's binary format). */
function cookieFile() {
  const counted = (bytes) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const familyWild = Buffer.from([0xff, 0xff]);
  const nothing = Buffer.alloc(0);
  return Buffer.concat([
    familyWild,
    counted(nothing),
    counted(nothing),
    counted(Buffer.from('MIT-MAGIC-COOKIE-1')),
    counted(randomBytes(16)),
  ]);
}
