import { expect } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../core/base/rng.ts';
import type { Instrument } from '../../core/market/instrument.ts';
import type { L2Book } from '../../core/market/l2-book.ts';
import type { Trade } from '../../core/market/trade.ts';
import { BTC, ETH, syntheticRecording } from '../../lab/fixtures/synthetic.ts';
import type { Fault } from '../../lab/faults/fault.ts';
import { parseFault } from '../../lab/faults/fault.ts';
import type { LabInstrument } from '../../lab/instruments.ts';
import { Lab } from '../../lab/lab.ts';
import { LISTINGS, type LabVenue, type Listing } from '../../lab/listings.ts';
import { stepsOf } from '../../lab/protocol/steps.ts';
import { listedRecording } from '../../lab/recording/listed-recording.ts';
import { MINUTE_MS } from '../../lab/recording/recorded-minute.ts';
import { Market } from '../../lab/simulation/market.ts';
import { STEP_MS } from '../../lab/simulation/symbol-market.ts';
import type { MarketSession, VenueMarketData } from '../../main/ports/venue.ts';
import type { MarketDataOptions } from '../../main/venues/session/market-data-options.ts';

const MARKET_START = Date.UTC(2020, 3, 25, 1, 0);
const SEED = 4;
const LEVELS = 20;
export const SILENCE_MS = 3_000;
/** Wall milliseconds from one look at the sockets to the next. */
const TURN_MS = 20;

export interface BenchVenue {
  readonly venue: LabVenue;
  readonly kind: Listing['kind'];
  /** Ours, and the venue's. */
  readonly symbol: string;
  readonly venueSymbol: string;
  readonly streamPath: string;
  readonly create: (options: MarketDataOptions) => VenueMarketData;
  /** A REST request that brings the market to life, so that its truth is known from the start. */
  readonly wake: string;
}

type Top = readonly (readonly [price: number, quantity: number])[];

/** A connector on a lab whose time is in the test's hand, beside a market of the same seed that says what is true. */
export class LabBench {
  readonly startAt = MARKET_START + 20 * MINUTE_MS;
  readonly wall = new ManualClock(1_000);
  readonly lab: Lab;
  readonly trades: Trade[] = [];
  /** Updates of a live book, and those that were not what the venue's book was. */
  checked = 0;
  /** Connections lost. */
  lost = 0;
  readonly wrong: string[] = [];
  /** By how much the venue's clock may be off. */
  readonly skews: number[] = [];
  session!: MarketSession;
  data!: VenueMarketData;
  instrument!: Instrument;
  origin = '';
  readonly #venue: BenchVenue;
  readonly #traded: LabInstrument;
  readonly #truth: Market;
  readonly #tops = new Map<number, { readonly bids: Top; readonly asks: Top }>();
  readonly #truthTrades: { readonly time: number; readonly price: number; readonly quantity: number }[] = [];
  #live = false;

  constructor(venue: BenchVenue, faults: readonly Fault[] = []) {
    this.#venue = venue;
    const recordings = [ETH, BTC].map((instrument) => syntheticRecording({ instrument, startTime: MARKET_START, minutes: 240 }));
    const { startAt, wall } = this;
    for (const { kind, byMs } of faults) if (kind === 'skew' && byMs !== undefined) this.skews.push(byMs);
    this.lab = new Lab({ recordings, seed: SEED, speed: 1, startAt, faults, wall, notify: () => undefined });
    const listing = LISTINGS.find(
      (candidate) =>
        candidate.venue === venue.venue && candidate.kind === venue.kind && candidate.venueSymbol === venue.venueSymbol,
    );
    const recorded = recordings.find(({ instrument }) => instrument.symbol === (listing?.follows ?? venue.venueSymbol));
    if (recorded === undefined) throw new Error(`the lab does not list ${venue.venueSymbol}`);
    // What is not listed is Binance's, which has the recorded market itself.
    const playedFrom = listing === undefined ? recorded : listedRecording(recorded, listing, SEED);
    this.#traded = playedFrom.instrument;
    this.#truth = new Market([playedFrom], SEED, startAt);
  }

  get state(): string {
    return this.session.health(this.instrument).book;
  }

