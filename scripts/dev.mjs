#!/usr/bin/env node
/**
 * npm run dev [-- arguments for the app]
 *
 * electron-vite's development server on the resolved Electron: the renderer is replaced hot, a change of main or preload
 * restarts the app or reloads the window.
 */
import { resolveElectronRuntime } from './electron-runtime.mjs';
import { forgetBuild } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './setup/display.mjs';
import { sandboxArguments } from './setup/electron-app.mjs';
import { runMain, say } from './setup/log.mjs';
import { at } from './setup/paths.mjs';
import { run } from './setup/processes.mjs';
import { requireSystemLibraries } from './setup/system-libraries.mjs';

runMain(async () => {
  const display = hasDisplay();
  await ensureDependencies();
  const runtime = await resolveElectronRuntime();
  say(`developing on Electron ${runtime.version} (${runtime.source}): ${runtime.why}`);
  await requireSystemLibraries({ virtualDisplay: !display });
  forgetBuild();
  const virtual = display ? { env: process.env, stop: async () => {} } : await startVirtualDisplay();
  if (!display) say(`no display here: the window is on the virtual one ${virtual.env.DISPLAY}`);
  try {
    const vite = at('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    return await run(process.execPath, [vite, 'dev', '--watch', '--', ...sandboxArguments(), ...process.argv.slice(2)], {
      env: { ...virtual.env, ELECTRON_EXEC_PATH: runtime.path },
    });
  } finally {
    await virtual.stop();
  }
});
