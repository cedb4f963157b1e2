import type { EpochMs } from '../base/clock.ts';
import { COB_BUCKETS, COB_RADIUS } from '../contracts/market-views.ts';
import { MovingMeans } from './moving-means.ts';

/** Notional of one snapshot summed from its lowest bucket up: entry i is the sum of the buckets before bucket i. */
interface Sums {
  readonly anchorIndex: number;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}

/**
 * Time-weighted means of the imbalance around the newest anchor. When the anchor moves, every sample is valued anew over the prices
 * that are now within the radius: history is matched by price to its bucket, never by index. A sample whose buckets do not
 * reach over all of these prices is unknown there and has no weight.
 */
export class ImbalanceMeans {
  readonly #means: MovingMeans<Sums>;
  readonly #radius: number;
  #anchorIndex = Number.NaN;

  /** `windowsMs` ascending; `radius` in buckets, at most `COB_RADIUS`. */
  constructor(windowsMs: readonly number[], radius: number) {
    this.#means = new MovingMeans<Sums>(windowsMs);
    this.#radius = radius;
  }

  /** `anchorIndex`: the anchor in bucket widths. Answers the imbalance of this sample. */
  add(t: EpochMs, anchorIndex: number, bidNotional: readonly number[], askNotional: readonly number[]): number {
    const sums: Sums = { anchorIndex, bid: runningSums(bidNotional), ask: runningSums(askNotional) };
    if (anchorIndex !== this.#anchorIndex) {
      this.#anchorIndex = anchorIndex;
      this.#means.revalue((older) => this.#valueOf(older));
    }
    const value = this.#valueOf(sums);
    this.#means.add(t, value, sums);
    return value;
  }

  addUnknown(t: EpochMs): void {
    this.#means.addUnknown(t);
  }

  means(out: Float64Array): void {
    this.#means.means(out);
  }

  #valueOf({ anchorIndex, bid, ask }: Sums): number {
    const from = COB_RADIUS + this.#anchorIndex - anchorIndex - this.#radius;
    const to = from + 2 * this.#radius + 1;
    if (from < 0 || to > COB_BUCKETS) return Number.NaN;
    const bids = (bid[to] as number) - (bid[from] as number);
    const asks = (ask[to] as number) - (ask[from] as number);
    return bids + asks === 0 ? 0 : (bids - asks) / (bids + asks);
  }
}

function runningSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(COB_BUCKETS + 1);
  for (let i = 0; i < COB_BUCKETS; i++) sums[i + 1] = (sums[i] as number) + (values[i] as number);
  return sums;
}
