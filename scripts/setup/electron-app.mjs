import { readFileSync } from 'node:fs';
import { say } from './log.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

/** Chromium refuses its sandbox to root; everybody else keeps it. */
export const sandboxArguments = () => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []);

/** Runs the built app in its window to its end. @returns {Promise<number>} exit code */
export function runApp(runtime, args, env = process.env) {
  warnAboutSandbox();
  const clean = { ...env };
  // Set by a surrounding Electron, it would turn the app into a bare Node.
  delete clean.ELECTRON_RUN_AS_NODE;
  return run(runtime.path, [...sandboxArguments(), root, ...args], { env: clean });
}

/**
 * Runs a built Node entry on Electron's own Node, or without a runtime on the Node that runs this script.
 * @returns {Promise<number>} exit code
 */
export function runNodeEntry(path, args, { runtime, nodeArguments = [], env = process.env }) {
  const onElectron = runtime !== undefined;
  return run(onElectron ? runtime.path : process.execPath, [...nodeArguments, path, ...args], {
    env: onElectron ? { ...env, ELECTRON_RUN_AS_NODE: '1' } : env,
  });
}

function warnAboutSandbox() {
  if (process.platform !== 'linux' || process.getuid?.() === 0) return;
  if (
    readFlag('/proc/sys/kernel/unprivileged_userns_clone') === '0' ||
    readFlag('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1'
  ) {
    say(
      'this system may refuse Chromium its sandbox to ordinary users; if the window does not open, allow user namespaces ' +
        '(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)',
    );
  }
}

function readFlag(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
