import type { Migration } from '../migrate.ts';

/**
 * Order flow of each consolidated-book second over all sources of the symbol, and its notional by venue (`venue-buckets.ts`).
 * NULL where it is not known: in rows of before, and in seconds that were not watched from start to end.
 */
export const cobFlow: Migration = {
  version: 3,
  name: 'order flow of consolidated-book seconds',
  statements: [
    'ALTER TABLE cob_1s ADD COLUMN buy_volume DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN sell_volume DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN buy_notional DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN sell_notional DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN ofi DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN trade_count BIGINT',
    'ALTER TABLE cob_1s ADD COLUMN vwap DOUBLE',
    'ALTER TABLE cob_1s ADD COLUMN venue_buckets BLOB',
  ],
};
