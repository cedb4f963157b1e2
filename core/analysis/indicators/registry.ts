import { adx } from './adx.ts';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import { cci } from './cci.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { ichimoku } from './ichimoku.ts';
import type { IndicatorDefinition, IndicatorParams } from './indicator.ts';
import { keltner } from './keltner.ts';
import { macd } from './macd.ts';
import { mfi } from './mfi.ts';
import { obv } from './obv.ts';
import { parabolicSar } from './parabolic-sar.ts';
import { realisedVolatility } from './realised-volatility.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { stochastic, williamsR } from './stochastic.ts';
import { supertrend } from './supertrend.ts';
import { volumeZScore } from './volume-z-score.ts';
import { rollingVwap, vwap } from './vwap.ts';
import { vwma } from './vwma.ts';
import { wma } from './wma.ts';

/** Every indicator there is. A new one is a file of its own and a line here. */
export const INDICATORS: readonly IndicatorDefinition[] = [
  sma,
  ema,
  wma,
  vwma,
  vwap,
  rollingVwap,
  bollinger,
  keltner,
  donchian,
  ichimoku,
  supertrend,
  parabolicSar,
  rsi,
  macd,
  stochastic,
  williamsR,
  cci,
  roc,
  mfi,
  adx,
  atr,
  realisedVolatility,
  obv,
  volumeZScore,
];

const BY_ID: ReadonlyMap<string, IndicatorDefinition> = new Map(INDICATORS.map((definition) => [definition.id, definition]));

export function indicatorById(id: string): IndicatorDefinition | undefined {
  return BY_ID.get(id);
}

/** A parameter set that `create` takes, from what a file or a field holds: a value that is missing or no number is the default, one out of range the nearest that fits. */
export function fittingParams(definition: IndicatorDefinition, given: Readonly<Record<string, unknown>>): IndicatorParams {
  const fitting: Record<string, number> = {};
  for (const { id, default: standard, min, max, step } of definition.params) {
    const value = given[id];
    const known = typeof value === 'number' && Number.isFinite(value) ? value : standard;
    const clamped = Math.min(Math.max(known, min), max);
    fitting[id] = step === 1 ? Math.round(clamped) : clamped;
  }
  return fitting;
}

export function defaultParams(definition: IndicatorDefinition): IndicatorParams {
  return fittingParams(definition, {});
}
