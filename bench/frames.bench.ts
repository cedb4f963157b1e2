// bench: needs the built app
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReport, percentile } from './bench-runner.ts';
import { FRAME_MARK, frameCosts } from './desk/frame-trace.ts';
import { PageProbe } from './desk/page-probe.ts';

/**
 * Frames of the real window at 1280 × 800 with the market panels side by side: a chart of seconds with the heatmap of the book behind it,
 * the heatmap of 300 s × 401 rows, the order book and the order flow, on the practice market, whose books change ten times a second. A window that only counts
 * its frames runs on the same display before and after: what it reaches is the display's and the machine's limit.
 * Frame times are CPU times of the page's main thread, which other programs on the machine change little.
 */
const WATCHED_S = 20;
const TRACED_S = 12;
const REFERENCE_S = 8;
const SMOOTH_FPS = 55;
const FRAME_LIMIT_MS = 8;
const LONG_TASK_MS = 50;
/** Market seconds until the heatmaps are full, at the fastest the practice market goes. */
const FILL_S = 330;
const FILL_SPEED = 60;

const SIZE = { width: 1280, height: 800 };
const PANELS = {
  chart: { timeframe: '1s', heatmap: true },
  heatmap: { windowSec: 300, radius: 200 },
};
/** Prices of the practice market are those of 2020: a bucket as wide as today's would fill the chart. */
const SYMBOLS = { 'ETH/USDT': { bucketWidth: 0.05, imbalanceRange: 0.5 } };
const leaf = (id: string, size: number) => ({ type: 'leaf', data: { views: [id], activeView: id, id: `group-${id}` }, size });
/** Order book | chart over heatmap | order flow. */
const LAYOUT = {
  grid: {
    root: {
      type: 'branch',
      data: [
        leaf('ladder', 236),
        { type: 'branch', data: [leaf('chart', 400), leaf('heatmap', 308)], size: 708 },
        leaf('flow', 336),
      ],
      size: 708,
    },
    width: SIZE.width,
    height: 708,
    orientation: 'HORIZONTAL',
  },
  panels: Object.fromEntries(['ladder', 'chart', 'heatmap', 'flow'].map((id) => [id, { id, contentComponent: id, title: id }])),
  activeGroup: 'group-chart',
};

interface Frames {
  readonly intervals: readonly number[];
  readonly longTasks: readonly number[];
}

const electron = process.env['COBALT_ELECTRON'];
if (electron === undefined) throw new Error('run this benchmark by `npm run bench -- frames`, which names the Electron runtime');
const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const report = openReport('frames');

const before = await reference(electron);
const { frames, costs } = await desk(electron);
const after = await reference(electron);
const peer = 'window that only counts frames';
const limit = { intervals: [...before.intervals, ...after.intervals] };

report.row({ metric: 'frames', value: fps(frames), unit: 'frames/s', peer, peerValue: fps(limit) });
const seconds = `seconds with ≥ ${SMOOTH_FPS} frames`;
report.row({ metric: seconds, value: smooth(frames), unit: '%', peer, peerValue: smooth(limit) });
for (const percent of [50, 95, 99]) {
  const peerValue = percentile(limit.intervals, percent);
  report.row({
    metric: `between frames p${percent}`,
    value: percentile(frames.intervals, percent),
    unit: 'ms',
    peer,
    peerValue,
    better: 'lower',
  });
}
for (const percent of [50, 95, 99]) {
  const value = percentile(costs.frameMs, percent);
  report.row({
    metric: `main thread per frame p${percent}`,
    value,
    unit: 'ms CPU',
    peer: 'limit',
    peerValue: FRAME_LIMIT_MS,
    better: 'lower',
  });
}
report.row({ metric: 'main thread busy', value: costs.frameMs.reduce((sum, ms) => sum + ms, 0) / TRACED_S / 10, unit: '%' });
for (const [part, value] of [...costs.msPerS].sort((a, b) => b[1] - a[1])) {
  report.row({ metric: `of it ${part}`, value, unit: 'ms per s' });
}
report.row({ metric: `tasks over ${LONG_TASK_MS} ms, untraced`, value: frames.longTasks.length, unit: `in ${WATCHED_S} s` });
const own = costs.longTasks.filter(({ cpuMs }) => cpuMs > LONG_TASK_MS);
report.row({ metric: `tasks over ${LONG_TASK_MS} ms, traced`, value: costs.longTasks.length, unit: `in ${TRACED_S} s` });
// The rest waited for a core that others had.
report.row({ metric: `of them by their own CPU time`, value: own.length, unit: `in ${TRACED_S} s` });
const longest = costs.longTasks.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, 5);
for (const { ms, cpuMs, of } of longest)
  report.row({ metric: `a long task: ${of}`, value: ms, unit: `ms, ${cpuMs.toFixed(0)} of CPU` });
process.exit(0);

