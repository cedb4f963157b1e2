import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { createGunzip, createGzip } from 'node:zlib';
import { nextInt, SplitMix32 } from '../core/base/rng.ts';
import type { Instrument } from '../core/market/instrument.ts';
import { L2Book } from '../core/market/l2-book.ts';
import type { Trade } from '../core/market/trade.ts';
import type { EncodedBatch } from '../core/recording/encoded-batch.ts';
import { decodeBatch } from '../core/recording/event-codec.ts';
import type { RecordedEvent, RecordedInstrument } from '../core/recording/recorded-event.ts';
import { RecordingWriter } from '../core/recording/recording-writer.ts';
import { createSystemClock } from '../main/host/host-clock.ts';
import type { RecordingStore } from '../main/ports/recording.ts';
import { openSegmentStore } from '../main/storage/recording/segment-store.ts';
import { median, openReport } from './bench-runner.ts';

/**
 * The recorder from the tap to the segment on the disk, and back, against what one would write first: a line of JSON for each
 * event, through gzip. Both keep the same events of the same lively market: ten instruments, 20 changed levels a delta, one
 * trade for every four deltas.
 */
const RUNS = 3;
const EVENTS = 100_000;
const INSTRUMENTS = 10;
const LEVELS = 20;
const BATCH_EVENTS = 400;
const START = 1_583_366_400_000;
const PEER = 'JSON lines + gzip (zlib 6)';

interface Told {
  readonly instrument: number;
  readonly trade: Trade | undefined;
  readonly bidTicks: Float64Array;
  readonly bidLots: Float64Array;
  readonly askTicks: Float64Array;
  readonly askLots: Float64Array;
  readonly at: number;
}

const rng = new SplitMix32(11);
const instruments = Array.from(
  { length: INSTRUMENTS },
  (_, i): Instrument => ({
    venue: 'binance',
    symbol: `C${i}/USDT`,
    venueSymbol: `C${i}USDT`,
    kind: 'spot',
    base: `C${i}`,
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.0001',
    minNotional: '5',
    contractMultiplier: '1',
  }),
);
const books = instruments.map(() => new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 }));
const told = makeMarket();
const report = openReport('recording');
const figures = new Map<string, number[]>();
for (let run = 0; run < RUNS; run++) {
  await inFolder(recordOurs);
  await inFolder(recordPeer);
}
const both = (metric: string, unit: string, better?: 'lower'): void =>
  report.row({
    metric,
    value: of(metric),
    unit,
    peer: PEER,
    peerValue: of(`peer ${metric}`),
    ...(better === undefined ? {} : { better }),
  });
both('events recorded until on the disk', 'events/s');
both('events recorded until on the disk, CPU', 'events/CPU-s');
both('main thread per event', 'µs', 'lower');
both('bytes per event', 'bytes', 'lower');
both('events read back', 'events/s');
report.row({ metric: 'journal bytes per event, before it is a segment', value: of('journal bytes'), unit: 'bytes' });
report.row({ metric: 'a segment turned into Parquet', value: of('convert ms'), unit: 'ms' });
report.row({
  metric: 'longest event-loop delay meanwhile',
  value: of('convert loop ms'),
  unit: 'ms',
  peer: 'the process idle for as long',
  peerValue: of('idle loop ms'),
  better: 'lower',
});
process.exit(0);

function makeMarket(): Told[] {
  const mids = instruments.map(() => 20_000 + nextInt(rng, 1_000_000));
  const side = (sign: number, mid: number) => ({
    ticks: Float64Array.from({ length: LEVELS / 2 }, () => mid + sign * (1 + Math.floor(rng.next() ** 3 * 500))),
    lots: Float64Array.from({ length: LEVELS / 2 }, () => (rng.next() < 0.3 ? 0 : 1 + nextInt(rng, 300_000))),
  });
  return Array.from({ length: EVENTS }, (_, i) => {
    const instrument = nextInt(rng, INSTRUMENTS);
    const at = START + Math.floor(i / 2);
    mids[instrument] = (mids[instrument] as number) + nextInt(rng, 5) - 2;
    const mid = mids[instrument] as number;
    const bids = side(-1, mid);
    const asks = side(1, mid);
    const trade: Trade | undefined =
      i % 5 === 0
        ? { id: i, price: mid / 100, quantity: (1 + nextInt(rng, 30_000)) / 10_000, side: 'buy', tsEvent: at - 5, tsReceived: at }
        : undefined;
    return { instrument, trade, bidTicks: bids.ticks, bidLots: bids.lots, askTicks: asks.ticks, askLots: asks.lots, at };
  });
}

