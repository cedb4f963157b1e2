import { fail, ok, type Result } from '../../../core/base/result.ts';
import { RECORDED_MARKETS, type RecordedMarket, type RecordingSummary } from '../../../core/contracts/replay.ts';
import type { SegmentView } from '../../../core/contracts/recording.ts';
import { decodeBatch } from '../../../core/recording/event-codec.ts';
import type { RecordedEvent, RecordedInstrument } from '../../../core/recording/recorded-event.ts';
import type { RecordedEventSource, TimeSpan } from '../../../core/recording/replay-engine.ts';
import type { RecordingStore, SegmentLibrary } from '../../ports/recording.ts';
import type { OpenRecording, RecordingLibrary } from './recording-library.ts';

/** A pause between two segments that is longer than this was not recorded; a shorter one is what lies between two events. */
const LONGEST_PAUSE_MS = 3_000;

type Segment = SegmentView & { readonly from: number; readonly to: number };

/** Recordings as the recorder's segments make them. `storeOf` opens a market's recording for reading. */
export function recordingsOf(storeOf: (market: RecordedMarket) => RecordingStore): RecordingLibrary {
  const stores = new Map<RecordedMarket, RecordingStore>();
  const storeFor = (market: RecordedMarket): RecordingStore => {
    let store = stores.get(market);
    if (store === undefined) stores.set(market, (store = storeOf(market)));
    return store;
  };
  return {
    async list(running) {
      const summaries: RecordingSummary[] = [];
      for (const market of RECORDED_MARKETS) {
        const listed = await segmentsOf(storeFor(market), running?.market === market ? running.now : undefined);
        if (!listed.ok) return listed;
        const summary = summaryOf(market, listed.value);
        if (summary !== undefined) summaries.push(summary);
      }
      return ok(summaries.toSorted((a, b) => b.to - a.to));
    },

    async open(market, from, to, at) {
      const store = storeFor(market);
      const listed = await segmentsOf(store, undefined);
      if (!listed.ok) return listed;
      const within = listed.value.filter((segment) => segment.to >= from && segment.from < to);
      if (within.length === 0)
        return fail('NOT_RECORDED', `Nothing of ${market} was recorded between ${iso(from)} and ${iso(to)}.`);
      const first = Math.max(
        0,
        within.findLastIndex((segment) => segment.from <= at),
      );
      const instruments = await instrumentsOf(store, within.slice(first));
      if (!instruments.ok) return instruments;
      const reader = new SegmentReader(store, within.slice(first), instruments.value);
      const opened: OpenRecording = {
        instruments: instruments.value,
        gaps: gapsIn(within, from, to),
        events: reader,
        close: async () => reader.close(),
      };
      return ok(opened);
    },

    async close() {
      for (const store of stores.values()) await store.close();
      stores.clear();
    },
  };
}

/**
 * Oldest first. While the market runs (`now`), its last segment is still being written and reaches up to now; of a market
 * that does not, what a killed process left is made readable first.
 */
async function segmentsOf(store: RecordingStore, now: number | undefined): Promise<Result<Segment[]>> {
  if (now === undefined) {
    const recovered = await store.recover();
    if (!recovered.ok) return recovered;
  }
  const listed = await store.list();
  if (!listed.ok) return listed;
  const segments = listed.value.map((view): SegmentView => {
    if (view.state !== 'writing' || now === undefined) return view;
    const from = beginningOf(view.id);
    return from === undefined || from >= now ? view : { ...view, from, to: now };
  });
  return ok(segments.filter(hasTimes).toSorted((a, b) => a.from - b.from));
}

function hasTimes(view: SegmentView): view is Segment {
  return view.state !== 'damaged' && view.from !== undefined && view.to !== undefined;
}

