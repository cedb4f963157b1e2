// bench: --expose-gc
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, openReport } from './bench-runner.ts';
import { type EngineFigures, type EngineOptions, runEngine } from './modules/engine.ts';
import { fillStore } from './modules/recorded-store.ts';
import { RoleProcess, roleHere, tellParent } from './role-process.ts';

/**
 * What analysis modules cost: the analysis part of a desk in a process of its own, on a store of two recorded months of two symbols, without
 * a module (`modules: []`, the basic set-up) and with all of them. Without and with market structure, which a desk analyses for its
 * chart in either set-up. `own`: less what a process takes that only opens the store.
 */
const RUNS = 5;

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

type SetUp = Pick<EngineOptions, 'modules' | 'structure'>;

async function measureIn(path: string): Promise<void> {
  const filling = new RoleProcess<never, { kind: 'filled'; end: number }>('fill', path);
  const { end } = await filling.next('filled');
  await filling.stop();
  const setUps: readonly SetUp[] = [
    { modules: 'none', structure: false },
    { modules: 'all', structure: false },
    { modules: 'none', structure: true },
    { modules: 'all', structure: true },
  ];
  const runs: EngineFigures[][] = setUps.map(() => []);
  // One turn that is thrown away fills the file caches.
  for (let run = -1; run < RUNS; run++) {
    for (const [i, setUp] of setUps.entries()) {
      const figures = await engine({ path, end, ...setUp });
      if (run >= 0) runs[i]?.push(figures);
    }
  }
  const [basic, full, basicDesk, fullDesk] = runs.map((figures) => ({
    readyMs: median(figures.map(({ readyMs }) => readyMs)),
    rssMb: median(figures.map(({ rssMb }) => rssMb)),
    ownMb: median(figures.map(({ ownMb }) => ownMb)),
    tickUs: median(figures.map(({ tickUs }) => tickUs)),
  })) as [Medians, Medians, Medians, Medians];

  const report = openReport('modules');
  const row = (metric: string, unit: string, of: keyof Medians, [none, all]: readonly [Medians, Medians]): void => {
    report.row({ metric, value: none[of], unit, peer: 'all modules', peerValue: all[of], better: 'lower' });
  };
  row('basicReadyMs', 'ms', 'readyMs', [basic, full]);
  row('basicRssMb', 'MB', 'rssMb', [basic, full]);
  row('basicHeapMb', 'MB', 'ownMb', [basic, full]);
  row('tickUs', 'µs', 'tickUs', [basic, full]);
  row('basicReadyMs, with structure', 'ms', 'readyMs', [basicDesk, fullDesk]);
  row('basicRssMb, with structure', 'MB', 'rssMb', [basicDesk, fullDesk]);
  row('basicHeapMb, with structure', 'MB', 'ownMb', [basicDesk, fullDesk]);
  report.row({ metric: 'modulesHeapMb', value: full.ownMb - basic.ownMb, unit: 'MB' });
  report.row({ metric: 'modulesUsPerTick', value: full.tickUs - basic.tickUs, unit: 'µs' });
  // The whole of what a desk without modules leaves out: they, and the structure that only they would read.
  row('basicReadyMs, structure in full only', 'ms', 'readyMs', [basic, fullDesk]);
  row('basicRssMb, structure in full only', 'MB', 'rssMb', [basic, fullDesk]);
  row('basicHeapMb, structure in full only', 'MB', 'ownMb', [basic, fullDesk]);
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
