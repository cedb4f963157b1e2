#!/usr/bin/env node
/**
 * npm run bench                         lists the benchmarks
 * npm run bench -- NAME… [--json]       runs them (`all` for every one)
 *
 * The first run installs the peers (bench/peers, by its own lockfile). Each benchmark bench/NAME.bench.ts is bundled into
 * .cache/bench and runs on Electron's own Node. bench/bench-runner.ts says how one is written and what it prints.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolveElectronRuntime } from './electron-runtime.mjs';
import { ensureBuild } from './setup/build.mjs';
import { bundle } from './setup/bundle.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './setup/display.mjs';
import { runNodeEntry } from './setup/electron-app.mjs';
import { nodeRuntime } from './setup/headless-host.mjs';
import { runMain, SetupError } from './setup/log.mjs';
import { at } from './setup/paths.mjs';
import { requireSystemLibraries } from './setup/system-libraries.mjs';

runMain(async () => {
  const args = process.argv.slice(2);
  const flags = args.filter((arg) => arg.startsWith('--'));
  const asked = args.filter((arg) => !arg.startsWith('--'));
  const known = readdirSync(at('bench'))
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length));
  if (asked.length === 0) {
    process.stdout.write(known.length > 0 ? `benchmarks: ${known.join(', ')}\n` : 'there are no benchmarks\n');
    return 0;
  }
  const names = asked.includes('all') ? known : asked;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new SetupError(`there is no benchmark ${unknown}; known are ${known.join(', ') || 'none'}`);

  await ensureDependencies();
  await ensureDependencies(at('bench', 'peers'), 'the peers of the benchmarks');
  let worst = 0;
  for (const name of names) worst = Math.max(worst, await runBench(name, flags));
  return worst;
});

async function runBench(name, flags) {
  const source = readFileSync(at('bench', `${name}.bench.ts`), 'utf8');
  const wishes = [...source.matchAll(/^\/\/ bench: (.+)$/gm)].map((match) => match[1].trim());
  const needsApp = wishes.includes('needs the built app');
  const nodeArguments = wishes.filter((wish) => wish.startsWith('--'));
  const program = await bundle(at('bench', `${name}.bench.ts`), name);

  const env = { ...process.env, COBALT_BENCH_PEERS: at('bench', 'peers', 'load.mjs') };
  if (!needsApp) return runNodeEntry(program, flags, { runtime: await nodeRuntime(), nodeArguments, env });

  const runtime = await resolveElectronRuntime();
  const display = hasDisplay();
  await requireSystemLibraries({ virtualDisplay: !display });
  await ensureBuild();
  const virtual = display ? { env: {}, stop: async () => {} } : await startVirtualDisplay();
  try {
    return await runNodeEntry(program, flags, {
      runtime,
      nodeArguments,
      env: { ...virtual.env, ...env, DISPLAY: virtual.env.DISPLAY ?? env.DISPLAY, COBALT_ELECTRON: runtime.path },
    });
  } finally {
    await virtual.stop();
  }
}
