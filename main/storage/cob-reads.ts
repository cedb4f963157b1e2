import type { DuckDBBlobVector, DuckDBDoubleVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { COB_BUCKETS } from '../../core/contracts/market-views.ts';
import type { VenueBuckets } from '../../core/market/cob-column.ts';
import { COB_SECOND_FIGURES, type CobSecondColumns, type CobSecondFigure } from '../../core/market/cob-second-columns.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { Sql } from './sql.ts';
import { decodeVenueBuckets } from './venue-buckets.ts';

const FIGURE_COLUMNS: Readonly<Record<CobSecondFigure, string>> = {
  second: 'second',
  t: 't',
  samples: 'samples',
  bestBid: 'best_bid',
  bestAsk: 'best_ask',
  bestBidQuantity: 'best_bid_quantity',
  bestAskQuantity: 'best_ask_quantity',
  mid: 'mid',
  spreadBps: 'spread_bps',
  microprice: 'microprice',
  anchor: 'anchor',
  bucketWidth: 'bucket_width',
  imbalance: 'imbalance',
  imbalanceMa1s: 'imbalance_ma_1s',
  imbalanceMa5s: 'imbalance_ma_5s',
  imbalanceMa15s: 'imbalance_ma_15s',
  imbalanceMa60s: 'imbalance_ma_60s',
  buyVolume: 'buy_volume',
  sellVolume: 'sell_volume',
  buyNotional: 'buy_notional',
  sellNotional: 'sell_notional',
  ofi: 'ofi',
  tradeCount: 'trade_count',
  vwap: 'vwap',
  vpin: 'vpin',
  largeShare: 'large_share',
};
const FIGURES = COB_SECOND_FIGURES.map((name) => `${FIGURE_COLUMNS[name]}::DOUBLE`).join(', ');

const IN_SPAN = 'symbol = $1 AND second >= $2 AND second < $3';
/** Each step's last second with the flow of the whole step. */
const STEPPED = `(
  SELECT last.* REPLACE (
    flow.buy_volume AS buy_volume, flow.sell_volume AS sell_volume,
    flow.buy_notional AS buy_notional, flow.sell_notional AS sell_notional,
    flow.ofi AS ofi, flow.trade_count AS trade_count,
    (flow.buy_notional + flow.sell_notional) / nullif(flow.buy_volume + flow.sell_volume, 0) AS vwap
  )
  FROM cob_1s AS last JOIN (
    SELECT max(second) AS second, sum(buy_volume) AS buy_volume, sum(sell_volume) AS sell_volume,
      sum(buy_notional) AS buy_notional, sum(sell_notional) AS sell_notional, sum(ofi) AS ofi,
      sum(trade_count)::BIGINT AS trade_count
    FROM cob_1s WHERE ${IN_SPAN} GROUP BY second // $4
  ) AS flow ON last.second = flow.second
)`;

/** Consolidated-book seconds in [from, to), or the last of each step. Fetching a chunk gives the JS thread away. */
export async function readCobSeconds(
  sql: Sql,
  symbol: string,
  from: number,
  to: number,
  stepMs: number,
): Promise<CobSecondColumns> {
  const whole = stepMs <= 1_000;
  const span = [symbol, BigInt(from), BigInt(to)];
  const result = await sql.run(
    `SELECT ${FIGURES}, last_buckets, mean_notional, venues, venue_buckets FROM ${whole ? 'cob_1s' : STEPPED} WHERE ${IN_SPAN} ORDER BY second`,
    whole ? span : [...span, BigInt(stepMs)],
  );
  const rows = result.rowCount;
  const figures = Object.fromEntries(COB_SECOND_FIGURES.map((name) => [name, new Float64Array(rows)])) as Record<
    CobSecondFigure,
    Float64Array
  >;
  const last = [0, 1, 2, 3].map(() => new Float32Array(rows * COB_BUCKETS));
  const mean = [0, 1].map(() => new Float32Array(rows * COB_BUCKETS));
  const venues: VenueId[][] = [];
  const splits: (VenueBuckets | undefined)[] = [];
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const count = chunk.rowCount;
    for (const [index, name] of COB_SECOND_FIGURES.entries()) {
      const from = chunk.getColumnVector(index) as DuckDBDoubleVector;
      const into = figures[name];
      for (let i = 0; i < count; i++) into[at + i] = from.getItem(i) ?? Number.NaN;
    }
    const blobs = COB_SECOND_FIGURES.length;
    const lastBuckets = chunk.getColumnVector(blobs) as DuckDBBlobVector;
    const meanNotional = chunk.getColumnVector(blobs + 1) as DuckDBBlobVector;
    const venueNames = chunk.getColumnVector(blobs + 2) as DuckDBVarCharVector;
    const venueBuckets = chunk.getColumnVector(blobs + 3) as DuckDBBlobVector;
    for (let i = 0; i < count; i++) {
      copyBuckets(lastBuckets.getItem(i)?.bytes, last, at + i);
      copyBuckets(meanNotional.getItem(i)?.bytes, mean, at + i);
      const merged = JSON.parse(venueNames.getItem(i) ?? '[]') as VenueId[];
      const bytes = venueBuckets.getItem(i)?.bytes;
      venues.push(merged);
      splits.push(bytes === undefined ? undefined : decodeVenueBuckets(bytes, merged));
    }
    at += count;
  }
  const [bidQuantity, askQuantity, bidNotional, askNotional] = last as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [meanBidNotional, meanAskNotional] = mean as [Float32Array, Float32Array];
  return {
    ...figures,
    bidQuantity,
    askQuantity,
    bidNotional,
    askNotional,
    meanBidNotional,
    meanAskNotional,
    venues,
    splits,
  };
}

/** Row `row` of each array from as many runs of 41 float32, which need not be aligned. */
function copyBuckets(bytes: Uint8Array | undefined, into: readonly Float32Array[], row: number): void {
  if (bytes === undefined || bytes.length !== 4 * COB_BUCKETS * into.length)
    throw new RangeError(`a stored consolidated-book second has ${bytes?.length} bytes of buckets`);
  // In a buffer of its own, so that it is aligned; copied as bytes, not one by one.
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  into.forEach((cells, i) => cells.set(values.subarray(i * COB_BUCKETS, (i + 1) * COB_BUCKETS), row * COB_BUCKETS));
}