async function desk(runtime: string): Promise<{ frames: Frames; costs: ReturnType<typeof frameCosts> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-frames-'));
  await writeFile(
    join(folder, 'desk-state.json'),
    JSON.stringify({ preferences: { theme: 'dark', layout: LAYOUT, panels: PANELS } }),
  );
  await writeFile(join(folder, 'config.yaml'), JSON.stringify({ symbols: SYMBOLS }));
  const settings = { COBALT_DATA_DIR: folder, COBALT_PRACTICE_SPEED: String(FILL_SPEED) };
  const window = await open(runtime, process.cwd(), settings);
  const { probe } = window;
  try {
    await probe.until(`document.querySelector('[data-testid="chart-plot"][data-feed="ready"]')`);
    for (const heat of ['heatmap-scale', 'chart-heat'])
      await probe.until(`document.querySelector('[data-testid="${heat}"]')?.textContent.includes('$')`);
    await probe.until(`document.querySelector('[data-testid="panel-flow"] canvas')`);
    await pause((1_000 * FILL_S) / FILL_SPEED);
    await probe.evaluate(`document.querySelector('[data-testid="speed-1"]').click()`);
    await probe.until(`document.querySelector('[data-testid="speed-1"][aria-pressed="true"]')`);
    // The first seconds at the new pace are not what it is like.
    await pause(4_000);
    const watched = await countFrames(probe, WATCHED_S);
    const events = await probe.trace(() => countFrames(probe, TRACED_S).then(() => {}));
    return { frames: watched, costs: frameCosts(events) };
  } finally {
    await window.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A window of the same size whose page does nothing but count its frames. */
async function reference(runtime: string): Promise<Frames> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-empty-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', main: 'main.cjs' }));
  await writeFile(
    join(folder, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron');
app.setPath('userData', ${JSON.stringify(join(folder, 'data'))});
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: ${SIZE.width}, height: ${SIZE.height}, webPreferences: { backgroundThrottling: false } });
  window.loadURL('data:text/html,<title>empty</title>');
});
process.on('SIGTERM', () => app.quit());`,
  );
  const window = await open(runtime, folder, {});
  try {
    await window.probe.until(`document.readyState === 'complete'`);
    return await countFrames(window.probe, REFERENCE_S);
  } finally {
    await window.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface OpenWindow {
  readonly probe: PageProbe;
  close(): Promise<void>;
}

async function open(runtime: string, app: string, settings: Readonly<Record<string, string>>): Promise<OpenWindow> {
  const port = await freePort();
  const env: NodeJS.ProcessEnv = { ...process.env, ...settings };
  // Ours alone: the app refuses a COBALT_ variable that it does not know, and ELECTRON_RUN_AS_NODE would keep it from opening.
  for (const name of ['COBALT_BENCH_PEERS', 'COBALT_ELECTRON', 'ELECTRON_RUN_AS_NODE']) delete env[name];
  const child = spawn(
    runtime,
    [...sandbox, `--remote-debugging-port=${port}`, app, `--window-size=${SIZE.width}x${SIZE.height}`],
    {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const gone = ended.then(() => {
    throw new Error(`the window ended by itself: ${complaint}`);
  });
  const probe = await Promise.race([PageProbe.open(port), gone]);
  // From here on an end is what was asked for.
  gone.catch(() => {});
  return { probe, close: () => stop(child, probe, ended) };
}

async function stop(child: ChildProcess, probe: PageProbe, ended: Promise<void>): Promise<void> {
  probe.close();
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}

/** Counts the page's frames for a while and collects its long tasks. */
function countFrames(probe: PageProbe, seconds: number): Promise<Frames> {
  return probe.evaluate<Frames>(`new Promise((resolve) => {
    const times = [], longTasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longTasks.push(entry.duration);
    });
    observer.observe({ type: 'longtask' });
    const end = performance.now() + ${1_000 * seconds};
    const frame = (now) => {
      times.push(now);
      performance.mark('${FRAME_MARK}');
      if (now < end) return requestAnimationFrame(frame);
      observer.disconnect();
      performance.clearMarks('${FRAME_MARK}');
      resolve({ intervals: times.slice(1).map((time, i) => time - times[i]), longTasks });
    };
    requestAnimationFrame(frame);
  })`);
}

function fps({ intervals }: Pick<Frames, 'intervals'>): number {
  return (1_000 * intervals.length) / intervals.reduce((sum, ms) => sum + ms, 0);
}

/** Share of whole seconds that had enough frames, in percent. */
function smooth({ intervals }: Pick<Frames, 'intervals'>): number {
  const counts: number[] = [];
  let at = 0;
  for (const ms of intervals) {
    at += ms;
    const second = Math.floor(at / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  const whole = Array.from(counts.slice(0, -1), (count) => count ?? 0);
  return (100 * whole.filter((count) => count >= SMOOTH_FPS).length) / whole.length;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port')),
      );
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
