import type { EpochMs } from '../base/clock.ts';
import { type Failure, fail, ok, reasonOf, type Result } from '../base/result.ts';
import { BOOK_STATES, type BookState } from '../contracts/market-views.ts';
import { type DecimalStep, decimalStep, numberToSteps, stepsToNumber } from '../market/decimal-parse.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Trade } from '../market/trade.ts';
import { ByteSink, ByteSource } from './byte-sink.ts';
import type { BatchColumns, EncodedBatch, InstrumentEntry } from './encoded-batch.ts';
import type { DepthColumns, RecordedEvent, RecordedInstrument } from './recorded-event.ts';

const TRADE = 0;
const SNAPSHOT = 1;
const DELTA = 2;
const STATE = 3;
const CARRIED = 4;
const SELL = 1;
const PRICE_RAW = 2;
const QUANTITY_RAW = 4;
const ID_RAW = 8;
/** Larger steps and differences are kept as doubles: zigzag needs a bit, and a difference of two needs another. */
const MAX_STEPS = 2 ** 50;

/** The grids that a trade's numbers are put on; what is off them is kept as a double. */
export interface TradeGrid {
  readonly tick: DecimalStep;
  readonly lot: DecimalStep;
}

/** @throws on sizes that are no decimals above 0. */
export function tradeGridOf(instrument: Instrument): TradeGrid {
  const [tick, lot, multiplier] = [instrument.tickSize, instrument.lotSize, instrument.contractMultiplier].map(decimalStep);
  if (tick === undefined || lot === undefined || multiplier === undefined)
    throw new RangeError(`${instrument.symbol}: tick, lot and contract multiplier must be decimals above 0`);
  const product = { units: lot.units * multiplier.units, decimals: lot.decimals + multiplier.decimals };
  return { tick, lot: product.decimals <= 18 && Number.isSafeInteger(product.units) ? product : lot };
}

/** What differences are taken to, per instrument; the same when writing and when reading. */
interface Before {
  id: number;
  priceSteps: number;
  bidTicks: number;
  askTicks: number;
}

class Befores {
  readonly #of: Before[] = [];

  at(instrument: number): Before {
    let before = this.#of[instrument];
    if (before === undefined) {
      before = { id: 0, priceSteps: 0, bidTicks: 0, askTicks: 0 };
      this.#of[instrument] = before;
    }
    return before;
  }

  reset(): void {
    for (const before of this.#of) {
      if (before === undefined) continue;
      before.id = 0;
      before.priceSteps = 0;
      before.bidTicks = 0;
      before.askTicks = 0;
    }
  }
}

