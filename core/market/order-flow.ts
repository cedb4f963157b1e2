import type { L2Book } from './l2-book.ts';
import type { Trade } from './trade.ts';

/** What was traded and how the best levels changed in one second, over all sources of a symbol. Quantities in base units. */
export interface SecondFlow {
  /** Start of the second. */
  readonly second: number;
  readonly buyVolume: number;
  readonly sellVolume: number;
  /** Quote units. */
  readonly buyNotional: number;
  readonly sellNotional: number;
  /** Order flow imbalance: above 0 the bids gained. */
  readonly ofi: number;
  readonly tradeCount: number;
}

/** NaN when nothing was traded. */
export function vwapOf({ buyVolume, sellVolume, buyNotional, sellNotional }: Omit<SecondFlow, 'second'>): number {
  const volume = buyVolume + sellVolume;
  return volume > 0 ? (buyNotional + sellNotional) / volume : Number.NaN;
}

/**
 * Order flow imbalance of one book, from the changes of its best levels (Cont, Kukanov & Stoikov 2014, "The price impact of order
 * book events", eq. 1): with best bid P, q and best ask A, r,
 * e = q·1{P ≥ P′} − q′·1{P ≤ P′} − r·1{A ≤ A′} + r′·1{A ≥ A′}, where ′ is the state before.
 */
export class TouchFlow {
  #bidTicks = Number.NaN;
  #askTicks = Number.NaN;
  #bidLots = 0;
  #askLots = 0;
  #bidQuantity = 0;
  #askQuantity = 0;

  /** Contribution, in base units, of the change since the last call; 0 for the first state after `forget`. */
  change(book: L2Book): number {
    const bidTicks = book.bestBidTicks;
    const askTicks = book.bestAskTicks;
    // Nothing can be said over a side that is empty or a book that is crossed: it begins anew.
    if (!(bidTicks < askTicks)) {
      this.forget();
      return 0;
    }
    const bidLots = book.lotsAt('bid', 0);
    const askLots = book.lotsAt('ask', 0);
    const bidStands = bidTicks === this.#bidTicks && bidLots === this.#bidLots;
    const askStands = askTicks === this.#askTicks && askLots === this.#askLots;
    if (bidStands && askStands) return 0;
    const known = this.#bidTicks === this.#bidTicks;
    let flow = 0;
    if (!bidStands) {
      const quantity = book.bestBidQuantity;
      if (bidTicks >= this.#bidTicks) flow += quantity;
      if (bidTicks <= this.#bidTicks) flow -= this.#bidQuantity;
      this.#bidTicks = bidTicks;
      this.#bidLots = bidLots;
      this.#bidQuantity = quantity;
    }
    if (!askStands) {
      const quantity = book.bestAskQuantity;
      if (askTicks <= this.#askTicks) flow -= quantity;
      if (askTicks >= this.#askTicks) flow += this.#askQuantity;
      this.#askTicks = askTicks;
      this.#askLots = askLots;
      this.#askQuantity = quantity;
    }
    return known ? flow : 0;
  }

  /** The next state is a beginning: the book was not to be believed in between. */
  forget(): void {
    this.#bidTicks = Number.NaN;
    this.#askTicks = Number.NaN;
  }
}

/** Sums the flow of one symbol's sources, second by second. */
export class FlowSums {
  #buyVolume = 0;
  #sellVolume = 0;
  #buyNotional = 0;
  #sellNotional = 0;
  #ofi = 0;
  #tradeCount = 0;
  #second = Number.NaN;
  /** Whether the second in progress was watched from its start. */
  #whole = false;

  addTrade({ price, quantity, side }: Pick<Trade, 'price' | 'quantity' | 'side'>): void {
    if (side === 'buy') {
      this.#buyVolume += quantity;
      this.#buyNotional += quantity * price;
    } else {
      this.#sellVolume += quantity;
      this.#sellNotional += quantity * price;
    }
    this.#tradeCount++;
  }

  addOfi(flow: number): void {
    this.#ofi += flow;
  }

  /** The second in progress as it stands. */
  current(): SecondFlow {
    return {
      second: this.#second,
      buyVolume: this.#buyVolume,
      sellVolume: this.#sellVolume,
      buyNotional: this.#buyNotional,
      sellNotional: this.#sellNotional,
      ofi: this.#ofi,
      tradeCount: this.#tradeCount,
    };
  }

  /**
   * It is now within the second that began at `second`: when that is a new one, begins anew and answers the one before it, unless
   * that was not watched from its start to its end.
   */
  roll(second: number): SecondFlow | undefined {
    if (second === this.#second) return undefined;
    const follows = second === this.#second + 1_000;
    const ended = this.#whole && follows ? this.current() : undefined;
    this.#second = second;
    this.#whole = follows;
    this.#buyVolume = 0;
    this.#sellVolume = 0;
    this.#buyNotional = 0;
    this.#sellNotional = 0;
    this.#ofi = 0;
    this.#tradeCount = 0;
    return ended;
  }
}
