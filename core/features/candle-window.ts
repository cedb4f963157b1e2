import { fail, ok, type Failure, type Result } from '../base/result.ts';
import type { CandleColumns } from '../market/candle.ts';
import { TIMEFRAME_MS } from '../market/timeframe.ts';
import { fnv1a64 } from './schema-hash.ts';

/** How one channel is scaled: by its own mean and deviation over the window, or by constants. */
type Scaling = 'window' | { readonly mean: number; readonly std: number };

interface Channel {
  readonly name: string;
  /** What it holds for candle i of the window, in words: part of the hashed layout. */
  readonly formula: string;
  readonly scaling: Scaling;
}

/**
 * Every channel is computed from the 64 candles of the window alone. `last` is the newest candle; the candle before the
 * first one is outside the window, so the first return is taken from that candle's own open.
 */
const CHANNELS = [
  { name: 'closeReturn', formula: 'ln(close[i] / close[i-1]); i = 0: ln(close / open)', scaling: 'window' },
  { name: 'openOffset', formula: 'ln(open[i] / close[i])', scaling: 'window' },
  { name: 'highOffset', formula: 'ln(high[i] / close[i])', scaling: 'window' },
  { name: 'lowOffset', formula: 'ln(low[i] / close[i])', scaling: 'window' },
  { name: 'logVolume', formula: 'ln(1 + volume[i])', scaling: 'window' },
  { name: 'path', formula: 'ln(close[i] / close[last])', scaling: 'window' },
  {
    name: 'rangePosition',
    formula: '(close[i] - min low) / (max high - min low); 0.5 when the range is 0',
    scaling: { mean: 0.5, std: 0.5 },
  },
  {
    name: 'volatility',
    formula: 'ln(1e-6 + population deviation of closeReturn), the same for every i',
    scaling: { mean: -7.5, std: 1 },
  },
] as const satisfies readonly Channel[];

const LENGTH = 64;
const WIDTH = CHANNELS.length;
const MINUTE_MS = TIMEFRAME_MS['1m'];

/** Layout of the candle window: the input `x` [batch, length, channels] of the models. */
export const CANDLE_WINDOW = {
  version: 1,
  timeframe: '1m',
  /** Candles, oldest first. */
  length: LENGTH,
  channels: WIDTH,
  names: CHANNELS.map((channel) => channel.name),
} as const;

/** Hash of the layout, the formulas and the scaling: a model trained on one is refused by another. 16 hex digits. */
export const candleWindowSchemaHash: string = fnv1a64(
  JSON.stringify({
    version: CANDLE_WINDOW.version,
    timeframe: CANDLE_WINDOW.timeframe,
    length: LENGTH,
    order: '[time][channel]',
    channels: CHANNELS,
  }),
);

/** normalised = (raw − mean) / std. `std` is never 0: a channel that does not vary has std 1. */
export interface NormParam {
  readonly name: string;
  readonly mean: number;
  readonly std: number;
}
export type NormParams = readonly NormParam[];

export type WindowFailure = Failure<'WINDOW_TOO_SHORT' | 'WINDOW_HAS_GAP' | 'WINDOW_INVALID_CANDLE' | 'WINDOW_WRONG_PARAMS'>;

/** Raw channels of the window in work, in double precision. Calls are synchronous and never nest. */
const raw = new Float64Array(LENGTH * WIDTH);

/**
 * Fills `out[outOffset …]` with the window of 1m candles that ends at `endIndex`, inclusive: `length × channels` float32,
 * row-major [time][channel]. Reads candles `endIndex − 63 … endIndex` and nothing else, so nothing later can leak in.
 * Allocates only the returned parameters.
 *
 * @returns the parameters with which `rebuildCandleWindow` gives the same bits, or why there is no window here
 */
export function writeCandleWindow(
  columns: CandleColumns,
  endIndex: number,
  out: Float32Array,
  outOffset: number,
): Result<NormParams, WindowFailure> {
  const refused = refuseWindow(columns, endIndex);
  if (refused !== undefined) return refused;
  requireRoom(out, outOffset);
  computeRaw(columns, endIndex - LENGTH + 1);
  const params: NormParam[] = new Array<NormParam>(WIDTH);
  for (let c = 0; c < WIDTH; c++) {
    const { name, scaling } = CHANNELS[c] as Channel;
    params[c] = scaling === 'window' ? measured(name, c) : { name, mean: scaling.mean, std: scaling.std };
  }
  normalise(params, out, outOffset);
  return ok(params);
}

