import type { CobView } from '../../core/contracts/market-views.ts';
import { secondOf, venueBuckets } from '../../core/market/cob-column.ts';
import type { CobSplit } from '../../core/market/consolidated-book.ts';
import type { SecondFlow } from '../../core/market/order-flow.ts';
import { encodeVenueBuckets } from './venue-buckets.ts';

/** One second of a consolidated book: its last snapshot, and mean notional per bucket over the second's snapshots. */
export interface CobSecond {
  /** Start of the second. */
  readonly second: number;
  readonly last: CobView;
  /** Snapshots that the second had. */
  readonly samples: number;
  /** float32: bid quantity, ask quantity, bid notional, ask notional of `last`, one after another. */
  readonly lastBuckets: Uint8Array;
  /** float32: mean bid notional, mean ask notional, on the buckets of `last`. */
  readonly meanNotional: Uint8Array;
  /** Notional of `last` by venue (`encodeVenueBuckets`). */
  readonly venueBuckets?: Uint8Array;
  readonly flow?: SecondFlow;
}

/** The snapshots of a second, oldest first, and the newest one's split. */
interface Collected {
  readonly views: CobView[];
  split: CobSplit | undefined;
}

/** At 10 Hz a second has ten; more than this are not kept apart (the newest replaces the one before). */
const MAX_SAMPLES = 64;

/** Collects the snapshots of the second in progress, per symbol. Views are kept until their second ends, so they must not change. */
export class CobSeconds {
  readonly #current = new Map<string, Collected>();

  /** Takes a snapshot; answers the second that it ended, if it began a new one. `ended`: the flow of the second before. */
  add(view: CobView, split?: CobSplit, ended?: SecondFlow): CobSecond | undefined {
    const collected = this.#current.get(view.symbol);
    const first = collected?.views[0];
    if (collected !== undefined && first !== undefined && secondOf(first.t) === secondOf(view.t)) {
      if (collected.views.length === MAX_SAMPLES) collected.views.pop();
      collected.views.push(view);
      collected.split = split;
      return undefined;
    }
    this.#current.set(view.symbol, { views: [view], split });
    return collected === undefined ? undefined : whole(collected, ended);
  }

  /** The seconds in progress as they stand; they go on. */
  peek(): CobSecond[] {
    return [...this.#current.values()].map((collected) => whole(collected, undefined));
  }
}

function whole({ views, split }: Collected, ended: SecondFlow | undefined): CobSecond {
  const second = aggregate(views);
  return {
    ...second,
    ...(split === undefined ? {} : { venueBuckets: encodeVenueBuckets(venueBuckets(split)) }),
    ...(ended?.second === second.second ? { flow: ended } : {}),
  };
}

/** `views`: at least one, of one symbol and one second, oldest first. */
export function aggregate(views: readonly CobView[]): CobSecond {
  const last = views[views.length - 1] as CobView;
  const buckets = last.bidNotional.length;
  const mean = new Float32Array(2 * buckets);
  meanByPrice(views, last, (view) => view.bidNotional, mean.subarray(0, buckets));
  meanByPrice(views, last, (view) => view.askNotional, mean.subarray(buckets));
  const lastBuckets = Float32Array.from([...last.bidQuantity, ...last.askQuantity, ...last.bidNotional, ...last.askNotional]);
  return {
    second: secondOf(last.t),
    last,
    samples: views.length,
    lastBuckets: bytesOf(lastBuckets),
    meanNotional: bytesOf(mean),
  };
}

/**
 * A bucket's mean over the snapshots that cover its price. The anchor moves with the mid, so buckets are matched by price
 * to the nearest one, never by index.
 */
function meanByPrice(
  views: readonly CobView[],
  last: CobView,
  pick: (view: CobView) => readonly number[],
  into: Float32Array,
): void {
  for (let bucket = 0; bucket < into.length; bucket++) {
    let sum = 0;
    let count = 0;
    for (const view of views) {
      if (view.bucketWidth !== last.bucketWidth) continue;
      const shift = Math.round((last.anchor - view.anchor) / view.bucketWidth);
      const value = pick(view)[bucket + shift];
      if (value === undefined) continue;
      sum += value;
      count++;
    }
    into[bucket] = sum / count;
  }
}

/** The store's files are little-endian, as is every platform the product runs on. */
function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
