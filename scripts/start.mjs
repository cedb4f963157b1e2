#!/usr/bin/env node
/**
 * npm start [-- arguments for the app]
 *
 * Sets up what is missing (dependencies by the lockfile, Electron runtime, system libraries, build) and opens the app.
 * Without a display it says so and serves the same UI from the headless host instead. With --smoke the app itself runs
 * in any case, on a virtual display where there is no other, and ends with one JSON line on standard output.
 */
import { resolveElectronRuntime } from './electron-runtime.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './setup/display.mjs';
import { runApp } from './setup/electron-app.mjs';
import { startHeadless } from './setup/headless-host.mjs';
import { runMain, say } from './setup/log.mjs';
import { requireSystemLibraries } from './setup/system-libraries.mjs';

runMain(async () => {
  const args = process.argv.slice(2);
  const display = hasDisplay();
  if (!display && !args.includes('--smoke')) {
    say(
      'no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): starting the headless host, whose link opens the same window in a browser',
    );
    return startHeadless(args);
  }
  await ensureDependencies();
  const runtime = await resolveElectronRuntime();
  if (runtime.source !== 'official') say(`running on Electron ${runtime.version} (${runtime.source}): ${runtime.why}`);
  await requireSystemLibraries({ virtualDisplay: !display });
  await ensureBuild();
  if (display) return runApp(runtime, args);

  say('no display here: running on a virtual one');
  const virtual = await startVirtualDisplay();
  try {
    return await runApp(runtime, args, virtual.env);
  } finally {
    await virtual.stop();
  }
});
