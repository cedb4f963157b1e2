/**
 * What every benchmark is written with.
 *
 * A benchmark is a file `bench/<name>.bench.ts` that `npm run bench -- <name>` bundles and runs on Electron's own Node.
 * It measures ours and a named peer in the same process and the same run, and prints rows:
 *
 *   const report = openReport('book');
 *   const { ours, peer } = await compare(
 *     { runs: 5 },
 *     () => perSecond(updates, () => replayInto(new Book())),
 *     () => perSecond(updates, () => replayInto(new PeerBook())),
 *   );
 *   report.row({ metric: 'updates at depth 1000', value: ours, unit: 'updates/s', peer: 'orderbooks 1.1.14', peerValue: peer });
 *
 * With --json each row is one JSON object on a line of its own:
 *   {"bench":"book","metric":"…","value":1,"unit":"…","peer":"…","peerValue":1,"ratio":1}
 * peer, peerValue and ratio are null where nothing is compared. `ratio` says how many times better ours is: above 1 it
 * is better, whichever way the unit counts. Without --json the same rows make a table.
 *
 * A comment line `// bench: needs the built app` in the file has the app built first; COBALT_ELECTRON then names the
 * runtime and DISPLAY a display. A line `// bench: --expose-gc` (or another Node flag) is passed to Node.
 */
import { availableParallelism, cpus } from 'node:os';
import { pathToFileURL } from 'node:url';

export interface Measurement {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** Name and version of what it is compared with. */
  readonly peer?: string;
  readonly peerValue?: number;
  /** Which way the unit counts; throughput is the default. */
  readonly better?: 'higher' | 'lower';
}

export interface BenchRow {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peerValue: number | null;
  readonly ratio: number | null;
}

/** Prints rows as they come, so that a long benchmark shows what it already knows. */
export interface BenchReport {
  row(measurement: Measurement): void;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly print: (line: string) => void;
}

export function openReport(bench: string, options: Partial<ReportOptions> = {}): BenchReport {
  const json = options.json ?? process.argv.includes('--json');
  const print = options.print ?? ((line) => process.stdout.write(`${line}\n`));
  if (!json) print(`${bench}, on ${machine()}\n${tableLine(['metric', 'ours', 'unit', 'peer', 'peer’s', 'ratio'])}`);
  return {
    row(measurement) {
      const row = toRow(bench, measurement);
      print(json ? JSON.stringify(row) : tableLine(rowCells(row)));
    },
  };
}

/** @throws when a value is not finite: a broken measurement must not look like a result. */
export function toRow(bench: string, measurement: Measurement): BenchRow {
  const { metric, value, unit, peer, peerValue, better = 'higher' } = measurement;
  for (const figure of [value, peerValue ?? 0]) {
    if (!Number.isFinite(figure)) throw new Error(`${bench}, ${metric}: measured ${figure}, which is no figure`);
  }
  const compared = peer !== undefined && peerValue !== undefined;
  const ratio = compared ? (better === 'higher' ? value / peerValue : peerValue / value) : null;
  return {
    bench,
    metric,
    value: significant(value),
    unit,
    peer: peer ?? null,
    peerValue: peerValue === undefined ? null : significant(peerValue),
    // Against a peer that measures 0 there is no ratio.
    ratio: ratio === null || !Number.isFinite(ratio) ? null : significant(ratio),
  };
}

export interface RunOptions {
  /** Measured runs; the median counts. */
  readonly runs: number;
  /** Runs before them that are thrown away (compilation, caches). */
  readonly warmUps?: number;
}

type Run = () => number | Promise<number>;

/** Median of what `run` returns. */
export async function measure(options: RunOptions, run: Run): Promise<number> {
  for (let i = 0; i < (options.warmUps ?? 1); i += 1) await run();
  const values: number[] = [];
  for (let i = 0; i < options.runs; i += 1) values.push(await run());
  return median(values);
}

/** Medians of both, run in turn, so that a machine that slows down or speeds up meanwhile does so for both. */
export async function compare(
  options: RunOptions,
  ours: Run,
  peer: Run,
): Promise<{ readonly ours: number; readonly peer: number }> {
  for (let i = 0; i < (options.warmUps ?? 1); i += 1) {
    await ours();
    await peer();
  }
  const own: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < options.runs; i += 1) {
    own.push(await ours());
    theirs.push(await peer());
  }
  return { ours: median(own), peer: median(theirs) };
}

/** Operations per second of wall time. */
export async function perSecond(operations: number, work: () => unknown): Promise<number> {
  const startedAt = process.hrtime.bigint();
  await work();
  return operations / (Number(process.hrtime.bigint() - startedAt) / 1e9);
}

/** Operations per second of this process's CPU time, user and system: what a feed costs, however long it waits. */
export async function perCpuSecond(operations: number, work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return operations / ((user + system) / 1e6);
}

/** @throws on an empty list */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error('the median of nothing');
  return (lower + upper) / 2;
}

/** Nearest-rank percentile, `percent` in (0, 100]. @throws on an empty list */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('a percentile of nothing');
  return value;
}

/**
 * Imports a peer package from bench/peers, which is installed on the first benchmark only; that is why peers have no
 * types here: `T` is the part that the benchmark uses.
 */
export async function loadPeer<T>(specifier: string): Promise<T> {
  const loader = process.env['COBALT_BENCH_PEERS'];
  if (loader === undefined) throw new Error('run benchmarks by `npm run bench -- NAME`, which installs the peers');
  const { load } = (await import(/* @vite-ignore */ pathToFileURL(loader).href)) as { load(specifier: string): Promise<T> };
  return load(specifier);
}

function machine(): string {
  const { node, electron } = process.versions;
  const runtime = electron === undefined ? `Node ${node}` : `Electron ${electron} (Node ${node})`;
  return `${cpus()[0]?.model.trim() ?? 'an unknown processor'} × ${availableParallelism()}, ${runtime}`;
}

/** Four significant digits: more would be noise. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
}

function rowCells(row: BenchRow): readonly string[] {
  const figure = (value: number | null) => (value === null ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 4 }));
  return [
    row.metric,
    figure(row.value),
    row.unit,
    row.peer ?? '–',
    figure(row.peerValue),
    row.ratio === null ? '–' : `${figure(row.ratio)}×`,
  ];
}

const widths = [44, 14, 16, 26, 14, 10];

function tableLine(cells: readonly string[]): string {
  const rightAligned = (column: number) => column === 1 || column >= 4;
  return cells
    .map((cell, column) => (rightAligned(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
    .join('  ')
    .trimEnd();
}
