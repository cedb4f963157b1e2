import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { LAB_VENUES } from '../../lab/listings.ts';
import { median, percentile } from '../bench-runner.ts';
import { faultSchedule } from './fault-schedule.ts';
import { fitLine } from './line-fit.ts';
import { MarketTruth } from './market-truth.ts';
import { SoakedDesk } from './soaked-desk.ts';
import { checkLog, checkSegments, checkTrades } from './verdict.ts';
import { SoakWatch } from './watch.ts';

/**
 * The headless host as it is shipped, on a new data folder, in the practice market at a high speed, while random faults come over every
 * venue: memory, books, trades, recordings and the log are held against what was promised. `scripts/soak.mjs` runs it.
 */
const USAGE = `npm run soak -- [--minutes 30] [--speed 20] [--seed 1] [--fault-every 6] [--keep] [--json]
  --minutes N       wall minutes with faults; one more without them follows
  --speed N         market seconds per second, 1 to 60
  --seed N          of the practice market and of the script of faults
  --fault-every N   wall seconds from one fault to the next, in the mean
  --keep            leaves the data folder behind and says where
  --json            the figures as one line of JSON on standard output, the rest on standard error`;
const SAMPLE_MS = 5_000;
const PROGRESS_MS = 60_000;
/** A book is live again this long after the last fault. */
const LIVE_WITHIN_MS = 60_000;
const TURN_MS = 100;
const SYMBOLS = ['ETH/USDT', 'BTC/USDT'];
const DATA_FOLDERS = [join('resources', 'sample-year'), join('resources', 'sample')];

