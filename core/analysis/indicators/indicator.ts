import type { EpochMs } from '../../base/clock.ts';

/** What an indicator reads of a candle; prices in quote, volume in base. `Candle` and the chart's candles fit. */
export interface Bar {
  readonly openTime: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * An indicator's state over the candles of one series, fed oldest first.
 *
 * A candle that is missing (an outage) is not stood in for: the state continues over the next one present, as if the two were
 * neighbours. Only what an indicator says of time itself differs (the session of `vwap` follows the candles' own UTC days).
 */
export interface Indicator {
  /** The newest outputs in the order of the definition, overwritten by each `step`. NaN while warming up. */
  readonly values: Float64Array;
  /**
   * Computes the outputs at `bar`. A closed one enters the state; a forming one only previews what `values` will be if it closes
   * as it is (the same bits), any number of times. Costs the same after any number of candles; allocates nothing.
   */
  step(bar: Bar, closed: boolean): void;
}

export interface ParamDefinition<K extends string = string> {
  readonly id: K;
  readonly name: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** 1: whole numbers only. */
  readonly step: number;
}

export interface OutputDefinition {
  readonly id: string;
  readonly name: string;
  /** `band`: one edge of a filled band (the first and the last of a definition's band outputs are its edges); `dots`: a mark per candle. */
  readonly kind: 'line' | 'histogram' | 'band' | 'dots';
  /**
   * The parameter by which this output is drawn ahead of (1) or behind (−1) the candle it is computed at. Only drawing is displaced:
   * value i of a column never holds anything later than candle i.
   */
  readonly displacedBy?: { readonly param: string; readonly direction: 1 | -1 };
  /** Without a value at times after the warm-up too, e.g. the stop of the other direction. */
  readonly intermittent?: true;
}

export type IndicatorParams = Readonly<Record<string, number>>;

export interface IndicatorDefinition {
  readonly id: string;
  readonly name: string;
  /** As legends have it, e.g. `BB`. */
  readonly short: string;
  readonly keywords: readonly string[];
  /** On the candles and in their unit, or in a pane of its own. */
  readonly placement: 'overlay' | 'pane';
  readonly params: readonly ParamDefinition[];
  readonly outputs: readonly OutputDefinition[];
  /** Values that a pane marks with a line, e.g. RSI's 30 and 70. */
  readonly levels: readonly number[];
  /** Candles until every output that is not intermittent has a value, the candle that gives it included. */
  warmUp(params: IndicatorParams): number;
  /** @throws RangeError when a parameter is missing or out of range */
  create(params: IndicatorParams): Indicator;
}

interface Draft<K extends string> {
  readonly id: string;
  readonly name: string;
  readonly short: string;
  readonly keywords?: readonly string[];
  readonly placement: 'overlay' | 'pane';
  readonly params: readonly ParamDefinition<K>[];
  readonly outputs: readonly OutputDefinition[];
  readonly levels?: readonly number[];
  warmUp(params: Readonly<Record<K, number>>): number;
  create(params: Readonly<Record<K, number>>): Indicator;
}

/** Completes a definition and puts the check of the parameters before its `create`. */
export function defineIndicator<K extends string>(draft: Draft<K>): IndicatorDefinition {
  return {
    ...draft,
    keywords: draft.keywords ?? [],
    levels: draft.levels ?? [],
    warmUp: (params) => draft.warmUp(checked(draft, params)),
    create: (params) => draft.create(checked(draft, params)),
  };
}

function checked<K extends string>({ id, params }: Draft<K>, given: IndicatorParams): Record<K, number> {
  const complete: Partial<Record<K, number>> = {};
  for (const { id: key, min, max, step } of params) {
    const value = given[key];
    if (value === undefined || !(value >= min && value <= max) || (step === 1 && !Number.isInteger(value))) {
      const kind = step === 1 ? 'a whole number' : 'a number';
      throw new RangeError(`${id}: ${key} must be ${kind} from ${min} to ${max}, got ${value}`);
    }
    complete[key] = value;
  }
  return complete as Record<K, number>;
}

/** The parameter that most indicators have: how many candles they look back over. */
export function period(standard: number, name = 'Length', min = 2): ParamDefinition<'period'> {
  return { id: 'period', name, default: standard, min, max: 1_000, step: 1 };
}

export function multiplier(standard: number, name: string): ParamDefinition<'multiplier'> {
  return { id: 'multiplier', name, default: standard, min: 0.1, max: 20, step: 0.1 };
}

/** (high + low + close) / 3. */
export function typicalPrice(bar: Bar): number {
  return (bar.high + bar.low + bar.close) / 3;
}
