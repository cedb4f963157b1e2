#!/usr/bin/env node
/** npm run lab [-- arguments]: sets up what is missing and runs the exchange lab on loopback. */
import { ensureBuild } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { runNodeEntry } from './setup/electron-app.mjs';
import { nodeRuntime } from './setup/headless-host.mjs';
import { runMain } from './setup/log.mjs';
import { entries } from './setup/paths.mjs';

runMain(async () => {
  await ensureDependencies();
  const runtime = await nodeRuntime();
  await ensureBuild();
  return runNodeEntry(entries.lab, process.argv.slice(2), { runtime });
});