/** Market time in a segment's name: `2020-04-26/000512345-k3f9`. */
function beginningOf(id: string): number | undefined {
  const [, day, h, m, s, ms] = /^(\d{4}-\d{2}-\d{2})\/(\d\d)(\d\d)(\d\d)(\d{3})-/.exec(id) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${h}:${m}:${s}.${ms}Z`);
}

/** Spans of [from, to) that lie between segments, before the first or after the last. */
export function gapsIn(segments: readonly TimeSpan[], from: number, to: number): TimeSpan[] {
  const gaps: TimeSpan[] = [];
  let recordedUntil = from;
  for (const segment of segments) {
    if (segment.from - recordedUntil > LONGEST_PAUSE_MS) gaps.push({ from: recordedUntil, to: Math.min(to, segment.from) });
    recordedUntil = Math.max(recordedUntil, segment.to);
  }
  if (to - recordedUntil > LONGEST_PAUSE_MS) gaps.push({ from: recordedUntil, to });
  return gaps;
}

function summaryOf(market: RecordedMarket, segments: readonly Segment[]): RecordingSummary | undefined {
  const [first] = segments;
  if (first === undefined) return undefined;
  const to = segments.reduce((latest, segment) => Math.max(latest, segment.to), first.to);
  const instruments = new Map(
    segments.flatMap((segment) => segment.instruments.map((known) => [`${known.venue} ${known.symbol}`, known] as const)),
  );
  return {
    market,
    from: first.from,
    to,
    instruments: [...instruments.values()],
    gaps: gapsIn(segments, first.from, to),
    bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
  };
}

async function instrumentsOf(library: SegmentLibrary, segments: readonly Segment[]): Promise<Result<RecordedInstrument[]>> {
  const found = new Map<string, RecordedInstrument>();
  for (const { id } of segments) {
    const header = await library.header(id);
    if (!header.ok) return header;
    for (const recorded of header.value.instruments) {
      const key = keyOf(recorded);
      const known = found.get(key);
      if (known === undefined) found.set(key, recorded);
      else if (gridOf(known) !== gridOf(recorded))
        return fail(
          'RECORDING_CHANGED',
          `${recorded.instrument.symbol} on ${recorded.instrument.venue} changed its price or lot steps in segment ${id}: replay the time before and after it separately.`,
        );
    }
  }
  return ok([...found.values()]);
}

function keyOf({ instrument }: RecordedInstrument): string {
  return `${instrument.venue} ${instrument.symbol}`;
}

function gridOf({ instrument, bookLotSize }: RecordedInstrument): string {
  return `${instrument.tickSize} ${bookLotSize} ${instrument.contractMultiplier}`;
}

/** Reads segment after segment, one batch ahead of whoever asks. */
class SegmentReader implements RecordedEventSource {
  readonly #library: SegmentLibrary;
  readonly #segments: readonly Segment[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #stop = new AbortController();
  #next = 0;
  #waiting: ((batch: Result<readonly RecordedEvent[] | undefined>) => void) | undefined;
  #taken: (() => void) | undefined;
  #reading = false;

  constructor(library: SegmentLibrary, segments: readonly Segment[], instruments: readonly RecordedInstrument[]) {
    this.#library = library;
    this.#segments = segments;
    this.#indexOf = new Map(instruments.map((recorded, index) => [keyOf(recorded), index]));
  }

  next(): Promise<Result<readonly RecordedEvent[] | undefined>> {
    const batch = new Promise<Result<readonly RecordedEvent[] | undefined>>((resolve) => {
      this.#waiting = resolve;
    });
    this.#taken?.();
    if (!this.#reading) void this.#readOn();
    return batch;
  }

  close(): void {
    this.#stop.abort();
    this.#taken?.();
  }

  async #readOn(): Promise<void> {
    this.#reading = true;
    while (this.#waiting !== undefined) {
      const segment = this.#segments[this.#next++];
      if (segment === undefined) {
        this.#give(ok(undefined));
        break;
      }
      const failure = await this.#read(segment);
      if (failure !== undefined) this.#give(failure);
    }
    this.#reading = false;
  }

  /** Until the segment's end, or the failure. */
  async #read({ id }: Segment): Promise<Result<never> | undefined> {
    const header = await this.#library.header(id);
    if (!header.ok) return header;
    const { instruments } = header.value;
    const indexes = instruments.map((recorded) => this.#indexOf.get(keyOf(recorded)) ?? -1);
    const moved = indexes.some((index, i) => index !== i);
    let damage: Result<never> | undefined;
    const read = await this.#library.read(
      id,
      async (batch) => {
        const decoded = decodeBatch(batch, instruments);
        if (!decoded.ok) {
          damage = decoded;
          this.#stop.abort();
          return;
        }
        if (decoded.value.length === 0) return;
        this.#give(
          ok(moved ? decoded.value.map((event) => ({ ...event, instrument: indexes[event.instrument] ?? -1 })) : decoded.value),
        );
        if (this.#waiting === undefined && !this.#stop.signal.aborted)
          await new Promise<void>((resolve) => {
            this.#taken = resolve;
          });
        this.#taken = undefined;
      },
      this.#stop.signal,
    );
    if (damage !== undefined) return damage;
    return read.ok ? undefined : read;
  }

  #give(batch: Result<readonly RecordedEvent[] | undefined>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(batch);
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
