import { BookLevels } from './book-levels.ts';
import { BucketGrid, BucketSums } from './bucket-sums.ts';
import { type DecimalStep, decimalStepOf, numberToSteps, pow10, stepsToNumber } from './decimal-parse.ts';

export type BookSide = 'bid' | 'ask';

/** Price in ticks and quantity in lots. */
export type BookLevel = readonly [priceTicks: number, quantityLots: number];

/** What a level's quantity counts: base units (spot, linear), or quote units (inverse), worth the same at any price. */
export type QuantityUnit = 'base' | 'quote';

export interface L2BookOptions {
  /** Quote units. */
  readonly tickSize: number;
  /** In `quantityUnit`. May be finer than the instrument's lot: old orders rest in books with quantities off today's grid. */
  readonly lotSize: number;
  /** Quote units; any positive decimal. */
  readonly bucketWidth: number;
  /** Levels kept per side; beyond it the furthest quarter is forgotten. */
  readonly maxLevels?: number;
  /** `base` unless given. */
  readonly quantityUnit?: QuantityUnit;
}

const DEFAULT_MAX_LEVELS = 20_000;

/**
 * A price-level book of one instrument. Prices are integer ticks and quantities integer lots inside; the getters
 * in quote and base units round once (`stepsToNumber`), so `bestBid` is the very double that the venue's text reads as.
 * Lots are in the book's own `quantityUnit`; what is called a quantity comes out in base units, a notional in quote units, whatever
 * that unit is. The best prices of an empty side are NaN. Callers have checked their numbers: the book trusts integers: prices > 0, quantities ≥ 0.
 */
export class L2Book {
  readonly tick: DecimalStep;
  readonly lot: DecimalStep;
  readonly grid: BucketGrid;
  readonly quantityUnit: QuantityUnit;
  readonly #maxLevels: number;
  readonly #bids = new BookLevels();
  readonly #asks = new BookLevels();
  readonly #bidBuckets: BucketSums;
  readonly #askBuckets: BucketSums;

  constructor(options: L2BookOptions) {
    this.tick = decimalStepOf(options.tickSize);
    this.lot = decimalStepOf(options.lotSize);
    this.grid = new BucketGrid(this.tick, decimalStepOf(options.bucketWidth));
    this.#maxLevels = options.maxLevels ?? DEFAULT_MAX_LEVELS;
    this.quantityUnit = options.quantityUnit ?? 'base';
    this.#bidBuckets = new BucketSums(this.grid, this.quantityUnit === 'quote');
    this.#askBuckets = new BucketSums(this.grid, this.quantityUnit === 'quote');
  }

  /** Replaces everything. Levels in any order; best first, as venues send them, is the fast one. */
  applySnapshot(bids: readonly BookLevel[], asks: readonly BookLevel[]): void {
    this.clear();
    for (let i = bids.length - 1; i >= 0; i--) {
      const [ticks, lots] = bids[i] as BookLevel;
      this.setLevel('bid', ticks, lots);
    }
    for (let i = asks.length - 1; i >= 0; i--) {
      const [ticks, lots] = asks[i] as BookLevel;
      this.setLevel('ask', ticks, lots);
    }
  }

