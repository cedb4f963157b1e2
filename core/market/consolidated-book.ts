import type { EpochMs } from '../base/clock.ts';
import { type BookState, COB_BUCKETS, COB_RADIUS, type CobView } from '../contracts/market-views.ts';
import { type DecimalStep, decimalStepOf, pow10 } from './decimal-parse.ts';
import type { VenueId } from './instrument.ts';
import type { L2Book } from './l2-book.ts';
import { MovingMeans } from './moving-means.ts';

/** One venue's book of the symbol, and whether it may be believed right now. */
export interface CobSource {
  readonly venue: VenueId;
  /** Bucket width as the consolidated book's. */
  readonly book: L2Book;
  status(): { readonly state: BookState; readonly reason: string };
}

/** The standard imbalance counts buckets −5 … +5. */
export const IMBALANCE_RADIUS = 5;
export const COB_PERIOD_MS = 100;
const WINDOWS_MS = [1_000, 5_000, 15_000, 60_000] as const;

/**
 * Merges the live books of one unified symbol (DOMAIN section 4). `sample` is to be called every COB_PERIOD_MS of the
 * injected clock. The anchor is floor(mid / width) · width, computed in integers on the finest tick among the venues.
 */
export class ConsolidatedBook {
  readonly symbol: string;
  readonly #width: DecimalStep;
  #sources: readonly CobSource[] = [];
  /** Decimal places that hold every venue's tick and the width as integers. */
  #decimals = 0;
  readonly #means = new MovingMeans(WINDOWS_MS);
  readonly #meanValues = new Float64Array(WINDOWS_MS.length);
  readonly #live: CobSource[] = [];

  constructor(options: { readonly symbol: string; readonly bucketWidth: number; readonly sources: readonly CobSource[] }) {
    this.symbol = options.symbol;
    this.#width = decimalStepOf(options.bucketWidth);
    this.merge(options.sources);
  }

  /** Merges these books from now on; the imbalance means go on. */
  merge(sources: readonly CobSource[]): void {
    let decimals = this.#width.decimals;
    for (const { venue, book } of sources) {
      const { units, decimals: places } = book.grid.width;
      if (units !== this.#width.units || places !== this.#width.decimals) {
        const width = this.#width.units / pow10(this.#width.decimals);
        throw new RangeError(`${this.symbol} on ${venue}: the book's bucket width is not ${width}`);
      }
      decimals = Math.max(decimals, book.tick.decimals);
    }
    this.#sources = sources;
    this.#decimals = decimals;
  }

  /** The merged book at `t`. Without a live venue every figure is 0, `venues` is empty and `excluded` says why. */
  sample(t: EpochMs): CobView {
    const live = this.#live;
    live.length = 0;
    const excluded: CobView['excluded'] = [];
    let bidUnits = Number.NEGATIVE_INFINITY;
    let askUnits = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      const { venue, book } = source;
      const { state, reason } = source.status();
      if (state !== 'live') excluded.push({ venue, state, reason });
      else if (book.depth('bid') === 0 || book.depth('ask') === 0)
        excluded.push({ venue, state, reason: 'one side of the book is empty' });
      else {
        live.push(source);
        bidUnits = Math.max(bidUnits, this.#units(book, book.bestBidTicks));
        askUnits = Math.min(askUnits, this.#units(book, book.bestAskTicks));
      }
    }
    const bidQuantity = zeros();
    const askQuantity = zeros();
    const bidNotional = zeros();
    const askNotional = zeros();
    const bucketWidth = this.#width.units / pow10(this.#width.decimals);
    if (live.length === 0) {
      this.#means.addUnknown(t);
      return {
        symbol: this.symbol,
        t,
        venues: [],
        excluded,
        bestBid: 0,
        bestAsk: 0,
        bestBidQuantity: 0,
        bestAskQuantity: 0,
        mid: 0,
        spreadBps: 0,
        microprice: 0,
        anchor: 0,
        bucketWidth,
        bidQuantity,
        askQuantity,
        bidNotional,
        askNotional,
        imbalance: 0,
        imbalanceMa: this.#imbalanceMa(),
      };
    }

    const scale = pow10(this.#decimals);
    const bestBid = bidUnits / scale;
    const bestAsk = askUnits / scale;
    const mid = (bidUnits + askUnits) / (2 * scale);
    const widthUnits = this.#width.units * pow10(this.#decimals - this.#width.decimals);
    const anchorIndex = Math.floor((bidUnits + askUnits) / (2 * widthUnits));
    let bestBidQuantity = 0;
    let bestAskQuantity = 0;
    const venues: VenueId[] = [];
    for (const { venue, book } of live) {
      // A venue may have several of the books: spot and a perpetual.
      if (!venues.includes(venue)) venues.push(venue);
      if (this.#units(book, book.bestBidTicks) === bidUnits) bestBidQuantity += book.bestBidQuantity;
      if (this.#units(book, book.bestAskTicks) === askUnits) bestAskQuantity += book.bestAskQuantity;
      book.addBuckets('bid', anchorIndex - COB_RADIUS, bidQuantity, bidNotional);
      book.addBuckets('ask', anchorIndex - COB_RADIUS, askQuantity, askNotional);
    }
    const imbalance = imbalanceOf(bidNotional, askNotional, IMBALANCE_RADIUS);
    this.#means.add(t, imbalance);
    return {
      symbol: this.symbol,
      t,
      venues,
      excluded,
      bestBid,
      bestAsk,
      bestBidQuantity,
      bestAskQuantity,
      mid,
      spreadBps: ((bestAsk - bestBid) / mid) * 10_000,
      microprice: (bestBid * bestAskQuantity + bestAsk * bestBidQuantity) / (bestBidQuantity + bestAskQuantity),
      anchor: (anchorIndex * this.#width.units) / pow10(this.#width.decimals),
      bucketWidth,
      bidQuantity,
      askQuantity,
      bidNotional,
      askNotional,
      imbalance,
      imbalanceMa: this.#imbalanceMa(),
    };
  }

  #units(book: L2Book, ticks: number): number {
    return ticks * book.tick.units * pow10(this.#decimals - book.tick.decimals);
  }

  #imbalanceMa(): CobView['imbalanceMa'] {
    const means = this.#meanValues;
    this.#means.means(means);
    return { s1: means[0] as number, s5: means[1] as number, s15: means[2] as number, s60: means[3] as number };
  }
}

/** (bid − ask)/(bid + ask) over buckets −radius … +radius of arrays that hold −20 … +20; 0 when both sums are 0. */
export function imbalanceOf(bidNotional: readonly number[], askNotional: readonly number[], radius: number): number {
  let bid = 0;
  let ask = 0;
  for (let i = COB_RADIUS - radius; i <= COB_RADIUS + radius; i++) {
    bid += bidNotional[i] ?? 0;
    ask += askNotional[i] ?? 0;
  }
  return bid + ask === 0 ? 0 : (bid - ask) / (bid + ask);
}

function zeros(): number[] {
  return new Array<number>(COB_BUCKETS).fill(0);
}
