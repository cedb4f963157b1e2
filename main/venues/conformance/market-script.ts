import { decimalStep, type DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { BookSide, L2Book } from '../../../core/market/l2-book.ts';
import type { BookMessages, BookText, Frame } from './venue-conformance.ts';

const MID_TICKS = 20_000;
const START_TIME = 1_723_161_255_000;

/** A venue that remembers every state of its book, as text. Bids below the middle, asks above: it never crosses by itself. */
export class MarketScript {
  readonly #instrument: Instrument;
  readonly #messages: BookMessages;
  readonly #states: ReadonlyMap<string, number>[];
  readonly #changes: (BookText | undefined)[] = [undefined, undefined];

  constructor(instrument: Instrument, messages: BookMessages) {
    this.#instrument = instrument;
    this.#messages = messages;
    const first = new Map<string, number>();
    for (let offset = 1; offset <= 12; offset++) {
      first.set(`bid:${MID_TICKS - offset}`, 100 + offset);
      first.set(`ask:${MID_TICKS + offset}`, 200 + offset);
    }
    // Ordinal 1 is the first there is.
    this.#states = [first, first];
  }

  get ordinal(): number {
    return this.#states.length - 1;
  }

  timeOf(ordinal: number): number {
    return START_TIME + ordinal * 100;
  }

  /** One update, `offset` ticks from the middle; `lots` 0 deletes. */
  change(side: BookSide, offset: number, lots: number): void {
    const ticks = side === 'bid' ? MID_TICKS - offset : MID_TICKS + offset;
    this.changeAt(side, ticks, lots);
  }

  changeAt(side: BookSide, ticks: number, lots: number): void {
    const before = this.#states[this.ordinal] as ReadonlyMap<string, number>;
    const next = new Map(before);
    const key = `${side}:${ticks}`;
    if (lots === 0) next.delete(key);
    else next.set(key, lots);
    this.#states.push(next);
    const level = [this.#price(ticks), this.#quantity(lots)] as const;
    this.#changes.push(side === 'bid' ? { bids: [level], asks: [] } : { bids: [], asks: [level] });
  }

  /** One message that leaves the book as it is: of another channel, where that is in the same sequence. */
  rest(): void {
    this.#states.push(this.#states[this.ordinal] as ReadonlyMap<string, number>);
    this.#changes.push({ bids: [], asks: [] });
  }

  delta(ordinal = this.ordinal): Frame {
    const changes = this.#changes[ordinal];
    if (changes === undefined) throw new RangeError(`there is no update ${ordinal}`);
    const { elsewhere } = this.#messages;
    if (elsewhere !== undefined && changes.bids.length + changes.asks.length === 0) {
      return elsewhere.call(this.#messages, ordinal, this.timeOf(ordinal));
    }
    return this.#messages.delta(ordinal, this.timeOf(ordinal), changes, this.text(ordinal));
  }

  snapshot(ordinal = this.ordinal): Frame | undefined {
    return this.#messages.snapshot?.(ordinal, this.timeOf(ordinal), this.text(ordinal));
  }

  restSnapshot(ordinal = this.ordinal): unknown {
    return this.#messages.restSnapshot?.(ordinal, this.text(ordinal));
  }

  /** Best first. */
  text(ordinal: number): BookText {
    const side = (name: BookSide): (readonly [string, string])[] =>
      [...(this.#states[ordinal] as ReadonlyMap<string, number>)]
        .filter(([key]) => key.startsWith(name))
        .map(([key, lots]) => [Number(key.slice(4)), lots] as const)
        .sort(([a], [b]) => (name === 'bid' ? b - a : a - b))
        .map(([ticks, lots]) => [this.#price(ticks), this.#quantity(lots)] as const);
    return { bids: side('bid'), asks: side('ask') };
  }

  #price(ticks: number): string {
    return stepsText(ticks, this.#instrument.tickSize);
  }

  #quantity(lots: number): string {
    return lots === 0 ? '0' : stepsText(lots, this.#instrument.lotSize);
  }
}

function stepsText(steps: number, size: string): string {
  const { units, decimals } = decimalStep(size) as DecimalStep;
  return ((steps * units) / 10 ** decimals).toFixed(decimals);
}

/** The levels of a book in the venue's units, as `MarketScript.text` has them. */
export function numbersOf(book: L2Book): { bids: number[][]; asks: number[][] } {
  const side = (name: BookSide): number[][] =>
    Array.from({ length: book.depth(name) }, (_, rank) => [
      book.priceOf(book.ticksAt(name, rank)),
      book.quantityOf(book.lotsAt(name, rank)),
    ]);
  return { bids: side('bid'), asks: side('ask') };
}

/** `multiplier`: what one of the venue's contracts counts in a session's book. */
export function numbersOfText(text: BookText, multiplier = 1): { bids: number[][]; asks: number[][] } {
  const side = (levels: BookText['bids']): number[][] =>
    levels.map(([price, quantity]) => [Number(price), Number(quantity) * multiplier]);
  return { bids: side(text.bids), asks: side(text.asks) };
}