  /** Sets the whole quantity at a price; 0 deletes the level, absent or not. */
  setLevel(side: BookSide, priceTicks: number, quantityLots: number): void {
    if (side === 'bid') {
      const previous = this.#bids.set(priceTicks, quantityLots);
      if (previous !== quantityLots) this.#bidBuckets.change(priceTicks, previous, quantityLots);
      if (this.#bids.length > this.#maxLevels) this.#forgetWorst(this.#bids, this.#bidBuckets, 1);
    } else {
      const previous = this.#asks.set(-priceTicks, quantityLots);
      if (previous !== quantityLots) this.#askBuckets.change(priceTicks, previous, quantityLots);
      if (this.#asks.length > this.#maxLevels) this.#forgetWorst(this.#asks, this.#askBuckets, -1);
    }
  }

  /** `setLevel` for the first `count` of these, in their order. Best first, as venues send them, is the fast one. */
  applyLevels(side: BookSide, priceTicks: Float64Array, quantityLots: Float64Array, count: number): void {
    const sign = side === 'bid' ? 1 : -1;
    const levels = side === 'bid' ? this.#bids : this.#asks;
    const buckets = side === 'bid' ? this.#bidBuckets : this.#askBuckets;
    for (let i = 0; i < count; i++) {
      const ticks = priceTicks[i] as number;
      const lots = quantityLots[i] as number;
      const previous = levels.set(sign * ticks, lots);
      if (previous === lots) continue;
      buckets.change(ticks, previous, lots);
      if (levels.length > this.#maxLevels) this.#forgetWorst(levels, buckets, sign);
    }
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#bidBuckets.clear();
    this.#askBuckets.clear();
  }

  get bestBidTicks(): number {
    const bids = this.#bids;
    return bids.length === 0 ? Number.NaN : bids.keyAt(0);
  }

  get bestAskTicks(): number {
    const asks = this.#asks;
    return asks.length === 0 ? Number.NaN : -asks.keyAt(0);
  }

  get bestBid(): number {
    return stepsToNumber(this.bestBidTicks, this.tick);
  }

  get bestAsk(): number {
    return stepsToNumber(this.bestAskTicks, this.tick);
  }

  /** Base units; 0 when the side is empty. */
  get bestBidQuantity(): number {
    const bids = this.#bids;
    return bids.length === 0 ? 0 : this.#baseOf(bids.keyAt(0), bids.lotsAt(0));
  }

  get bestAskQuantity(): number {
    const asks = this.#asks;
    return asks.length === 0 ? 0 : this.#baseOf(-asks.keyAt(0), asks.lotsAt(0));
  }

  /** NaN unless both sides have a level. */
  get mid(): number {
    return ((this.bestBidTicks + this.bestAskTicks) * this.tick.units) / (2 * pow10(this.tick.decimals));
  }

  /** A bid at or above an ask: on one venue it cannot be, so the book is wrong. */
  get isCrossed(): boolean {
    return this.bestBidTicks >= this.bestAskTicks;
  }

  /** Number of levels. */
  depth(side: BookSide): number {
    return side === 'bid' ? this.#bids.length : this.#asks.length;
  }

  /** Price of the `rank`-th level, 0 the best; NaN beyond the last. */
  ticksAt(side: BookSide, rank: number): number {
    const levels = side === 'bid' ? this.#bids : this.#asks;
    const key = rank < levels.length ? levels.keyAt(rank) : Number.NaN;
    return side === 'bid' ? key : -key;
  }

  /** Quantity of the `rank`-th level, 0 the best; 0 beyond the last. */
  lotsAt(side: BookSide, rank: number): number {
    const levels = side === 'bid' ? this.#bids : this.#asks;
    return rank < levels.length ? levels.lotsAt(rank) : 0;
  }

  /** Lots resting at exactly this price, 0 when none. */
  lotsAtPrice(side: BookSide, priceTicks: number): number {
    return side === 'bid' ? this.#bids.quantityAt(priceTicks) : this.#asks.quantityAt(-priceTicks);
  }

  priceOf(ticks: number): number {
    return stepsToNumber(ticks, this.tick);
  }

  /** In the book's own `quantityUnit`. */
  quantityOf(lots: number): number {
    return stepsToNumber(lots, this.lot);
  }

  /** Nearest tick. */
  ticksOf(price: number): number {
    return numberToSteps(price, this.tick);
  }

  /** Writes up to `n` levels, best first, in quote and base units; returns how many. */
  copyTop(side: BookSide, n: number, outPrices: Float64Array, outQuantities: Float64Array): number {
    const levels = side === 'bid' ? this.#bids : this.#asks;
    const { length } = levels;
    const sign = side === 'bid' ? 1 : -1;
    const count = Math.min(n, length, outPrices.length, outQuantities.length);
    for (let i = 0; i < count; i++) {
      const ticks = sign * levels.keyAt(i);
      outPrices[i] = stepsToNumber(ticks, this.tick);
      outQuantities[i] = this.#baseOf(ticks, levels.lotsAt(i));
    }
    return count;
  }

  /**
   * Adds the sums of buckets [firstIndex, firstIndex + quantity.length) to `quantity` (base units) and `notional`
   * (quote units). Bucket i covers prices [i·width, (i+1)·width). Allocates nothing; the cost does not depend on depth.
   */
  addBuckets(side: BookSide, firstIndex: number, quantity: number[] | Float64Array, notional: number[] | Float64Array): void {
    const buckets = side === 'bid' ? this.#bidBuckets : this.#askBuckets;
    if (side === 'bid') buckets.cover(firstIndex, quantity.length, this.#bids, 1);
    else buckets.cover(firstIndex, quantity.length, this.#asks, -1);
    if (this.quantityUnit === 'quote') {
      this.#addQuoteBuckets(buckets, firstIndex, quantity, notional);
      return;
    }
    const lotScale = pow10(this.lot.decimals);
    const notionalUnits = this.tick.units * this.lot.units;
    const notionalScale = pow10(this.tick.decimals) * lotScale;
    for (let i = 0; i < quantity.length; i++) {
      const lots = buckets.lotsAt(firstIndex + i);
      if (lots === 0) continue;
      (quantity[i] as number) += (lots * this.lot.units) / lotScale;
      (notional[i] as number) += (buckets.tickLotsAt(firstIndex + i) * notionalUnits) / notionalScale;
    }
  }

  /** An inverse level's notional is its quantity; its base units are quantity ÷ price. */
  #addQuoteBuckets(
    buckets: BucketSums,
    firstIndex: number,
    quantity: number[] | Float64Array,
    notional: number[] | Float64Array,
  ): void {
    const basePerUnit = (this.lot.units * pow10(this.tick.decimals)) / (this.tick.units * pow10(this.lot.decimals));
    for (let i = 0; i < quantity.length; i++) {
      const lots = buckets.lotsAt(firstIndex + i);
      if (lots === 0) continue;
      (quantity[i] as number) += buckets.lotsPerTickAt(firstIndex + i) * basePerUnit;
      (notional[i] as number) += stepsToNumber(lots, this.lot);
    }
  }

  #baseOf(ticks: number, lots: number): number {
    const quantity = stepsToNumber(lots, this.lot);
    return this.quantityUnit === 'base' ? quantity : quantity / stepsToNumber(ticks, this.tick);
  }

  /** A quarter at once, so that the shift costs O(1) per insertion on average. */
  #forgetWorst(levels: BookLevels, buckets: BucketSums, sign: 1 | -1): void {
    const { length } = levels;
    const count = Math.max(1, length >> 2);
    for (let i = length - count; i < length; i++) buckets.change(sign * levels.keyAt(i), levels.lotsAt(i), 0);
    levels.dropWorst(count);
  }
}
