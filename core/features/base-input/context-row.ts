import { correlationAndBeta } from '../../analysis/correlation/correlation.ts';
import { driftStatistic, trendCode, volatilityCode, volatilityRatio } from '../../analysis/regime/regime.ts';
import { realisedVolatility } from '../../analysis/regime/volatility.ts';
import type { CandleSeries } from './candle-series.ts';
import { OUTPUT_FIGURES, OUTPUT_MODELS, type OutputModel } from './schema.ts';

/** The account as it stood at a time, in plain numbers. */
export interface AccountState {
  /** Nothing of it is used at a time before. */
  readonly at: number;
  /** −1 short, 0 flat, 1 long. */
  readonly side: number;
  /** Notional of the position / equity. */
  readonly size: number;
  /** Unrealised PnL / equity. */
  readonly unrealised: number;
  /** Since the position was opened; 0 when flat. */
  readonly ageMs: number;
  /** Loss of equity from its highest, as a share of that. */
  readonly drawdown: number;
}

/** A model's newest output. */
export interface LastOutput {
  readonly model: OutputModel;
  /** Time of the input that it was made of. */
  readonly at: number;
  /** P(SELL, HOLD, BUY), then P(down, flat, up) and the expected return of each horizon. */
  readonly figures: readonly number[];
}

const SECONDS = 300;
const MINUTES = 300;
const TREND_MINUTES = 60;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Share of a window's closes that must be known for a figure over them. */
const KNOWN_SHARE = 2 / 3;
const SMALLEST_VOLATILITY = 1e-6;

/** Closes on their way to the figures: with the one before the window's first return. Calls are synchronous and never nest. */
const closes = new Float64Array(SECONDS + 1);
const others = new Float64Array(SECONDS + 1);
const minutes = new Float64Array(MINUTES + 1);
const pair = new Float64Array(2);

/**
 * Fills `out` with the context at `t`, NaN where it is not known. `second` and `minute`: the newest periods that are over at `t`.
 * @param reference undefined without a reference symbol
 */
export function writeContext(
  series: { readonly seconds: CandleSeries; readonly minutes: CandleSeries; readonly reference: CandleSeries | undefined },
  t: number,
  second: number,
  minute: number,
  account: AccountState | undefined,
  out: Float64Array,
): void {
  series.seconds.closesInto(second, closes);
  series.minutes.closesInto(minute, minutes);
  if (series.reference === undefined) others.fill(Number.NaN);
  else series.reference.closesInto(second, others);
  const from = MINUTES - TREND_MINUTES;
  const end = MINUTES + 1;
  out[0] = isKnown(minutes, from) ? trendCode(driftStatistic(minutes, from, end)) : Number.NaN;
  out[1] = isKnown(minutes, 0) ? volatilityCode(volatilityRatio(minutes, 0, from, end)) : Number.NaN;
  out[2] = logVolatility(closes, SECONDS - 60);
  out[3] = logVolatility(closes, 0);
  out[4] = logVolatility(minutes, from);
  related(SECONDS - 60, out, 5);
  related(0, out, 7);
  const day = (2 * Math.PI * (t % DAY_MS)) / DAY_MS;
  const week = (2 * Math.PI * (t % WEEK_MS)) / WEEK_MS;
  out[9] = Math.sin(day);
  out[10] = Math.cos(day);
  out[11] = Math.sin(week);
  out[12] = Math.cos(week);
  const isTold = account !== undefined && account.at <= t;
  out[13] = isTold ? account.side : Number.NaN;
  out[14] = isTold ? account.size : Number.NaN;
  out[15] = isTold ? account.unrealised : Number.NaN;
  out[16] = isTold ? Math.log1p(account.ageMs / 60_000) : Number.NaN;
  out[17] = isTold ? account.drawdown : Number.NaN;
}

function isKnown(values: Float64Array, from: number): boolean {
  let count = 0;
  for (let i = from; i < values.length; i++) if (values[i] === values[i]) count++;
  return count >= KNOWN_SHARE * (values.length - from);
}

function logVolatility(values: Float64Array, from: number): number {
  return isKnown(values, from) ? Math.log(SMALLEST_VOLATILITY + realisedVolatility(values, from, values.length)) : Number.NaN;
}

/** Correlation and beta; 0 where the closes are known and do not move, so that there is none. */
function related(from: number, out: Float64Array, at: number): void {
  if (!isKnown(closes, from) || !isKnown(others, from)) {
    out[at] = Number.NaN;
    out[at + 1] = Number.NaN;
    return;
  }
  correlationAndBeta(closes, others, from, SECONDS + 1, pair);
  const correlation = pair[0] as number;
  const beta = pair[1] as number;
  out[at] = correlation === correlation ? correlation : 0;
  out[at + 1] = beta === beta ? beta : 0;
}

/** One row a model, 0 throughout where it has told nothing by `t`. Answers how many have. */
export function writeOutputs(outputs: readonly LastOutput[], t: number, out: Float64Array): number {
  out.fill(0);
  let present = 0;
  const width = OUTPUT_FIGURES + 2;
  for (let i = 0; i < outputs.length; i++) {
    const { model, at, figures } = outputs[i] as LastOutput;
    // An output of an input at t cannot be known at t.
    if (at >= t) continue;
    if (figures.length !== OUTPUT_FIGURES)
      throw new RangeError(`lastOutputs: ${model} has ${figures.length} figures, expected ${OUTPUT_FIGURES}`);
    const row = OUTPUT_MODELS.indexOf(model) * width;
    for (let f = 0; f < OUTPUT_FIGURES; f++) out[row + f] = figures[f] as number;
    out[row + OUTPUT_FIGURES] = Math.log1p((t - at) / 60_000);
    out[row + OUTPUT_FIGURES + 1] = 1;
    present++;
  }
  return present;
}