  async open(): Promise<this> {
    const listening = await this.lab.listen(0);
    if (!listening.ok) throw new Error(listening.error.message);
    const address = `127.0.0.1:${listening.value}/${this.#venue.venue}`;
    this.origin = `http://${address}`;
    expect((await fetch(`${this.origin}${this.#venue.wake}`)).status).toBe(200);
    this.data = this.#venue.create({
      restUrl: this.origin,
      streamUrl: `ws://${address}${this.#venue.streamPath}`,
      requestTimeoutMs: 30_000,
      silenceMs: SILENCE_MS,
      clock: { now: () => this.startAt + this.wall.now() - 1_000, after: () => () => {}, every: () => () => {} },
      wall: this.wall,
      rng: new SplitMix32(5),
      log: {
        info: () => undefined,
        warn: (_, message) => {
          if (message === 'market data connection lost') this.lost++;
        },
      },
      bucketWidthOf: () => 1,
    });
    const found = await this.data.instruments([this.#venue.symbol]);
    if (!found.ok) throw new Error(found.error.message);
    this.instrument = found.value[0] as Instrument;
    this.session = this.data.open([this.instrument], {
      onTrade: (_, trade) => this.trades.push(trade),
      onBook: (_, book, tsEvent) => this.#check(book, tsEvent),
      onBookState: (_, state) => {
        this.#live = state === 'live';
      },
      onKline: () => undefined,
    });
    return this;
  }

  async close(): Promise<void> {
    const closing = this.session.close();
    await this.passing(() => false, 1_200).catch(() => undefined);
    await closing;
    await this.lab.close();
  }

  /** As POST /lab/fault does: beginning now. */
  async fault(text: string): Promise<void> {
    const fault = parseFault(text, 0);
    if (fault.ok && fault.value.kind === 'skew') this.skews.push(fault.value.byMs ?? 0);
    const response = await fetch(`${this.origin.replace(`/${this.#venue.venue}`, '')}/lab/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault: text }),
    });
    expect(response.status).toBe(200);
  }

  /** Lets time pass, the sockets having their turns, until `condition` holds. */
  async passing(condition: () => boolean, limitMs = 90_000): Promise<void> {
    const until = this.wall.now() + limitMs;
    while (!condition()) {
      if (this.wall.now() >= until) throw new Error(`it did not come about within ${limitMs} ms: ${condition.toString()}`);
      this.wall.advanceBy(TURN_MS);
      await this.turns(4);
    }
  }

  /** Lets the sockets have their turns while time stands. */
  async turns(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async after(ms: number): Promise<void> {
    const until = this.wall.now() + ms;
    await this.passing(() => this.wall.now() >= until, ms + 1_000);
  }

  /** Trades that the venue had and the connector did not tell, or told otherwise, up to the last told one. */
  tradeDifference(): { readonly missing: number; readonly extra: number; readonly of: number } {
    this.#play();
    const key = (time: number, price: number, quantity: number): string =>
      `${time} ${price.toFixed(4)} ${quantity.toPrecision(9)}`;
    const last = this.trades.at(-1)?.tsEvent ?? 0;
    const first = this.trades[0]?.tsEvent ?? 0;
    const told = new Map<string, number>();
    for (const { tsEvent, price, quantity } of this.trades) {
      const name = key(tsEvent, price, quantity);
      told.set(name, (told.get(name) ?? 0) + 1);
    }
    let missing = 0;
    let of = 0;
    for (const { time, price, quantity } of this.#truthTrades) {
      if (time <= first || time >= last) continue;
      of++;
      const name = key(time, price, quantity);
      const count = told.get(name) ?? 0;
      if (count === 0) missing++;
      else told.set(name, count - 1);
    }
    for (const name of told.keys())
      if (Number(name.split(' ')[0]) <= first || Number(name.split(' ')[0]) >= last) told.delete(name);
    return { missing, extra: [...told.values()].reduce((sum, count) => sum + count, 0), of };
  }

  #check(book: L2Book, tsEvent: number): void {
    if (!this.#live) return;
    this.#play();
    // A snapshot comes between two steps, and a skewed venue says another time.
    const truths = [0, ...this.skews].flatMap((ms) => this.#tops.get(Math.floor((tsEvent - ms) / STEP_MS) * STEP_MS) ?? []);
    this.checked++;
    if (truths.length === 0) this.wrong.push(`nothing happened at ${tsEvent}`);
    else if (!truths.some(({ bids, asks }) => same(book, 'bid', bids) && same(book, 'ask', asks)))
      this.wrong.push(`another book at ${tsEvent}`);
  }

  /** Plays the true market up to now. */
  #play(): void {
    const { tick, lot } = stepsOf(this.#traded);
    const inverse = this.#traded.inverse === true;
    const top = (levels: readonly (readonly [number, number])[]): Top =>
      levels.map(([ticks, lots]) => [tick.number(ticks), lot.number(lots)]);
    const note = (time: number): void => {
      const { book } = this.#truth.symbols[0] as Market['symbols'][number];
      this.#tops.set(time, { bids: top(book.bids.top(LEVELS)), asks: top(book.asks.top(LEVELS)) });
      this.#tops.delete(time - 60_000);
    };
    if (this.#tops.size === 0) note(this.startAt);
    this.#truth.advanceTo(this.startAt + this.wall.now() - 1_000, {
      onTrade: (_, { time, price, lots }) =>
        this.#truthTrades.push({
          time,
          price: tick.number(price),
          quantity: inverse ? lot.number(lots) / tick.number(price) : lot.number(lots),
        }),
      onDepth: (_, time) => note(time),
      onSecond: () => undefined,
    });
  }
}

