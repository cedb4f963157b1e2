import { performance } from 'node:perf_hooks';
import type { Clock } from '../core/base/clock.ts';
import { type Failure, fail, ok, reasonOf, type Result } from '../core/base/result.ts';
import type { FromLab, ToLab } from '../core/contracts/worker-protocol.ts';
import { type Fault, parseFault } from './faults/fault.ts';
import { randomFaults } from './faults/random.ts';
import { connectHost } from './host-channel.ts';
import { LAB_INSTRUMENTS } from './instruments.ts';
import { Lab } from './lab.ts';
import { type LabArguments, parseArguments, USAGE } from './options.ts';
import { readRecordings } from './recording/read-parquet.ts';
import { playableRange } from './simulation/market.ts';

/** Where a market begins that is told nothing else, if its recording covers it. */
const START_AT = Date.UTC(2020, 3, 26);

/** The machine's monotonic time: the lab's only clock. */
const wall: Clock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, task) {
    const timer = setInterval(task, periodMs);
    return () => clearInterval(timer);
  },
};

/** Where a venue's streams are below its address. */
const STREAM_PATHS: Readonly<Record<string, string>> = {
  binance: '/stream',
  bybit: '/v5/public',
  deribit: '/ws/api/v2',
  mexc: '/ws',
};

const host = connectHost(process);

function notify(message: FromLab): void {
  if (host !== undefined) host.post(message);
  else if (message.kind === 'listening') {
    console.log(`practice market at ${iso(message.marketTime)}, speed ${message.speed}`);
    for (const venue of message.venues ?? []) {
      const address = `127.0.0.1:${message.port}/${venue}`;
      console.log(`  ${venue.padEnd(8)} http://${address}  ws://${address}${STREAM_PATHS[venue] ?? ''}`);
    }
  } else if (message.kind === 'speedChanged') console.log(`speed ${message.speed} at ${iso(message.marketTime)}`);
  else if (message.kind === 'dataEnd')
    console.log(`the recording ends at ${iso(message.marketTime)}: the market is silent from here on`);
  else console.error(message.error.message);
}

async function start({ options, venues, faults: faultTexts, randomFaults: random }: LabArguments): Promise<Result<Lab>> {
  const instruments = LAB_INSTRUMENTS.filter(({ symbol }) => options.symbols.includes(symbol));
  const recordings = await readRecordings(instruments, options.dataFolders);
  if (!recordings.ok) return recordings;
  const range = playableRange(recordings.value);
  const startAt = options.startAt ?? (START_AT >= range.from && START_AT < range.to ? START_AT : range.from);
  if (!(startAt >= range.from && startAt < range.to)) {
    return fail(
      'LAB_START_OUTSIDE_DATA',
      `The practice market cannot start at ${iso(startAt)}: prices are recorded from ${iso(range.from)} to ${iso(range.to)}. Set practice.startAt inside it.`,
    );
  }
  const faults: Fault[] = [];
  for (const text of faultTexts) {
    const fault = parseFault(text, startAt, venues);
    if (!fault.ok) return fault;
    faults.push(fault.value);
  }
  faults.push(...randomFaults(random.count, random.seed, startAt, venues));
  const { seed, speed } = options;
  const lab = new Lab({ recordings: recordings.value, seed, speed, startAt, faults, venues, wall, notify });
  const listening = await lab.listen(options.port);
  return listening.ok ? ok(lab) : listening;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** The message must leave before the process does, and neither channel says when it has. */
function giveUp(error: Failure): void {
  notify({ kind: 'failed', error });
  wall.after(250, () => process.exit(1));
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return;
  }
  const parsed = parseArguments(args);
  const started = parsed.ok ? await start(parsed.value) : parsed;
  if (!started.ok) {
    giveUp(started.error);
    return;
  }
  const lab = started.value;
  host?.onMessage((message) => {
    const { kind, speed } = message as ToLab;
    const changed = kind === 'setSpeed' ? lab.setSpeed(speed) : fail('LAB_MESSAGE_UNKNOWN', `unknown message ${String(kind)}`);
    if (!changed.ok) notify({ kind: 'failed', error: changed.error });
  });
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  giveUp({ code: 'LAB_CRASHED', message: `The practice market failed to start: ${reasonOf(thrown)}`, retryable: true });
});
