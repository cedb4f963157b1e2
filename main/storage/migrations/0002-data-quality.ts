import type { Migration } from '../migrate.ts';

/** Where stored candles were not the venue's own, and what is remembered of stretches of data. */
export const dataQuality: Migration = {
  version: 2,
  name: 'data quality',
  statements: [
    `CREATE TABLE candle_differences (
       symbol VARCHAR NOT NULL,
       timeframe VARCHAR NOT NULL,
       open_time BIGINT NOT NULL,
       field VARCHAR NOT NULL,
       venue VARCHAR NOT NULL,
       stored DOUBLE NOT NULL,
       told DOUBLE NOT NULL,
       found_at BIGINT NOT NULL,
       PRIMARY KEY (symbol, timeframe, open_time, field))`,
    // timeframe is empty for the book.
    `CREATE TABLE quality_spans (
       symbol VARCHAR NOT NULL,
       timeframe VARCHAR NOT NULL,
       state VARCHAR NOT NULL,
       from_time BIGINT NOT NULL,
       to_time BIGINT NOT NULL,
       venue VARCHAR NOT NULL,
       candles BIGINT NOT NULL,
       reason VARCHAR NOT NULL,
       PRIMARY KEY (symbol, timeframe, state, from_time))`,
  ],
};
