import { decimalStep, type DecimalStep } from '../../../core/market/decimal-parse.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { BookSide, L2Book } from '../../../core/market/l2-book.ts';
import type { BookMessages, BookText, Frame } from './venue-conformance.ts';

const MID_TICKS = 20_000;
const START_TIME = 1_723_161_255_000;

type Levels = BookText['bids'];
type Side = ReadonlyMap<number, number>;
type State = Readonly<Record<BookSide, Side>>;

/** A venue that remembers every state of its book, as text. Bids below the middle, asks above: it never crosses by itself. */
export class MarketScript {
  readonly #messages: BookMessages;
  readonly #priceText: (ticks: number) => string;
  readonly #quantityText: (lots: number) => string;
  readonly #states: State[];
  /** Of sides that were asked for; a state shares the side that it does not change with the one before. */
  readonly #texts = new WeakMap<Side, Levels>();
  readonly #changes: (BookText | undefined)[] = [undefined, undefined];

  constructor(instrument: Instrument, messages: BookMessages) {
    this.#messages = messages;
    this.#priceText = textOfSteps(instrument.tickSize);
    this.#quantityText = textOfSteps(instrument.lotSize);
    const [bid, ask] = [new Map<number, number>(), new Map<number, number>()];
    for (let offset = 1; offset <= 12; offset++) {
      bid.set(MID_TICKS - offset, 100 + offset);
      ask.set(MID_TICKS + offset, 200 + offset);
    }
    const first: State = { bid, ask };
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
    const before = this.#states[this.ordinal] as State;
    const levels = new Map(before[side]);
    if (lots === 0) levels.delete(ticks);
    else levels.set(ticks, lots);
    this.#states.push(side === 'bid' ? { bid: levels, ask: before.ask } : { bid: before.bid, ask: levels });
    const level = [this.#priceText(ticks), lots === 0 ? '0' : this.#quantityText(lots)] as const;
    this.#changes.push(side === 'bid' ? { bids: [level], asks: [] } : { bids: [], asks: [level] });
  }

  /** One message that leaves the book as it is: of another channel, where that is in the same sequence. */
  rest(): void {
    this.#states.push(this.#states[this.ordinal] as State);
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
    const { bid, ask } = this.#states[ordinal] as State;
    return { bids: this.#levelsText(bid, -1), asks: this.#levelsText(ask, 1) };
  }

  #levelsText(side: Side, direction: 1 | -1): Levels {
    let text = this.#texts.get(side);
    if (text === undefined) {
      const levels = [...side].sort(([a], [b]) => direction * (a - b));
      text = levels.map(([ticks, lots]) => [this.#priceText(ticks), this.#quantityText(lots)] as const);
      this.#texts.set(side, text);
    }
    return text;
  }
}

/** Writes whole steps of `size` as decimals; the few there are in a script, once each. */
function textOfSteps(size: string): (steps: number) => string {
  const { units, decimals } = decimalStep(size) as DecimalStep;
  const known = new Map<number, string>();
  return (steps) => {
    let text = known.get(steps);
    if (text === undefined) {
      text = ((steps * units) / 10 ** decimals).toFixed(decimals);
      known.set(steps, text);
    }
    return text;
  };
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
