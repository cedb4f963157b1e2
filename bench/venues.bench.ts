import { startLoopProbe, type FromProbe, type LoopFigures, type ToProbe } from './desk/loop-probe.ts';
import { median, openReport } from './bench-runner.ts';
import { RoleProcess, roleHere } from './role-process.ts';
import { CAST, MESSAGES_PER_SECOND, SYMBOLS } from './venues/cast.ts';
import { type FromDesk, runDesk, type ToDesk } from './venues/desk.ts';
import { type FromServer, serveVenues, type ToServer } from './venues/venue-server.ts';

/**
 * All venues at once: each of ten symbols sends ten messages a second in the venue's own protocol from a process of its own; one
 * process runs the connectors, the books and the consolidated book of every symbol. Its CPU is that of the whole process, and an
 * idle process beside it tells how late the machine lets any event loop be.
 */
const WINDOWS = 5;
const WINDOW_MS = 10_500;
const WARM_UP_MS = 8_000;
const CPU_LIMIT_PERCENT = 30;
const DELAY_LIMIT_MS = 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function bench(): Promise<void> {
  const report = openReport('venues');
  const server = new RoleProcess<ToServer, FromServer>('server', '');
  const { ports } = await server.next('listening');
  const desk = new RoleProcess<ToProbe | ToDesk, FromProbe | FromDesk>('desk', JSON.stringify(ports));
  const idle = new RoleProcess<ToProbe, FromProbe>('idle', '');
  try {
    await desk.next('live');
    await pause(WARM_UP_MS);
    const ours: LoopFigures[] = [];
    const beside: LoopFigures[] = [];
    const rates: number[] = [];
    const cobs: number[] = [];
    let notLive = 0;
    for (let window = 0; window < WINDOWS; window++) {
      for (const probed of [desk, idle]) probed.post({ kind: 'probe', ask: 'reset' });
      await Promise.all([desk.next('reset'), idle.next('reset')]);
      const before = await counted(desk);
      const startedAt = performance.now();
      await pause(WINDOW_MS);
      for (const probed of [desk, idle]) probed.post({ kind: 'probe', ask: 'read' });
      ours.push((await desk.next('figures')).figures);
      beside.push((await idle.next('figures')).figures);
      const after = await counted(desk);
      const seconds = (performance.now() - startedAt) / 1000;
      rates.push((after.updates - before.updates) / seconds);
      cobs.push((after.snapshots - before.snapshots) / seconds);
      notLive = Math.max(notLive, after.notLive);
    }
    server.post({ kind: 'stop' });
    const { sent } = await server.next('stopped');
    await pause(500);
    desk.post({ kind: 'check', sent });
    const { wrong } = await desk.next('checked');
    if (wrong.length > 0 || notLive > 0) {
      throw new Error(
        `${wrong.length} sides of books ended wrong (${wrong.slice(0, 5).join(', ')}), ${notLive} books were not live`,
      );
    }
    const of = (list: readonly LoopFigures[], pick: (figures: LoopFigures) => number): number => median(list.map(pick));
    const count = CAST.length * SYMBOLS;
    report.row({
      metric: `book updates of ${CAST.length} venues × ${SYMBOLS}, delivered`,
      value: median(rates),
      unit: 'messages/s',
      peer: 'sent',
      peerValue: count * MESSAGES_PER_SECOND,
    });
    report.row({ metric: 'consolidated books', value: median(cobs), unit: 'snapshots/s' });
    report.row({
      metric: 'CPU of the process',
      value: of(ours, ({ cpuMsPerS }) => cpuMsPerS / 10),
      unit: '% of a core',
      peer: `limit ${CPU_LIMIT_PERCENT} %`,
      peerValue: CPU_LIMIT_PERCENT,
      better: 'lower',
    });
    report.row({
      metric: 'CPU of an idle process with its probe',
      value: of(beside, ({ cpuMsPerS }) => cpuMsPerS / 10),
      unit: '% of a core',
    });
    report.row({
      metric: 'event-loop delay p99',
      value: of(ours, ({ p99 }) => p99),
      unit: 'ms',
      peer: `limit ${DELAY_LIMIT_MS} ms`,
      peerValue: DELAY_LIMIT_MS,
      better: 'lower',
    });
    report.row({
      metric: 'event-loop delay p99, against an idle process',
      value: of(ours, ({ p99 }) => p99),
      unit: 'ms',
      peer: 'idle process',
      peerValue: of(beside, ({ p99 }) => p99),
      better: 'lower',
    });
    const work = ours.flatMap((figures) => (figures.work === undefined ? [] : [figures.work.p99]));
    if (work.length > 0) report.row({ metric: 'own work between two ticks of 2 ms, p99', value: median(work), unit: 'ms CPU' });
    report.row({ metric: 'books live and right at the end', value: count, unit: 'books' });
  } finally {
    await Promise.all([desk.stop(), idle.stop(), server.stop()]);
  }
}

async function counted(desk: RoleProcess<ToProbe | ToDesk, FromProbe | FromDesk>) {
  desk.post({ kind: 'count' });
  return desk.next('counted');
}

const role = roleHere();
if (role?.name === 'server') await serveVenues();
else if (role?.name === 'desk') runDesk(JSON.parse(role.argument) as number[]);
else if (role?.name === 'idle') {
  startLoopProbe();
  // The probe alone keeps no process alive.
  setInterval(() => {}, 60_000);
} else await bench();