/** Puts events into the columns of a batch as they come; nothing that is passed in is kept. */
export class BatchEncoder {
  readonly #kinds = new ByteSink();
  readonly #times = new ByteSink();
  readonly #trades = new ByteSink();
  readonly #counts = new ByteSink();
  readonly #ticks = new ByteSink();
  readonly #lots = new ByteSink();
  readonly #states = new ByteSink();
  readonly #befores = new Befores();
  #firstReceived = 0;
  #lastReceived = 0;
  #tradeCount = 0;
  #events = 0;

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#kinds.length + this.#times.length + this.#trades.length + this.#ticks.length + this.#lots.length;
  }

  /** `tsReceived` must not be below that of the event before. */
  trade(instrument: number, grid: TradeGrid, trade: Trade, tsReceived: EpochMs): void {
    this.#head(instrument, TRADE, false, trade.tsEvent, tsReceived);
    this.#tradeCount++;
    const before = this.#befores.at(instrument);
    const sink = this.#trades;
    const idStep = trade.id - before.id;
    const price = onGrid(trade.price, grid.tick);
    const quantity = onGrid(trade.quantity, grid.lot);
    const idIsRaw = !Number.isSafeInteger(trade.id) || Math.abs(idStep) >= MAX_STEPS;
    sink.byte(
      (trade.side === 'sell' ? SELL : 0) |
        (price < 0 ? PRICE_RAW : 0) |
        (quantity < 0 ? QUANTITY_RAW : 0) |
        (idIsRaw ? ID_RAW : 0),
    );
    if (idIsRaw) sink.double(trade.id);
    else {
      sink.signed(idStep);
      before.id = trade.id;
    }
    if (price < 0) sink.double(trade.price);
    else {
      sink.signed(price - before.priceSteps);
      before.priceSteps = price;
    }
    if (quantity < 0) sink.double(trade.quantity);
    else sink.varint(quantity);
    sink.signed(tsReceived - trade.tsReceived);
  }

  /** Ticks must be integers of less than 2^50, lots integers ≥ 0. */
  depth(
    instrument: number,
    snapshot: boolean,
    carried: boolean,
    depth: DepthColumns,
    tsEvent: EpochMs,
    tsReceived: EpochMs,
  ): void {
    this.#head(instrument, snapshot ? SNAPSHOT : DELTA, carried, tsEvent, tsReceived);
    this.#counts.varint(depth.bidCount);
    this.#counts.varint(depth.askCount);
    const before = this.#befores.at(instrument);
    if (depth.bidCount > 0) {
      this.#levels(depth.bidTicks, depth.bidLots, depth.bidCount, before.bidTicks);
      before.bidTicks = depth.bidTicks[0] as number;
    }
    if (depth.askCount > 0) {
      this.#levels(depth.askTicks, depth.askLots, depth.askCount, before.askTicks);
      before.askTicks = depth.askTicks[0] as number;
    }
  }

  state(instrument: number, carried: boolean, state: BookState, reason: string, tsEvent: EpochMs, tsReceived: EpochMs): void {
    this.#head(instrument, STATE, carried, tsEvent, tsReceived);
    this.#states.byte(BOOK_STATES.indexOf(state));
    this.#states.text(reason);
  }

  /** Ends the batch and begins the next. */
  take(instruments: readonly InstrumentEntry[]): EncodedBatch {
    const batch: EncodedBatch = {
      events: this.#events,
      trades: this.#tradeCount,
      firstReceived: this.#firstReceived,
      lastReceived: this.#lastReceived,
      instruments,
      columns: {
        kinds: this.#kinds.take(),
        times: this.#times.take(),
        trades: this.#trades.take(),
        counts: this.#counts.take(),
        ticks: this.#ticks.take(),
        lots: this.#lots.take(),
        states: this.#states.take(),
      },
    };
    for (const sink of [this.#kinds, this.#times, this.#trades, this.#counts, this.#ticks, this.#lots, this.#states])
      sink.reset();
    this.#befores.reset();
    this.#events = 0;
    this.#tradeCount = 0;
    return batch;
  }

  #head(instrument: number, kind: number, carried: boolean, tsEvent: EpochMs, tsReceived: EpochMs): void {
    if (this.#events === 0) {
      this.#firstReceived = tsReceived;
      this.#lastReceived = tsReceived;
    }
    this.#events++;
    this.#kinds.varint(instrument * 8 + (carried ? CARRIED : 0) + kind);
    this.#times.varint(tsReceived - this.#lastReceived);
    this.#times.signed(tsReceived - tsEvent);
    this.#lastReceived = tsReceived;
  }

  #levels(ticks: Float64Array, lots: Float64Array, count: number, before: number): void {
    let last = before;
    for (let i = 0; i < count; i++) {
      const tick = ticks[i] as number;
      this.#ticks.signed(tick - last);
      this.#lots.varint(lots[i] as number);
      last = tick;
    }
  }
}

/** Steps of the grid, or −1 for a number that is off it. */
function onGrid(value: number, step: DecimalStep): number {
  const steps = numberToSteps(value, step);
  return steps >= 0 && steps < MAX_STEPS && !Object.is(value, -0) && stepsToNumber(steps, step) === value ? steps : -1;
}

/** The events of a batch; their columns share one buffer. `instruments` by index, as told by the segment's batches up to this one. */
export function decodeBatch(
  batch: Pick<EncodedBatch, 'events' | 'firstReceived'> & { readonly columns: BatchColumns },
  instruments: readonly RecordedInstrument[],
): Result<RecordedEvent[], Failure<'RECORDING_DAMAGED'>> {
  try {
    const grids = instruments.map(({ instrument }) => tradeGridOf(instrument));
    return ok(new BatchDecoder(batch.columns, batch.firstReceived, grids).events(batch.events));
  } catch (thrown) {
    return fail('RECORDING_DAMAGED', `A batch of recorded events cannot be read: ${reasonOf(thrown)}.`);
  }
}

class BatchDecoder {
  readonly #sources: Readonly<Record<keyof BatchColumns, ByteSource>>;
  readonly #grids: readonly TradeGrid[];
  readonly #befores = new Befores();
  /** Every level of the batch; events have views of it, since thousands of small arrays cost more than reading them. */
  readonly #pool: Float64Array;
  #used = 0;
  #tsReceived: EpochMs;