async function recordOurs(folder: string): Promise<void> {
  const store = openSegmentStore({ folder, mode: 'SIM', wall: createSystemClock() });
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let tapMs = 0;
  let writing = Promise.resolve();
  const writer = new RecordingWriter(
    { batchEvents: BATCH_EVENTS, batchBytes: 1 << 20, segmentEvents: EVENTS * 2 },
    {
      onSegmentStart: () => undefined,
      onBatch(batch) {
        writing = writing.then(async () => must(await store.append(batch)));
      },
      onSegmentEnd: () => undefined,
    },
  );
  for (let from = 0; from < told.length; from += BATCH_EVENTS) {
    const tapFrom = performance.now();
    for (let i = from; i < Math.min(told.length, from + BATCH_EVENTS); i++) tell(writer, told[i] as Told);
    writer.flush();
    tapMs += performance.now() - tapFrom;
    await writing;
  }
  const journalBytes = (await viewOf(store)).bytes;
  const convertFrom = performance.now();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  must(await store.end());
  await store.settled();
  delay.disable();
  const convertMs = performance.now() - convertFrom;
  note('convert ms', convertMs);
  note('convert loop ms', delay.max / 1e6);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const view = await viewOf(store);
  note('journal bytes', journalBytes / EVENTS);
  note('events recorded until on the disk', EVENTS / seconds);
  note('events recorded until on the disk, CPU', EVENTS / ((user + system) / 1e6));
  note('main thread per event', (tapMs * 1000) / EVENTS);
  note('bytes per event', view.bytes / EVENTS);

  const idle = monitorEventLoopDelay({ resolution: 1 });
  idle.enable();
  await new Promise((resolve) => setTimeout(resolve, convertMs));
  idle.disable();
  note('idle loop ms', idle.max / 1e6);

  const readFrom = performance.now();
  const named: RecordedInstrument[] = [];
  let read = 0;
  must(
    await store.read(view.id, (batch: EncodedBatch) => {
      for (const { index, instrument, bookLotSize } of batch.instruments) named[index] = { instrument, bookLotSize };
      const events = decodeBatch(batch, named);
      if (events.ok) read += events.value.length;
    }),
  );
  if (read !== EVENTS) throw new Error(`${read} of ${EVENTS} events came back`);
  note('events read back', EVENTS / ((performance.now() - readFrom) / 1000));
  await store.close();
}

function tell(writer: RecordingWriter, { instrument, trade, bidTicks, bidLots, askTicks, askLots, at }: Told): void {
  const of = instruments[instrument] as Instrument;
  if (trade !== undefined) writer.onTrade(of, trade);
  else {
    const change = {
      snapshot: false,
      bidCount: bidTicks.length,
      bidTicks,
      bidLots,
      askCount: askTicks.length,
      askTicks,
      askLots,
    };
    writer.onDepth(of, change, at - 5, at, books[instrument] as L2Book);
  }
}

async function recordPeer(folder: string): Promise<void> {
  const path = join(folder, 'events.jsonl.gz');
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const gzip = createGzip();
  const file = createWriteStream(path);
  gzip.pipe(file);
  let tapMs = 0;
  for (let from = 0; from < told.length; from += BATCH_EVENTS) {
    const tapFrom = performance.now();
    let lines = '';
    for (let i = from; i < Math.min(told.length, from + BATCH_EVENTS); i++)
      lines += `${JSON.stringify(lineOf(told[i] as Told))}\n`;
    const room = gzip.write(lines);
    tapMs += performance.now() - tapFrom;
    if (!room) await once(gzip, 'drain');
  }
  gzip.end();
  await once(file, 'close');
  const { user, system } = process.cpuUsage(cpu);
  note('peer events recorded until on the disk', EVENTS / ((performance.now() - startedAt) / 1000));
  note('peer events recorded until on the disk, CPU', EVENTS / ((user + system) / 1e6));
  note('peer main thread per event', (tapMs * 1000) / EVENTS);
  note('peer bytes per event', (await stat(path)).size / EVENTS);

  const readFrom = performance.now();
  let read = 0;
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
    if ((JSON.parse(line) as Partial<RecordedEvent>).tsReceived !== undefined) read++;
  }
  if (read !== EVENTS) throw new Error(`${read} of ${EVENTS} lines came back`);
  note('peer events read back', EVENTS / ((performance.now() - readFrom) / 1000));
}

/** Short and honest: integers for prices and quantities too, no field that ours does not keep. */
function lineOf({ instrument, trade, bidTicks, bidLots, askTicks, askLots, at }: Told): object {
  if (trade !== undefined) return { instrument, tsReceived: at, trade };
  const pairs = (ticks: Float64Array, lots: Float64Array): [number, number][] =>
    Array.from(ticks, (tick, i): [number, number] => [tick, lots[i] as number]);
  return { instrument, tsEvent: at - 5, tsReceived: at, bids: pairs(bidTicks, bidLots), asks: pairs(askTicks, askLots) };
}

async function viewOf(store: RecordingStore) {
  const [view] = must(await store.list());
  if (view === undefined) throw new Error('there is no segment');
  return view;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-recording-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function must<T>(answer: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

function note(name: string, value: number): void {
  figures.set(name, [...(figures.get(name) ?? []), value]);
}

function of(name: string): number {
  return median(figures.get(name) ?? []);
}
