#!/usr/bin/env node
/** npm run headless [-- arguments]: sets up what is missing and serves the UI from the headless host. */
import { startHeadless } from './setup/headless-host.mjs';
import { runMain } from './setup/log.mjs';

runMain(() => startHeadless(process.argv.slice(2)));