  constructor(columns: BatchColumns, firstReceived: EpochMs, grids: readonly TradeGrid[]) {
    this.#sources = {
      kinds: new ByteSource(columns.kinds),
      times: new ByteSource(columns.times),
      trades: new ByteSource(columns.trades),
      counts: new ByteSource(columns.counts),
      ticks: new ByteSource(columns.ticks),
      lots: new ByteSource(columns.lots),
      states: new ByteSource(columns.states),
    };
    this.#grids = grids;
    this.#tsReceived = firstReceived;
    let levels = 0;
    for (const counts = new ByteSource(columns.counts); !counts.isAtEnd; ) levels += counts.varint();
    // A level takes a byte at least in each of two columns: a count beyond that is damage, not a reason to ask for gigabytes.
    if (levels > columns.ticks.length || levels > columns.lots.length)
      throw new RangeError(`the columns cannot hold ${levels} levels`);
    this.#pool = new Float64Array(2 * levels);
  }

  events(count: number): RecordedEvent[] {
    if (count > this.#sources.kinds.remaining) throw new RangeError(`fewer than ${count} events`);
    const events: RecordedEvent[] = [];
    for (let i = 0; i < count; i++) events.push(this.#event());
    for (const [name, source] of Object.entries(this.#sources)) {
      if (!source.isAtEnd) throw new RangeError(`column ${name} holds more than ${count} events`);
    }
    return events;
  }

  #event(): RecordedEvent {
    const { kinds, times, counts, states } = this.#sources;
    const head = kinds.varint();
    const instrument = Math.floor(head / 8);
    this.#tsReceived += times.varint();
    const tsReceived = this.#tsReceived;
    const tsEvent = tsReceived - times.signed();
    const common = { instrument, tsEvent, tsReceived, ...((head & CARRIED) === 0 ? {} : { carried: true as const }) };
    switch (head & 3) {
      case TRADE:
        return { kind: 'trade', ...common, trade: this.#trade(instrument, tsEvent, tsReceived) };
      case STATE: {
        const state = BOOK_STATES[states.byte()];
        if (state === undefined) throw new RangeError('a book state that there is not');
        return { kind: 'state', ...common, state, reason: states.text() };
      }
      default: {
        const before = this.#befores.at(instrument);
        const bidCount = counts.varint();
        const askCount = counts.varint();
        const bids = this.#levels(bidCount, before.bidTicks);
        const asks = this.#levels(askCount, before.askTicks);
        before.bidTicks = bids.ticks[0] ?? before.bidTicks;
        before.askTicks = asks.ticks[0] ?? before.askTicks;
        const depth: DepthColumns = {
          bidCount,
          bidTicks: bids.ticks,
          bidLots: bids.lots,
          askCount,
          askTicks: asks.ticks,
          askLots: asks.lots,
        };
        return { kind: (head & 3) === SNAPSHOT ? 'snapshot' : 'delta', ...common, depth };
      }
    }
  }

  #trade(instrument: number, tsEvent: EpochMs, tsReceived: EpochMs): Trade {
    const source = this.#sources.trades;
    const grid = this.#grids[instrument];
    if (grid === undefined) throw new RangeError(`instrument ${instrument} was not named`);
    const before = this.#befores.at(instrument);
    const flags = source.byte();
    let id: number;
    if ((flags & ID_RAW) !== 0) id = source.double();
    else {
      before.id += source.signed();
      id = before.id;
    }
    let price: number;
    if ((flags & PRICE_RAW) !== 0) price = source.double();
    else {
      before.priceSteps += source.signed();
      price = stepsToNumber(before.priceSteps, grid.tick);
    }
    const quantity = (flags & QUANTITY_RAW) !== 0 ? source.double() : stepsToNumber(source.varint(), grid.lot);
    const side = (flags & SELL) === 0 ? 'buy' : 'sell';
    return { id, price, quantity, side, tsEvent, tsReceived: tsReceived - source.signed() };
  }

  #levels(count: number, before: number): { readonly ticks: Float64Array; readonly lots: Float64Array } {
    const { ticks, lots } = this.#sources;
    const outTicks = this.#pool.subarray(this.#used, this.#used + count);
    this.#used += count;
    const outLots = this.#pool.subarray(this.#used, this.#used + count);
    this.#used += count;
    let last = before;
    for (let i = 0; i < count; i++) {
      last += ticks.signed();
      outTicks[i] = last;
      outLots[i] = lots.varint();
    }
    return { ticks: outTicks, lots: outLots };
  }
}