interface Sample {
  readonly hours: number;
  readonly kb: ReadonlyMap<string, number>;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    speed: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    'fault-every': { type: 'string', default: '6' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
if (values.help) say(USAGE);
else
  process.exitCode = await soak(Number(values.minutes), Number(values.speed), Number(values.seed), Number(values['fault-every']));

async function soak(minutes: number, speed: number, seed: number, faultEveryS: number): Promise<number> {
  if (!(minutes > 0) || !(speed >= 1 && speed <= 60) || !Number.isInteger(seed) || !(faultEveryS > 0)) {
    say(USAGE);
    return 2;
  }
  const loadBefore = loadavg()[0] ?? 0;
  const desk = await SoakedDesk.start(speed, seed);
  const watch = new SoakWatch();
  const samples: Sample[] = [];
  const loads: number[] = [];
  let unheard = 0;
  let liveAfterMs: number | undefined;
  let exitCode: number | null;
  const faults = faultSchedule({
    seed,
    venues: LAB_VENUES,
    everyMs: faultEveryS * 1_000,
    untilMs: minutes * 60_000,
    speed,
  });
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const lastEnd = Math.max(0, ...faults.map(({ endsMs }) => endsMs));
  const kinds = new Set(faults.map(({ text }) => /[a-z0-9-]+(?=[@:]\d)/.exec(text)?.[0]));
  say(`${faults.length} faults of ${kinds.size} kinds in ${minutes} min at ${speed}×; the desk is process ${desk.pid}`);
  try {
    await watchDesk(desk, watch);
    const end = minutes * 60_000 + LIVE_WITHIN_MS;
    const pending = [...faults].sort((a, b) => a.atMs - b.atMs);
    let nextSample = 0;
    let nextProgress = PROGRESS_MS;
    while (elapsed() < end && desk.running) {
      const now = elapsed();
      while (pending[0] !== undefined && pending[0].atMs <= now) {
        if (!(await desk.fault((pending.shift() as (typeof pending)[number]).text))) unheard++;
      }
      if (now >= nextSample) {
        nextSample = now + SAMPLE_MS;
        samples.push({ hours: now / 3_600_000, kb: await desk.residentKb(watch.latest?.workers ?? []) });
        loads.push(loadavg()[0] ?? 0);
      }
      if (now >= lastEnd && watch.allLive) liveAfterMs ??= now - lastEnd;
      if (now >= nextProgress) {
        nextProgress += PROGRESS_MS;
        tellProgress(now, watch, samples);
      }
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  } finally {
    exitCode = await desk.stop();
  }

  const sources = [...watch.sources.values()];
  const truth = await MarketTruth.open(DATA_FOLDERS, seed);
  const { holes, ...log } = await checkLog(desk.paths.log);
  const trades = await checkTrades(desk.paths.store('SIM'), sources, holes, truth);
  const recording = await checkSegments(desk.paths.recording('SIM'));
  const restarts = Object.fromEntries((watch.latest?.workers ?? []).map((worker) => [worker.name, worker.restarts]));
  const memory = memoryOf(samples);
  const notLive = sources.filter(({ last }) => last.book !== 'live').map(({ key }) => key);

  const broken: string[] = [];
  if (exitCode !== 0) broken.push(`the desk ended with code ${exitCode}: ${desk.printed.slice(-2_000)}`);
  if (log.unhandled.length > 0) broken.push(`${log.unhandled.length} unhandled rejections or exceptions: ${log.unhandled[0]}`);
  if (sources.length === 0) broken.push('the desk told of no source');
  if (liveAfterMs === undefined || notLive.length > 0)
    broken.push(`not every book was live within a minute after the last fault: ${notLive.join(', ') || 'some, for a while'}`);
  for (const { source, missing, told, extra, missingIds, stored } of trades) {
    if (stored === 0) broken.push(`${source}: no trade is stored`);
    if (missing > told) broken.push(`${source}: ${missing - told} trades are lost and nothing said so`);
    if ((missingIds ?? 0) > 0) broken.push(`${source}: ${missingIds} trade ids are missing`);
    if (extra > 0) broken.push(`${source}: ${extra} stored trades were never made`);
  }
  for (const problem of recording.unreadable) broken.push(`recording: ${problem}`);
  for (const [name, count] of Object.entries(restarts)) if (count > 0) broken.push(`${name} died ${count} times`);

  const delays = watch.delaysP99;
  const figures = {
    soak: { minutes, speed, seed, faults: faults.length, kinds: kinds.size, faultsUnheard: unheard },
    machine: { processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, node: process.versions.node },
    load: { before: round(loadBefore, 2), median: round(median(loads), 2), max: round(Math.max(...loads), 2) },
    memory,
    eventLoopDelayMsP99: { median: round(median(delays), 2), max: round(Math.max(...delays), 2) },
    storeWaitMs: {
      median: round(median(watch.storeWaitsMs), 0),
      p99: round(percentile(watch.storeWaitsMs, 99), 0),
      max: round(Math.max(...watch.storeWaitsMs), 0),
    },
    books: sources.map((source) => ({
      source: source.key,
      liveShare: round(source.liveReports / source.reports, 4),
      longestOutS: round(source.longestOutMs / 1_000, 1),
      resyncs: source.last.resyncs,
      gaps: source.last.gaps,
      backfilledTrades: source.last.backfilledTrades,
      missedTrades: source.last.missedTrades,
      holesTold: Math.max(source.told.size, holes.get(source.key)?.length ?? 0),
    })),
    liveAfterLastFaultS: liveAfterMs === undefined ? null : round(liveAfterMs / 1_000, 1),
    trades,
    recording,
    log,
    restarts,
    notices: [...watch.notices],
    broken,
  };
  report(figures);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  if (values.keep) say(`the data folder is ${desk.paths.userData}`);
  else await desk.remove();
  return broken.length === 0 ? 0 : 1;

  function report({ load, eventLoopDelayMsP99, storeWaitMs, books }: typeof figures): void {
    say(`load ${load.before} before, ${load.median} in the median, ${load.max} at most, on ${cpus().length} cores`);
    for (const [name, { firstMb, lastMb, maxMb, slopeMbPerHour, standardError }] of Object.entries(memory))
      say(
        `RSS ${name.padEnd(9)} ${firstMb} → ${lastMb} MB, at most ${maxMb}; second half ${slopeMbPerHour} ± ${standardError} MB/h (least squares, standard error)`,
      );
    say(`event loop delay p99 ${eventLoopDelayMsP99.median} ms in the median, ${eventLoopDelayMsP99.max} ms at most`);
    say(
      `market data waited for the disk ${storeWaitMs.median} ms in the median, ${storeWaitMs.p99} ms at p99, ${storeWaitMs.max} ms at most`,
    );
    for (const { source, liveShare, longestOutS, resyncs, backfilledTrades, holesTold } of books) {
      const trade = trades.find((each) => each.source === source);
      say(
        `${source.padEnd(20)} live ${(100 * liveShare).toFixed(1)} %, out ${longestOutS} s at most, ${resyncs} resyncs, ${backfilledTrades} trades back-filled; ${trade?.stored} stored of ${trade?.had}, ${trade?.missing} missing (${trade?.told} told in ${holesTold} holes), ${trade?.extra} extra${trade?.missingIds === undefined ? '' : `, ids missing ${trade.missingIds}`}`,
      );
    }
    say(
      `recording: ${recording.segments} segments, ${recording.events} events, ${round(recording.bytes / 2 ** 20, 1)} MB, ${recording.unreadable.length} unreadable`,
    );
    say(`log: ${log.unhandled.length} unhandled, ${log.errors} errors, ${log.warnings} warnings`);
    for (const [message, count] of log.frequent) say(`  ${String(count).padStart(6)} × ${message}`);
    say(broken.length === 0 ? 'every promise was kept' : `BROKEN:\n${broken.map((line) => `  ${line}`).join('\n')}`);
  }
}

/** The streams that a page has open. */
async function watchDesk({ client }: SoakedDesk, watch: SoakWatch): Promise<void> {
  const bootstrap = await client.run('getBootstrap', {});
  if (bootstrap.state !== 'ready') throw new Error(`the desk did not start: ${JSON.stringify(bootstrap)}`);
  await client.subscribe('status', {}, (status) => watch.onStatus(status, performance.now()));
  for (const symbol of SYMBOLS) {
    for (const timeframe of ['1s', '1m'] as const) await client.subscribe('candles', { symbol, timeframe }, () => {});
    await client.subscribe('cob', { symbol }, () => {});
  }
}

function tellProgress(elapsedMs: number, watch: SoakWatch, samples: readonly Sample[]): void {
  const kb = [...(samples.at(-1)?.kb ?? [])].map(([name, value]) => `${name} ${Math.round(value / 1024)}`).join(', ');
  const sources = [...watch.sources.values()];
  const live = sources.filter(({ last }) => last.book === 'live').length;
  const backfilled = sources.reduce((sum, { last }) => sum + last.backfilledTrades, 0);
  const resyncs = sources.reduce((sum, { last }) => sum + last.resyncs, 0);
  say(
    `${Math.round(elapsedMs / 60_000)} min: MB ${kb}; ${live} of ${sources.length} books live, ${resyncs} resyncs, ${backfilled} trades back-filled, load ${loadavg()[0]?.toFixed(1)}`,
  );
}

/** By process: the first and last sample, the most, and the slope over the second half of the soak. */
function memoryOf(samples: readonly Sample[]) {
  const second = samples.slice(samples.length >> 1);
  const names = new Set(samples.flatMap(({ kb }) => [...kb.keys()]));
  const figures: Record<
    string,
    { firstMb: number; lastMb: number; maxMb: number; slopeMbPerHour: number; standardError: number; samples: number }
  > = {};
  const seriesOf = (from: readonly Sample[], name: string) => {
    const having = from.filter(({ kb }) => kb.has(name));
    return { hours: having.map(({ hours }) => hours), mb: having.map(({ kb }) => (kb.get(name) as number) / 1_024) };
  };
  const total = samples.map(({ hours, kb }) => ({
    hours,
    kb: new Map([['total', [...kb.values()].reduce((a, b) => a + b, 0)]]),
  }));
  for (const name of [...names, 'total']) {
    const all = seriesOf(name === 'total' ? total : samples, name);
    const half = seriesOf(name === 'total' ? total.slice(total.length >> 1) : second, name);
    if (half.mb.length < 3) continue;
    const { slope, standardError } = fitLine(half.hours, half.mb);
    figures[name] = {
      firstMb: round(all.mb[0] as number, 1),
      lastMb: round(all.mb.at(-1) as number, 1),
      maxMb: round(Math.max(...all.mb), 1),
      slopeMbPerHour: round(slope, 1),
      standardError: round(standardError, 1),
      samples: half.mb.length,
    };
  }
  return figures;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
