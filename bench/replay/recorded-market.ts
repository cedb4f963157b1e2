import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import { BookColumns } from '../../core/market/book-columns.ts';
import type { Candle } from '../../core/market/candle.ts';
import type { Instrument } from '../../core/market/instrument.ts';
import { L2Book } from '../../core/market/l2-book.ts';
import { STORED_TIMEFRAMES, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import { RecordingWriter } from '../../core/recording/recording-writer.ts';
import type { DeskPaths } from '../../main/host/desk-paths.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import { openStore } from '../../main/storage/duckdb-store.ts';
import { openSegmentStore } from '../../main/storage/recording/segment-store.ts';

/** As the two venues stream it: a delta every 100 ms, trades in between. */
const DELTA_MS = 100;
const TRADES_PER_SECOND = 5;
const LEVELS = 30;
const BOOK_LEVELS = 500;
const VENUES = ['binance', 'bybit'] as const;

const ETH: Omit<Instrument, 'venue'> = {
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

/** A practice market's store and recording of ETH/USDT on two venues over [from, to). Answers how many events it holds. */
export async function leaveRecording(paths: DeskPaths, from: number, to: number): Promise<number> {
  const wall = createSystemClock();
  const store = must(await openStore({ path: paths.store('SIM'), wall, flushMs: 1_000, batchRows: 10_000 }));
  for (const timeframe of STORED_TIMEFRAMES) {
    const length = TIMEFRAME_MS[timeframe];
    const count = timeframe === '1m' ? 3_000 : 600;
    const end = Math.floor(from / length) * length;
    const candles = Array.from({ length: count }, (_, i) => candleAt(end - (count - i) * length));
    must(await store.market.replaceCandles('binance', 'ETH/USDT', timeframe, candles));
  }
  await store.close();

  const segments = openSegmentStore({ folder: paths.recording('SIM'), mode: 'SIM', wall });
  let writing: Promise<unknown> = Promise.resolve();
  let events = 0;
  const inTurn = (task: () => Promise<{ ok: true; value: unknown } | { ok: false; error: { message: string } }>): void => {
    writing = writing.then(async () => must(await task()));
  };
  const writer = new RecordingWriter(
    { batchEvents: 400, batchBytes: 1 << 20, segmentEvents: 10_000 },
    {
      onSegmentStart: () => inTurn(() => segments.begin()),
      onBatch: (batch) => inTurn(() => segments.append(batch)),
      onSegmentEnd: () => inTurn(() => segments.end()),
    },
  );
  const rng = new SplitMix32(17);
  const venues = VENUES.map((venue) => new VenueOfRecording({ ...ETH, venue }, writer, rng));
  for (const venue of venues) venue.connect(from - 1_000);
  for (let t = from; t < to; t += DELTA_MS / 2) {
    const venue = venues[(t / (DELTA_MS / 2)) % 2];
    venue?.change(t + nextInt(rng, 20));
    events++;
    if (nextInt(rng, 1_000 / (DELTA_MS / 2)) < TRADES_PER_SECOND) {
      venues[nextInt(rng, 2)]?.trade(t + 20 + nextInt(rng, 25));
      events++;
    }
  }
  writer.roll();
  await writing;
  await segments.close();
  wall.close();
  return events;
}

export function must<T>(answer: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

function candleAt(openTime: number): Candle {
  const sizes = { volume: 3, buyVolume: 1, tradeCount: 4, filled: false };
  return { openTime, open: 200, high: 201, low: 199, close: 200.5, ...sizes };
}

class VenueOfRecording {
  readonly #instrument: Instrument;
  readonly #writer: RecordingWriter;
  readonly #rng: SplitMix32;
  readonly #book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  #mid = 20_000;
  #tradeId = 0;

  constructor(instrument: Instrument, writer: RecordingWriter, rng: SplitMix32) {
    this.#instrument = instrument;
    this.#writer = writer;
    this.#rng = rng;
  }

  connect(t: number): void {
    this.#writer.onBookState(this.#instrument, 'syncing', 'connected', t);
    for (let i = 1; i <= BOOK_LEVELS; i++) {
      this.#book.setLevel('bid', this.#mid - i, 1 + nextInt(this.#rng, 100_000));
      this.#book.setLevel('ask', this.#mid + i, 1 + nextInt(this.#rng, 100_000));
    }
    const columns = new BookColumns();
    columns.copyOf(this.#book);
    this.#writer.onDepth(this.#instrument, columns, t, t, this.#book);
    this.#writer.onBookState(this.#instrument, 'live', 'in step with the stream', t);
  }

  /** The mid walks by a tick or stays; levels near it change, and the side it walks into is eaten. */
  change(t: number): void {
    const rng = this.#rng;
    this.#mid += nextInt(rng, 3) - 1;
    const bids = new Map<number, number>([
      [this.#mid + 1, 0],
      [this.#mid, 0],
    ]);
    const asks = new Map<number, number>([
      [this.#mid - 1, 0],
      [this.#mid, 0],
    ]);
    bids.set(this.#mid - 1, 1 + nextInt(rng, 100_000));
    asks.set(this.#mid + 1, 1 + nextInt(rng, 100_000));
    while (bids.size < LEVELS / 2) bids.set(this.#mid - 1 - nextInt(rng, 200), 1 + nextInt(rng, 100_000));
    while (asks.size < LEVELS / 2) asks.set(this.#mid + 1 + nextInt(rng, 200), 1 + nextInt(rng, 100_000));
    for (const [ticks, lots] of bids) this.#book.setLevel('bid', ticks, lots);
    for (const [ticks, lots] of asks) this.#book.setLevel('ask', ticks, lots);
    const change = {
      snapshot: false,
      ...{ bidCount: bids.size, bidTicks: Float64Array.from(bids.keys()), bidLots: Float64Array.from(bids.values()) },
      ...{ askCount: asks.size, askTicks: Float64Array.from(asks.keys()), askLots: Float64Array.from(asks.values()) },
    };
    this.#writer.onDepth(this.#instrument, change, t - 4, t, this.#book);
  }

  trade(t: number): void {
    const side = nextInt(this.#rng, 2) === 0 ? 'buy' : 'sell';
    const price = (this.#mid + (side === 'buy' ? 1 : -1)) / 100;
    const quantity = (1 + nextInt(this.#rng, 5_000)) / 10_000;
    this.#writer.onTrade(this.#instrument, { id: ++this.#tradeId, price, quantity, side, tsEvent: t - 4, tsReceived: t });
  }
}
