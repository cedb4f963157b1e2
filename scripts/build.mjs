#!/usr/bin/env node
/** npm run build: sets up the dependencies and builds everything into out/. */
import { build } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { runMain } from './setup/log.mjs';

runMain(async () => {
  await ensureDependencies();
  return build();
});
