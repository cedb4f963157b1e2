/** What the practice market knows of a symbol besides its recording. Prices are counted in ticks, quantities in lots. */
export interface LabInstrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Decimals of the price step: 2 is 0.01. */
  readonly tickDecimals: number;
  /** Decimals of the quantity step, as on Binance in 2020, so that recorded volumes are whole numbers of lots. */
  readonly lotDecimals: number;
  /**
   * Base units that trade in an ordinary minute. A constant and not read from the recording, because everything that is derived from it
   * must be the same whichever recording (60 days or the whole year) a minute is played from.
   */
  readonly typicalMinuteVolume: number;
  /** Price and quantity steps are this many units of their last decimal; 1 when absent. */
  readonly tickUnits?: number;
  readonly lotUnits?: number;
  /** Quantities are amounts of the quote currency. */
  readonly inverse?: boolean;
  /** The most levels that a side of its book has; 600 when absent. */
  readonly bookLevels?: number;
}

export const LAB_INSTRUMENTS: readonly LabInstrument[] = [
  { symbol: 'ETHUSDT', base: 'ETH', quote: 'USDT', tickDecimals: 2, lotDecimals: 5, typicalMinuteVolume: 400 },
  { symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', tickDecimals: 2, lotDecimals: 6, typicalMinuteVolume: 40 },
];