/** Fills the same window with parameters that were stored with an inference: bit for bit what the model saw. */
export function rebuildCandleWindow(
  columns: CandleColumns,
  endIndex: number,
  params: NormParams,
  out: Float32Array,
  outOffset: number,
): Result<void, WindowFailure> {
  const refused = refuseWindow(columns, endIndex);
  if (refused !== undefined) return refused;
  for (let c = 0; c < WIDTH; c++) {
    const expected = CANDLE_WINDOW.names[c];
    const actual = params[c]?.name;
    if (actual === expected && params.length === WIDTH) continue;
    return fail(
      'WINDOW_WRONG_PARAMS',
      `normalisation parameter ${c} must be ${expected}, got ${actual} (${params.length} given, ${WIDTH} expected)`,
    );
  }
  requireRoom(out, outOffset);
  computeRaw(columns, endIndex - LENGTH + 1);
  normalise(params, out, outOffset);
  return ok(undefined);
}

/** Why no window ends at `endIndex`; undefined when one does. */
export function refuseWindow(
  columns: CandleColumns,
  endIndex: number,
): ReturnType<typeof fail<WindowFailure['code']>> | undefined {
  const { openTime, open, high, low, close, volume } = columns;
  if (!Number.isInteger(endIndex) || endIndex >= openTime.length)
    throw new RangeError(`no candle ${endIndex} in ${openTime.length}`);
  const start = endIndex - LENGTH + 1;
  if (start < 0) {
    return fail('WINDOW_TOO_SHORT', `a window needs ${LENGTH} closed 1m candles, there are ${endIndex + 1}`, { retryable: true });
  }
  for (let i = start; i <= endIndex; i++) {
    const time = openTime[i] as number;
    if (i > start && time !== (openTime[i - 1] as number) + MINUTE_MS) {
      return fail(
        'WINDOW_HAS_GAP',
        `1m candles are missing: after ${openTime[i - 1]} expected ${(openTime[i - 1] as number) + MINUTE_MS}, got ${time}`,
        { retryable: true },
      );
    }
    const top = high[i] as number;
    const bottom = low[i] as number;
    const valid =
      bottom > 0 &&
      top < Infinity &&
      bottom <= Math.min(open[i] as number, close[i] as number) &&
      top >= Math.max(open[i] as number, close[i] as number) &&
      (volume[i] as number) >= 0 &&
      (volume[i] as number) < Infinity;
    if (!valid) {
      return fail(
        'WINDOW_INVALID_CANDLE',
        `the 1m candle at ${time} is not a candle: open ${open[i]}, high ${top}, low ${bottom}, close ${close[i]}, volume ${volume[i]}`,
      );
    }
  }
  return undefined;
}

function requireRoom(out: Float32Array, outOffset: number): void {
  if (outOffset < 0 || outOffset + LENGTH * WIDTH > out.length) {
    throw new RangeError(`a window takes ${LENGTH * WIDTH} floats at ${outOffset}, the target holds ${out.length}`);
  }
}

function computeRaw(columns: CandleColumns, start: number): void {
  const { open, high, low, close, volume } = columns;
  const lastClose = close[start + LENGTH - 1] as number;
  let top = -Infinity;
  let bottom = Infinity;
  for (let i = start; i < start + LENGTH; i++) {
    if ((high[i] as number) > top) top = high[i] as number;
    if ((low[i] as number) < bottom) bottom = low[i] as number;
  }
  const range = top - bottom;
  let previousClose = open[start] as number;
  for (let i = 0; i < LENGTH; i++) {
    const at = i * WIDTH;
    const price = close[start + i] as number;
    raw[at] = Math.log(price / previousClose);
    raw[at + 1] = Math.log((open[start + i] as number) / price);
    raw[at + 2] = Math.log((high[start + i] as number) / price);
    raw[at + 3] = Math.log((low[start + i] as number) / price);
    raw[at + 4] = Math.log1p(volume[start + i] as number);
    raw[at + 5] = Math.log(price / lastClose);
    raw[at + 6] = range > 0 ? (price - bottom) / range : 0.5;
    previousClose = price;
  }
  const volatility = Math.log(1e-6 + deviation(0, mean(0)));
  for (let i = 0; i < LENGTH; i++) raw[i * WIDTH + 7] = volatility;
}

function mean(channel: number): number {
  let sum = 0;
  for (let at = channel; at < raw.length; at += WIDTH) sum += raw[at] as number;
  return sum / LENGTH;
}

function deviation(channel: number, centre: number): number {
  let sum = 0;
  for (let at = channel; at < raw.length; at += WIDTH) sum += ((raw[at] as number) - centre) ** 2;
  return Math.sqrt(sum / LENGTH);
}

/** Below this a channel only differs by rounding; dividing by it would turn rounding into a signal. */
const SMALLEST_STD = 1e-9;

function measured(name: string, channel: number): NormParam {
  const centre = mean(channel);
  const spread = deviation(channel, centre);
  return { name, mean: centre, std: spread > SMALLEST_STD ? spread : 1 };
}

function normalise(params: NormParams, out: Float32Array, outOffset: number): void {
  for (let c = 0; c < WIDTH; c++) {
    const { mean: centre, std } = params[c] as NormParam;
    for (let at = c; at < raw.length; at += WIDTH) out[outOffset + at] = ((raw[at] as number) - centre) / std;
  }
}
