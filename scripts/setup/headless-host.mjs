import { resolveElectronRuntime } from '../electron-runtime.mjs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { runNodeEntry } from './electron-app.mjs';
import { say } from './log.mjs';
import { entries } from './paths.mjs';
import { ensureSystemLibraries } from './system-libraries.mjs';

/** Sets up and runs the headless host to its end. @returns {Promise<number>} exit code */
export async function startHeadless(args) {
  await ensureDependencies();
  const runtime = await nodeRuntime();
  await ensureBuild();
  return runNodeEntry(entries.headless, args, { runtime });
}

/** Electron's own Node, which the desktop app also runs on; undefined, with the reason said, where plain Node must do. */
export async function nodeRuntime() {
  try {
    const runtime = await resolveElectronRuntime();
    const problem = await ensureSystemLibraries({ virtualDisplay: false });
    if (!problem) return runtime;
    say(`${problem}. Using plain Node ${process.versions.node} meanwhile`);
  } catch (error) {
    say(`${error.message}. Using plain Node ${process.versions.node} meanwhile`);
  }
  return undefined;
}