function same(book: L2Book, side: 'bid' | 'ask', levels: Top): boolean {
  return levels.every(
    ([price, quantity], rank) =>
      Math.abs(book.priceOf(book.ticksAt(side, rank)) - price) < 1e-6 &&
      Math.abs(book.quantityOf(book.lotsAt(side, rank)) - quantity) < 1e-9 * Math.max(1, quantity),
  );
}

/** What each fault is called, and how long it goes on. */
export const FAULTS: readonly string[] = [
  'gap@0s',
  'reorder@0s',
  'duplicate@0s',
  'truncate@0s',
  'malformed@0s',
  'crossed@0s',
  'hostile@0s',
  'oversize@0s',
  'close@0s',
  'close-at:40',
  'stop@0s for 8s',
  'silent@0s for 8s',
  'half-open@0s for 8s',
  '429@0s for 5s',
  '418@0s for 5s',
  '503@0s for 5s',
  'slow@0s by 2s for 5s',
  'skew@0s by 5s for 5s',
  'micros@0s for 5s',
];

const BREAKS_BOOK = /^(gap|reorder|truncate|malformed|crossed|hostile)/;
const BREAKS_CONNECTION = /^(oversize|close|silent|half-open)/;
const BREAKS_SOMETHING = /^stop/;

/** The connector goes live, and after the fault is live again with the right book and every trade. */
export async function survives(venue: BenchVenue, fault: string): Promise<LabBench> {
  const bench = await new LabBench(venue).open();
  try {
    await bench.passing(() => bench.state === 'live' && bench.trades.length > 3);
    await bench.fault(fault);
    await bench.after(12_000);
    await bench.passing(() => bench.state === 'live');
    const { checked } = bench;
    const { length } = bench.trades;
    await bench.passing(() => bench.state === 'live' && bench.checked > checked + 20 && bench.trades.length > length + 3);
    expect(bench.wrong).toEqual([]);
    const { resyncs, backfilledTrades } = bench.session.health(bench.instrument);
    if (BREAKS_BOOK.test(fault)) expect(resyncs).toBeGreaterThan(0);
    else if (BREAKS_CONNECTION.test(fault)) expect(bench.lost).toBeGreaterThan(0);
    else if (BREAKS_SOMETHING.test(fault)) expect(resyncs + bench.lost).toBeGreaterThan(0);
    else expect([resyncs, bench.lost]).toEqual([0, 0]);
    if (/^(stop|silent|half-open)/.test(fault)) expect(backfilledTrades).toBeGreaterThan(0);
    const difference = bench.tradeDifference();
    expect(difference.of).toBeGreaterThan(10);
    expect(difference).toMatchObject({ missing: 0, extra: 0 });
  } finally {
    await bench.close();
  }
  return bench;
}

/** The venue's candle of a whole minute is what the connector's trades of it add up to. */
export async function candleOfTrades(venue: BenchVenue): Promise<void> {
  const bench = await new LabBench(venue).open();
  try {
    const minute = bench.startAt + 60_000;
    await bench.passing(() => bench.state === 'live');
    await bench.after(125_000);
    const candles = await bench.data.candles(bench.instrument, '1m', minute, minute + 60_000, 10);
    const candle = candles.ok ? candles.value[0] : undefined;
    const within = bench.trades.filter(({ tsEvent }) => tsEvent >= minute && tsEvent < minute + 60_000);
    expect(within.length).toBeGreaterThan(10);
    expect(candle).toMatchObject({
      openTime: minute,
      open: within[0]?.price,
      close: within.at(-1)?.price,
      high: Math.max(...within.map(({ price }) => price)),
      low: Math.min(...within.map(({ price }) => price)),
    });
    const volume = within.reduce((sum, { quantity }) => sum + quantity, 0);
    expect(candle?.volume).toBeCloseTo(volume, 6);
  } finally {
    await bench.close();
  }
}
