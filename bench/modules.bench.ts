// bench: --expose-gc
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, openReport } from './bench-runner.ts';
import { type EngineFigures, type EngineOptions, runEngine } from './modules/engine.ts';
import { fillStore } from './modules/recorded-store.ts';
import { RoleProcess, roleHere, tellParent } from './role-process.ts';

/**
 * What analysis modules cost: the analysis part of a desk in a process of its own, on a store of two months of two symbols, without
 * a module (`modules: []`, the basic set-up) and with all of them, and the market structure that they ask for. The rest of a desk (venues, books,
 * workers, window) is in neither.
 */
const RUNS = 3;

const role = roleHere();
if (role?.name === 'engine') await runEngine(JSON.parse(role.argument) as EngineOptions);
else if (role?.name === 'fill') {
  tellParent({ kind: 'filled', end: await fillStore(role.argument) });
} else await bench();

async function bench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cobalt-bench-modules-'));
  try {
    await measureIn(join(folder, 'store.duckdb'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIn(path: string): Promise<void> {
  const filling = new RoleProcess<never, { kind: 'filled'; end: number }>('fill', path);
  const { end } = await filling.next('filled');
  await filling.stop();
  const runs = { none: [] as EngineFigures[], all: [] as EngineFigures[] };
  // One turn that is thrown away fills the file caches.
  for (let run = -1; run < RUNS; run++) {
    for (const modules of ['none', 'all'] as const) {
      const figures = await engine({ path, end, modules });
      if (run >= 0) runs[modules].push(figures);
    }
  }
  const [basic, full] = [mediansOf(runs.none), mediansOf(runs.all)];
  const report = openReport('modules');
  const row = (metric: string, unit: string, of: keyof Medians): void => {
    report.row({ metric, value: basic[of], unit, peer: 'all modules', peerValue: full[of], better: 'lower' });
  };
  row('basicReadyMs', 'ms', 'readyMs');
  row('basicRssMb', 'MB', 'rssMb');
  row('basicGrownMb', 'MB', 'grownMb');
  row('basicHeapMb', 'MB', 'ownMb');
  row('basicTickUs', 'µs', 'tickUs');
  report.row({ metric: 'modulesHeapMb', value: full.ownMb - basic.ownMb, unit: 'MB' });
  report.row({ metric: 'modulesUsPerTick', value: full.tickUs - basic.tickUs, unit: 'µs' });
}

function mediansOf(runs: readonly EngineFigures[]): Medians {
  const of = (key: keyof Medians): number => median(runs.map((figures) => figures[key]));
  return { readyMs: of('readyMs'), rssMb: of('rssMb'), grownMb: of('grownMb'), ownMb: of('ownMb'), tickUs: of('tickUs') };
}

type Medians = Omit<EngineFigures, 'kind'>;

async function engine(options: EngineOptions): Promise<EngineFigures> {
  const child = new RoleProcess<never, EngineFigures>('engine', JSON.stringify(options));
  try {
    return await child.next('measured');
  } finally {
    await child.stop();
  }
}
