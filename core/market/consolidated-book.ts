import type { EpochMs } from '../base/clock.ts';
import { type BookState, COB_BUCKETS, COB_RADIUS, type CobView } from '../contracts/market-views.ts';
import { type DecimalStep, decimalStepOf, pow10 } from './decimal-parse.ts';
import type { VenueId } from './instrument.ts';
import { ImbalanceMeans } from './imbalance-means.ts';
import type { L2Book } from './l2-book.ts';

/** One venue's book of the symbol, and whether it may be believed right now. */
export interface CobSource {
  readonly venue: VenueId;
  /** Bucket width as the consolidated book's. */
  readonly book: L2Book;
  status(): { readonly state: BookState; readonly reason: string };
}

/** What each venue contributes to a snapshot. Bucket i (k = i − 20) of venue v is at v · 41 + i. */
export interface CobSplit {
  /** As the view's `venues`. */
  readonly venues: readonly VenueId[];
  /** Base units. */
  readonly bidQuantity: Float64Array;
  readonly askQuantity: Float64Array;
  /** USD. */
  readonly bidNotional: Float64Array;
  readonly askNotional: Float64Array;
  /** Best prices of each venue's books. */
  readonly bestBid: Float64Array;
  readonly bestAsk: Float64Array;
}

export interface CobSnapshot {
  readonly view: CobView;
  readonly split: CobSplit;
}

/** The standard imbalance counts buckets −5 … +5. */
export const IMBALANCE_RADIUS = 5;
export const COB_PERIOD_MS = 100;
const WINDOWS_MS = [1_000, 5_000, 15_000, 60_000] as const;

/**
 * How many buckets to each side an imbalance range (quote units) counts; the standard ±5 without one.
 * At least one, and no more than a snapshot holds.
 */
export function imbalanceRadius(range: number | undefined, bucketWidth: number): number {
  if (range === undefined) return IMBALANCE_RADIUS;
  return Math.min(COB_RADIUS, Math.max(1, Math.round(range / bucketWidth)));
}

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
  readonly #means: ImbalanceMeans;
  readonly #meanValues = new Float64Array(WINDOWS_MS.length);
  readonly #live: CobSource[] = [];

  constructor(options: {
    readonly symbol: string;
    readonly bucketWidth: number;
    /** Quote units to each side that the imbalance counts, in whole buckets; ±5 buckets when absent. */
    readonly imbalanceRange?: number | undefined;
    readonly sources: readonly CobSource[];
  }) {
    this.symbol = options.symbol;
    this.#width = decimalStepOf(options.bucketWidth);
    this.#means = new ImbalanceMeans(WINDOWS_MS, imbalanceRadius(options.imbalanceRange, options.bucketWidth));
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
    return this.snapshot(t).view;
  }

  /** As `sample`, with what each venue contributes; the view's totals are the sums over these. */
  snapshot(t: EpochMs): CobSnapshot {
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
      // A delta may have crossed it before its session has judged it.
      else if (book.isCrossed) excluded.push({ venue, state, reason: 'its best bid is not below its best ask' });
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
    const venues = venuesOf(live);
    const split = emptySplit(venues);
    if (live.length === 0) {
      this.#means.addUnknown(t);
      const view: CobView = {
        symbol: this.symbol,
        t,
        venues,
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
      return { view, split };
    }

    const scale = pow10(this.#decimals);
    const bestBid = bidUnits / scale;
    const bestAsk = askUnits / scale;
    const mid = (bidUnits + askUnits) / (2 * scale);
    const widthUnits = this.#width.units * pow10(this.#decimals - this.#width.decimals);
    const anchorIndex = Math.floor((bidUnits + askUnits) / (2 * widthUnits));
    let bestBidQuantity = 0;
    let bestAskQuantity = 0;
    for (const { venue, book } of live) {
      if (this.#units(book, book.bestBidTicks) === bidUnits) bestBidQuantity += book.bestBidQuantity;
      if (this.#units(book, book.bestAskTicks) === askUnits) bestAskQuantity += book.bestAskQuantity;
      addToSplit(split, venues.indexOf(venue), book, anchorIndex - COB_RADIUS);
    }
    sumVenues(split.bidQuantity, bidQuantity);
    sumVenues(split.askQuantity, askQuantity);
    sumVenues(split.bidNotional, bidNotional);
    sumVenues(split.askNotional, askNotional);
    const imbalance = this.#means.add(t, anchorIndex, bidNotional, askNotional);
    const view: CobView = {
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
    return { view, split };
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

/** A venue may have several of the books: spot and a perpetual. */
function venuesOf(sources: readonly CobSource[]): VenueId[] {
  const venues: VenueId[] = [];
  for (const { venue } of sources) if (!venues.includes(venue)) venues.push(venue);
  return venues;
}

function emptySplit(venues: readonly VenueId[]): CobSplit {
  const cells = (): Float64Array => new Float64Array(venues.length * COB_BUCKETS);
  return {
    venues,
    bidQuantity: cells(),
    askQuantity: cells(),
    bidNotional: cells(),
    askNotional: cells(),
    bestBid: new Float64Array(venues.length).fill(Number.NEGATIVE_INFINITY),
    bestAsk: new Float64Array(venues.length).fill(Number.POSITIVE_INFINITY),
  };
}

function addToSplit(split: CobSplit, venue: number, book: L2Book, firstIndex: number): void {
  const from = venue * COB_BUCKETS;
  const to = from + COB_BUCKETS;
  book.addBuckets('bid', firstIndex, split.bidQuantity.subarray(from, to), split.bidNotional.subarray(from, to));
  book.addBuckets('ask', firstIndex, split.askQuantity.subarray(from, to), split.askNotional.subarray(from, to));
  split.bestBid[venue] = Math.max(split.bestBid[venue] as number, book.bestBid);
  split.bestAsk[venue] = Math.min(split.bestAsk[venue] as number, book.bestAsk);
}

function sumVenues(cells: Float64Array, into: number[]): void {
  for (let from = 0; from < cells.length; from += COB_BUCKETS) {
    for (let i = 0; i < COB_BUCKETS; i++) (into[i] as number) += cells[from + i] as number;
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
