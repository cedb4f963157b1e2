import { LargeTrades } from '../analysis/microstructure/large-trades.ts';
import { LONGEST_PAUSE_MS } from '../analysis/microstructure/pause.ts';
import { Vpin } from '../analysis/microstructure/vpin.ts';
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
  /** As it stood when the second was over (`Vpin`); NaN before enough was traded since it is watched. */
  readonly vpin: number;
  /** Share of the traded notional that came in large trades (`LargeTrades`); 0 when nothing was traded, NaN before it is known which are. */
  readonly largeShare: number;
}

/** NaN when nothing was traded. */
export function vwapOf({
  buyVolume,
  sellVolume,
  buyNotional,
  sellNotional,
}: Pick<SecondFlow, 'buyVolume' | 'sellVolume' | 'buyNotional' | 'sellNotional'>): number {
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

/**
 * Sums the flow of one symbol's sources, second by second. VPIN and the size of a large trade are told from the trades of many minutes
 * that this has seen itself: they begin as not known, after a restart too, rather than be carried over time that nobody watched.
 */
export class FlowSums {
  #buyVolume = 0;
  #sellVolume = 0;
  #buyNotional = 0;
  #sellNotional = 0;
  #ofi = 0;
  #tradeCount = 0;
  #largeNotional = 0;
  #vpin = new Vpin();
  #large = new LargeTrades();
  /** Whether it was known from the second's start which trades are large. */
  #largeKnown = false;
  #second = Number.NaN;
  /** Whether the second in progress was watched from its start. */
  #whole = false;

  /** Smallest notional that is large by now; NaN when not known. */
  get largeThreshold(): number {
    return this.#large.threshold;
  }

  /** Whether the trade is a large one. */
  addTrade({ price, quantity, side }: Pick<Trade, 'price' | 'quantity' | 'side'>): boolean {
    const notional = quantity * price;
    if (side === 'buy') {
      this.#buyVolume += quantity;
      this.#buyNotional += notional;
    } else {
      this.#sellVolume += quantity;
      this.#sellNotional += notional;
    }
    this.#tradeCount++;
    this.#vpin.add(quantity, side === 'buy');
    const large = this.#large.add(notional);
    if (large) this.#largeNotional += notional;
    return large;
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
      vpin: this.#vpin.value,
      largeShare: this.#largeShare(),
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
    const pause = second - this.#second;
    if (pause < 0 || pause > LONGEST_PAUSE_MS) {
      this.#vpin = new Vpin();
      this.#large = new LargeTrades();
    }
    this.#vpin.advance(second);
    this.#largeKnown = this.#large.isKnown;
    this.#second = second;
    this.#whole = follows;
    this.#buyVolume = 0;
    this.#sellVolume = 0;
    this.#buyNotional = 0;
    this.#sellNotional = 0;
    this.#ofi = 0;
    this.#tradeCount = 0;
    this.#largeNotional = 0;
    return ended;
  }

  #largeShare(): number {
    if (!this.#largeKnown) return Number.NaN;
    const notional = this.#buyNotional + this.#sellNotional;
    // Summed in another order, so the whole may come out a rounding above itself.
    return notional > 0 ? Math.min(1, this.#largeNotional / notional) : 0;
  }
}
