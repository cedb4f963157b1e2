#!/usr/bin/env node
/**
 * npm run soak [-- --minutes 30 --speed 20 --json]: the headless host in the practice market under random faults of every venue.
 * Exit code 1 when a promise was broken. bench/soak/soak.ts says what is measured and promised.
 */
import { ensureBuild } from './setup/build.mjs';
import { bundle } from './setup/bundle.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { runNodeEntry } from './setup/electron-app.mjs';
import { nodeRuntime } from './setup/headless-host.mjs';
import { runMain } from './setup/log.mjs';
import { at } from './setup/paths.mjs';

runMain(async () => {
  await ensureDependencies();
  const runtime = await nodeRuntime();
  await ensureBuild();
  const program = await bundle(at('bench', 'soak', 'soak.ts'), 'soak');
  return runNodeEntry(program, process.argv.slice(2), { runtime });
});
