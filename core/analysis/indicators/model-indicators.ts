import type { IndicatorParams } from './indicator.ts';

/** An indicator with the parameters that differ from its defaults. */
export interface IndicatorChoice {
  readonly indicator: string;
  readonly params: IndicatorParams;
}

/** The indicators in every candle block of the model's input, in the order of its columns. */
export const MODEL_INDICATORS: readonly IndicatorChoice[] = [
  ...[9, 20, 50].map((period) => ({ indicator: 'sma', params: { period } })),
  ...[9, 20, 50].map((period) => ({ indicator: 'ema', params: { period } })),
  { indicator: 'rsi', params: {} },
  { indicator: 'macd', params: {} },
  { indicator: 'bollinger', params: {} },
  { indicator: 'atr', params: {} },
  { indicator: 'adx', params: {} },
  { indicator: 'vwap', params: {} },
  { indicator: 'volumeZScore', params: {} },
];
