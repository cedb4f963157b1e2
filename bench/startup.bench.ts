// bench: needs the built app
import { spawn } from 'node:child_process';
import { median, openReport } from './bench-runner.ts';

/**
 * The built app from its start to the first painted candles, as `--smoke` tells it: on a new data folder each time, with the practice
 * market's process, both workers and the back-fill of history on the way. Then `npm start` from the shell's side, set-up checks included.
 */
const RUNS = 5;
const NPM_RUNS = 3;
const LIMIT_MS = 5_000;
const WITHIN_MS = 90_000;

interface Smoke {
  readonly firstCandleMs: number;
  readonly interactiveMs: number;
  readonly mode: string;
  readonly rssMb: Readonly<Record<string, number>>;
}

const electron = process.env['COBALT_ELECTRON'];
if (electron === undefined) throw new Error('run this benchmark by `npm run bench -- startup`, which names the Electron runtime');
const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const report = openReport('startup');

// The first start fills the file caches; every later one is like it.
await start(electron, [...sandbox, process.cwd(), '--smoke']);
const runs: Smoke[] = [];
for (let i = 0; i < RUNS; i++) runs.push((await start(electron, [...sandbox, process.cwd(), '--smoke'])).smoke);
const limit = { peer: 'limit', peerValue: LIMIT_MS, better: 'lower' } as const;
report.row({ metric: 'first candles painted', value: median(runs.map((run) => run.firstCandleMs)), unit: 'ms', ...limit });
report.row({ metric: 'interactive', value: median(runs.map((run) => run.interactiveMs)), unit: 'ms', ...limit });

const walls: number[] = [];
for (let i = 0; i < NPM_RUNS; i++) walls.push((await start('npm', ['start', '--', '--smoke'])).wallMs);
report.row({ metric: 'npm start --smoke, to its end', value: median(walls), unit: 'ms' });

const processes = new Set(runs.flatMap((run) => Object.keys(run.rssMb)));
for (const name of processes)
  report.row({ metric: `RSS, ${name}`, value: median(runs.flatMap((run) => run.rssMb[name] ?? [])), unit: 'MB' });
const totals = runs.map((run) => Object.values(run.rssMb).reduce((sum, megabytes) => sum + megabytes, 0));
report.row({ metric: 'RSS, all processes', value: median(totals), unit: 'MB' });

/** Runs a smoke start to its end. Rejects unless it ends well and its last line is the smoke line. */
function start(command: string, args: readonly string[]): Promise<{ readonly smoke: Smoke; readonly wallMs: number }> {
  const env = { ...process.env };
  // Ours alone: the app refuses a COBALT_ variable that it does not know, and ELECTRON_RUN_AS_NODE would keep it from opening.
  delete env['COBALT_BENCH_PEERS'];
  delete env['ELECTRON_RUN_AS_NODE'];
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2_000);
    });
    const deadline = setTimeout(() => child.kill('SIGTERM'), WITHIN_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      const wallMs = performance.now() - startedAt;
      const line = output.split('\n').findLast((candidate) => candidate.startsWith('{"firstCandleMs"'));
      if (code === 0 && line !== undefined) resolve({ smoke: JSON.parse(line) as Smoke, wallMs });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}: ${errors || output}`));
    });
  });
}
