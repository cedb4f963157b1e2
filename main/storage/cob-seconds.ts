import type { CobView } from '../../core/contracts/market-views.ts';
import { secondOf, venueBuckets } from '../../core/market/cob-column.ts';
import type { CollectedSecond } from '../../core/market/cob-seconds.ts';
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

/** The row of a second. */
export function encodeSecond({ views, split, flow }: CollectedSecond): CobSecond {
  return {
    ...aggregate(views),
    ...(split === undefined ? {} : { venueBuckets: encodeVenueBuckets(venueBuckets(split)) }),
    ...(flow === undefined ? {} : { flow }),
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
