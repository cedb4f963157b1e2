import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { CommandInput } from '../../../core/contracts/commands.ts';
import {
  FLOW_BARS_MAX,
  type FlowBar,
  type FlowSecond,
  type Footprint,
  FOOTPRINT_BARS_MAX,
  FOOTPRINT_CELLS_MAX,
  type OrderFlowEvent,
} from '../../../core/contracts/order-flow.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { SecondFlow } from '../../../core/market/order-flow.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { type TapeSecond, TradeTape } from '../../../core/market/trade-tape.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { FlowRepository } from '../../ports/store.ts';

export interface OrderFlowServiceDeps {
  readonly store: FlowRepository;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly log: Log;
}

export interface OrderFlowUpdate {
  readonly symbol: string;
  readonly event: OrderFlowEvent;
}

/** Market time that a tape reaches back: long enough for what came before it to be in the store, late trades too. */
const TAPE_MS = 120_000;
/** Changed seconds are told this often. */
const TELL_WALL_MS = 100;
/** Trades from before the tape come by the thousand, when a gap is closed; that they came is told once for as many. */
const OLDER_WALL_MS = 1_000;

/** How long the store's oldest trade is taken for the oldest: looking for it reads every trade's time. */
const FIRST_TRADE_WALL_MS = 60_000;

interface Tape {
  readonly instrument: Instrument;
  readonly tape: TradeTape;
  firstTrade: { readonly time: number; readonly askedAt: number } | undefined;
}

/** Trades by price of each followed symbol's primary, as they come and as they were stored. */
export class OrderFlowService {
  readonly events: Emitter<OrderFlowUpdate>;
  readonly #deps: OrderFlowServiceDeps;
  readonly #tapes = new Map<string, Tape>();
  /** Symbols of which older trades came, and that were not told of it yet. */
  readonly #older = new Map<string, Cancel>();
  readonly #end: Cancel;

  constructor(deps: OrderFlowServiceDeps) {
    this.#deps = deps;
    this.events = new Emitter((thrown) => deps.log.error({ detail: String(thrown) }, 'an order-flow listener failed'));
    this.#end = deps.wall.every(TELL_WALL_MS, () => this.#tell());
  }

  /** From now on this instrument is the symbol's primary. With another one before, its trades are forgotten. */
  follow(symbol: string, instrument: Instrument): void {
    const known = this.#tapes.get(symbol)?.instrument;
    if (known?.venue === instrument.venue && known.symbol === instrument.symbol && known.tickSize === instrument.tickSize) return;
    const tape = new TradeTape(Number(instrument.tickSize), this.#deps.clock.now(), TAPE_MS);
    this.#tapes.set(symbol, { instrument, tape, firstTrade: undefined });
    const event = this.snapshot(symbol);
    if (event !== undefined) this.events.emit({ symbol, event });
  }

  unfollow(symbol: string): void {
    this.#tapes.delete(symbol);
    this.#older.get(symbol)?.();
    this.#older.delete(symbol);
  }

  /** Of the primary, after it was handed to the store. */
  onTrade(symbol: string, trade: Trade): void {
    const known = this.#tapes.get(symbol);
    if (known === undefined || known.tape.add(trade) || this.#older.has(symbol) || this.events.listenerCount === 0) return;
    const told = this.#deps.wall.after(OLDER_WALL_MS, () => {
      this.#older.delete(symbol);
      this.events.emit({ symbol, event: { kind: 'older' } });
    });
    this.#older.set(symbol, told);
  }

  /** Of a second that is over. */
  onFlow(symbol: string, { second, ofi }: Pick<SecondFlow, 'second' | 'ofi'>): void {
    this.#tapes.get(symbol)?.tape.setOfi(second, ofi);
  }

  /** Undefined for a symbol that is not followed. */
  snapshot(symbol: string): OrderFlowEvent | undefined {
    const tape = this.#tapes.get(symbol)?.tape;
    if (tape === undefined) return undefined;
    return { kind: 'snapshot', tickSize: tape.tickSize, since: tape.since, seconds: tape.seconds().map(toWire) };
  }

  async footprint({ symbol, timeframe, from, to, rowTicks }: CommandInput<'getFootprint'>): Promise<Result<Footprint>> {
    const known = this.#tapes.get(symbol);
    if (known === undefined) return unknown(symbol);
    const { instrument } = known;
    const lengthMs = TIMEFRAME_MS[timeframe];
    if (to - from > FOOTPRINT_BARS_MAX * lengthMs)
      return fail('RANGE_TOO_LONG', `A footprint holds ${FOOTPRINT_BARS_MAX} candles at most: ask for a shorter range.`);
    const tickSize = Number(instrument.tickSize);
    const { venue } = instrument;
    const query = { venue, symbol: instrument.symbol, lengthMs, from, to, tickSize, rowTicks, cellsMax: FOOTPRINT_CELLS_MAX };
    const bars = await this.#deps.store.footprint(query);
    if (!bars.ok) return bars;
    if (bars.value === undefined) {
      const text = `With rows of ${rowTicks} ticks this footprint has more than ${FOOTPRINT_CELLS_MAX} of them: choose higher rows or a shorter range.`;
      return fail('TOO_MANY_ROWS', text);
    }
    const first = await this.#firstTrade(known);
    if (!first.ok) return first;
    return ok({ tickSize, bars: bars.value, ...(first.value === undefined ? {} : { firstTrade: first.value }) });
  }

  async flowBars({ symbol, timeframe, from, to }: CommandInput<'getFlowBars'>): Promise<Result<{ bars: FlowBar[] }>> {
    if (!this.#tapes.has(symbol)) return unknown(symbol);
    const lengthMs = TIMEFRAME_MS[timeframe];
    if (to - from > FLOW_BARS_MAX * lengthMs)
      return fail('RANGE_TOO_LONG', `Order flow of ${FLOW_BARS_MAX} bars at most is told at once: ask for a shorter range.`);
    const bars = await this.#deps.store.flowBars(symbol, lengthMs, from, to);
    return bars.ok ? ok({ bars: bars.value }) : bars;
  }

  close(): void {
    this.#end();
    for (const symbol of [...this.#tapes.keys()]) this.unfollow(symbol);
  }

  async #firstTrade(known: Tape): Promise<Result<number | undefined>> {
    const now = this.#deps.wall.now();
    if (known.firstTrade !== undefined && now - known.firstTrade.askedAt < FIRST_TRADE_WALL_MS) return ok(known.firstTrade.time);
    const { venue, symbol } = known.instrument;
    const first = await this.#deps.store.firstTrade(venue, symbol);
    if (first.ok && first.value !== undefined) known.firstTrade = { time: first.value, askedAt: now };
    return first;
  }

  #tell(): void {
    for (const [symbol, { tape }] of this.#tapes) {
      const changed = tape.takeChanged();
      if (this.events.listenerCount === 0) continue;
      for (const second of changed) this.events.emit({ symbol, event: { kind: 'second', second: toWire(second) } });
    }
  }
}

function toWire({ ofi, ...second }: TapeSecond): FlowSecond {
  return ofi === undefined ? second : { ...second, ofi };
}

function unknown(symbol: string): Result<never> {
  return fail('UNKNOWN_SYMBOL', `${symbol} is not followed, so its trades are not recorded. Add it to the symbols first.`);
}
