import type { Candle } from '../../core/market/candle.ts';
import { vwapOf } from '../../core/market/order-flow.ts';
import { STORED_TIMEFRAMES, type StoredTimeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { BulkTable } from './bulk-table.ts';
import type { CobSecond } from './cob-seconds.ts';

/** One candle per symbol and open time, whichever venue told it: a series is put together from several where one was away. */
function candleTable(timeframe: StoredTimeframe): BulkTable<Candle> {
  return {
    name: `candles_${timeframe}`,
    keyColumns: ['symbol'],
    timeColumn: 'open_time',
    timeOf: (candle) => candle.openTime,
    idOf: () => 0,
    columns: [
      { name: 'venue', kind: 'text', of: (_, key) => key.venue },
      { name: 'symbol', kind: 'text', of: (_, key) => key.symbol },
      { name: 'open_time', kind: 'integer', of: (candle) => candle.openTime },
      { name: 'open', kind: 'double', of: (candle) => candle.open },
      { name: 'high', kind: 'double', of: (candle) => candle.high },
      { name: 'low', kind: 'double', of: (candle) => candle.low },
      { name: 'close', kind: 'double', of: (candle) => candle.close },
      { name: 'volume', kind: 'double', of: (candle) => candle.volume },
      { name: 'buy_volume', kind: 'double', of: (candle) => candle.buyVolume },
      { name: 'trade_count', kind: 'integer', of: (candle) => candle.tradeCount },
      { name: 'filled', kind: 'flag', of: (candle) => candle.filled },
    ],
  };
}

export const CANDLE_TABLES = Object.fromEntries(
  STORED_TIMEFRAMES.map((timeframe) => [timeframe, candleTable(timeframe)]),
) as Readonly<Record<StoredTimeframe, BulkTable<Candle>>>;

/** A venue may send a trade again after a reconnect; it has the same time and id then. */
export const TRADE_TABLE: BulkTable<Trade> = {
  name: 'trades',
  keyColumns: ['venue', 'symbol'],
  timeColumn: 'ts_event',
  idColumn: 'trade_id',
  timeOf: (trade) => trade.tsEvent,
  idOf: (trade) => trade.id,
  columns: [
    { name: 'venue', kind: 'text', of: (_, key) => key.venue },
    { name: 'symbol', kind: 'text', of: (_, key) => key.symbol },
    { name: 'trade_id', kind: 'integer', of: (trade) => trade.id },
    { name: 'price', kind: 'double', of: (trade) => trade.price },
    { name: 'quantity', kind: 'double', of: (trade) => trade.quantity },
    { name: 'side', kind: 'text', of: (trade) => trade.side },
    { name: 'ts_event', kind: 'integer', of: (trade) => trade.tsEvent },
    { name: 'ts_received', kind: 'integer', of: (trade) => trade.tsReceived },
  ],
};

export const COB_TABLE: BulkTable<CobSecond> = {
  name: 'cob_1s',
  keyColumns: ['symbol'],
  timeColumn: 'second',
  timeOf: (row) => row.second,
  idOf: () => 0,
  columns: [
    { name: 'symbol', kind: 'text', of: (_, key) => key.symbol },
    { name: 'second', kind: 'integer', of: (row) => row.second },
    { name: 't', kind: 'integer', of: (row) => row.last.t },
    { name: 'samples', kind: 'integer', of: (row) => row.samples },
    { name: 'venues', kind: 'text', of: (row) => JSON.stringify(row.last.venues) },
    { name: 'excluded', kind: 'text', of: (row) => JSON.stringify(row.last.excluded) },
    { name: 'best_bid', kind: 'double', of: (row) => row.last.bestBid },
    { name: 'best_ask', kind: 'double', of: (row) => row.last.bestAsk },
    { name: 'best_bid_quantity', kind: 'double', of: (row) => row.last.bestBidQuantity },
    { name: 'best_ask_quantity', kind: 'double', of: (row) => row.last.bestAskQuantity },
    { name: 'mid', kind: 'double', of: (row) => row.last.mid },
    { name: 'spread_bps', kind: 'double', of: (row) => row.last.spreadBps },
    { name: 'microprice', kind: 'double', of: (row) => row.last.microprice },
    { name: 'anchor', kind: 'double', of: (row) => row.last.anchor },
    { name: 'bucket_width', kind: 'double', of: (row) => row.last.bucketWidth },
    { name: 'imbalance', kind: 'double', of: (row) => row.last.imbalance },
    { name: 'imbalance_ma_1s', kind: 'double', of: (row) => row.last.imbalanceMa.s1 },
    { name: 'imbalance_ma_5s', kind: 'double', of: (row) => row.last.imbalanceMa.s5 },
    { name: 'imbalance_ma_15s', kind: 'double', of: (row) => row.last.imbalanceMa.s15 },
    { name: 'imbalance_ma_60s', kind: 'double', of: (row) => row.last.imbalanceMa.s60 },
    { name: 'last_buckets', kind: 'bytes', of: (row) => row.lastBuckets },
    { name: 'mean_notional', kind: 'bytes', of: (row) => row.meanNotional },
    { name: 'buy_volume', kind: 'double', of: (row) => row.flow?.buyVolume },
    { name: 'sell_volume', kind: 'double', of: (row) => row.flow?.sellVolume },
    { name: 'buy_notional', kind: 'double', of: (row) => row.flow?.buyNotional },
    { name: 'sell_notional', kind: 'double', of: (row) => row.flow?.sellNotional },
    { name: 'ofi', kind: 'double', of: (row) => row.flow?.ofi },
    { name: 'trade_count', kind: 'integer', of: (row) => row.flow?.tradeCount },
    {
      name: 'vwap',
      kind: 'double',
      of: (row) => (row.flow !== undefined && row.flow.tradeCount > 0 ? vwapOf(row.flow) : undefined),
    },
    { name: 'venue_buckets', kind: 'bytes', of: (row) => row.venueBuckets },
    { name: 'vpin', kind: 'double', of: (row) => known(row.flow?.vpin) },
    { name: 'large_share', kind: 'double', of: (row) => known(row.flow?.largeShare) },
  ],
};

/** What is not known is NULL. */
function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
