import type { EpochMs } from '../base/clock.ts';

/**
 * OHLCV over [openTime, openTime + timeframe).
 * Prices in quote, volumes in base. `filled` marks a period in which nothing traded:
 * open = high = low = close = previous close and volume 0.
 */
export interface Candle {
  readonly openTime: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Taker-buy part of `volume`. 0 without a meaning where `tradeCount` is not told. */
  readonly buyVolume: number;
  /** 0 with a volume above 0: a venue's candle that tells neither the count nor the taker-buy part. */
  readonly tradeCount: number;
  readonly filled: boolean;
}

/** Candles as columns of equal length, oldest first: what the store reads and what models and charts consume. */
export interface CandleColumns {
  readonly openTime: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export function candleColumns(length: number): CandleColumns {
  return {
    openTime: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
}

export function toColumns(candles: readonly Candle[]): CandleColumns {
  const columns = candleColumns(candles.length);
  for (let i = 0; i < candles.length; i++) {
    const candle = candles[i] as Candle;
    columns.openTime[i] = candle.openTime;
    columns.open[i] = candle.open;
    columns.high[i] = candle.high;
    columns.low[i] = candle.low;
    columns.close[i] = candle.close;
    columns.volume[i] = candle.volume;
  }
  return columns;
}
