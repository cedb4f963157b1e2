import { MarketStructure, PIVOT_LEVELS } from '../../analysis/pivots/market-structure.ts';
import { TIMEFRAME_MS } from '../../market/timeframe.ts';
import type { BaseInput, BlockQuality } from './base-input.ts';
import { type CandleSeries } from './candle-series.ts';
import { checkBook, checkCandles, checkMinutes, freshnessOf } from './checks.ts';
import { COB_COLUMNS, type CobSeries } from './cob-series.ts';
import { type AccountState, type LastOutput, writeContext, writeOutputs } from './context-row.ts';
import { measureBlock, normaliseBlock } from './normalise.ts';
import { structureStart, writePivots } from './pivot-rows.ts';
import { BLOCKS, type BlockName, blockNamed, FRAMES, HEATMAP_ROWS, OUTPUT_MODELS, type PlacedBlock } from './schema.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];

/** What one symbol's input is made of: its own series, and the reference symbol's seconds. */
export interface InputSeries {
  readonly symbol: string;
  readonly seconds: CandleSeries;
  readonly minutes: CandleSeries;
  readonly hours: CandleSeries;
  readonly days: CandleSeries;
  /** Undefined where the reference symbol is not followed. */
  readonly reference: CandleSeries | undefined;
  readonly cob: CobSeries;
}

export interface InputMoment {
  t: number;
  /** Begun at `structureStart(t)`, as of `t` or before; undefined while it is not analysed. */
  structure: MarketStructure | undefined;
  account: AccountState | undefined;
  outputs: readonly LastOutput[];
  /** Stored parameters to rebuild with; measured when undefined. */
  params: Float64Array | undefined;
}

const NO_STRUCTURE = new MarketStructure({ lengthMs: MINUTE_MS, capacity: 1_024 });
/** Of `NO_REFERENCE`: never asked for more than its cells. */
const NOTHING = new Float64Array(0);

/**
 * Fills a `BaseInput` from the rings of one symbol. Everything in it is of periods that were over at t: rows are found by their period,
 * so what a ring holds beyond t is not looked at. Allocates nothing.
 */
export class BaseInputBuilder {
  readonly #series: InputSeries;
  readonly #missing: Float64Array;
  readonly #values = new Float64Array(FRAMES * HEATMAP_ROWS);
  readonly #mids = new Float64Array(FRAMES);
  readonly #prices = new Float64Array(HEATMAP_ROWS);
  readonly #pivots = new Float64Array(blockNamed('pivots').length);
  readonly #trends = new Float64Array(2 * PIVOT_LEVELS);
  readonly #context = new Float64Array(blockNamed('context').length);
  readonly #closes = new Float64Array(FRAMES);
  readonly #outputs = new Float64Array(blockNamed('lastOutputs').length);
  /** The book's rows where its bucket width changed within the window. */
  #patched = NOTHING;

  constructor(series: InputSeries) {
    this.#series = series;
    this.#missing = new Float64Array(blockNamed('reference.1s').length).fill(Number.NaN);
  }

  /**
   * Whether the rings still hold what an input at `t` is made of. One from before has to be rebuilt from the store.
   */
  covers(t: number): boolean {
    const { seconds, minutes, hours, days, reference, cob } = this.#series;
    return (
      seconds.coversAt(t) &&
      minutes.coversAt(t) &&
      hours.coversAt(t) &&
      days.coversAt(t) &&
      (reference === undefined || reference.coversAt(t)) &&
      !(Math.floor(t / 1_000) - 1 - FRAMES < cob.window.oldest)
    );
  }

  /** @throws RangeError for a `t` that `covers` denies, or that the structure is later than */
  build(moment: InputMoment, out: BaseInput): void {
    const { symbol, seconds, minutes, hours, days, reference, cob } = this.#series;
    const { t, params } = moment;
    if (!this.covers(t)) throw new RangeError(`${symbol}: the rings begin after the input at ${t}`);
    out.symbol = symbol;
    out.t = t;
    if (params !== undefined) out.params.set(params);
    const second = Math.floor(t / 1_000) - 1;
    const minute = Math.floor(t / MINUTE_MS) - 1;
    this.#candles(CANDLES_1S, seconds, moment, out);
    this.#candles(CANDLES_1M, minutes, moment, out);
    this.#candles(CANDLES_1H, hours, moment, out);
    this.#candles(CANDLES_1D, days, moment, out);
    if (reference === undefined) this.#without(REFERENCE, out);
    else this.#candles(REFERENCE, reference, moment, out);
    checkMinutes(minutes, seconds, second, out.blocks[CANDLES_1M.index] as BlockQuality);
    this.#book(second, moment, out);
    checkBook(cob, minutes, second, out.blocks[COB.index] as BlockQuality);
    this.#structure(minute, moment, out);
    this.#rest(second, minute, moment, out);
    for (const block of BLOCKS) conclude(block, out);
    concludeWhole(out);
  }

  #candles(block: PlacedBlock, series: CandleSeries, { t, params }: InputMoment, out: BaseInput): void {
    const { lengthMs, window } = series;
    const newest = Math.floor(t / lengthMs) - 1;
    window.reach(newest);
    series.settle(newest);
    const from = window.at(newest - FRAMES + 1);
    let first = Number.NaN;
    let last = Number.NaN;
    let frames = 0;
    for (let slot = newest - FRAMES + 1, at = from; slot <= newest; slot++, at += window.stride) {
      if (!series.isKnown(at)) continue;
      if (frames === 0) first = slot;
      last = slot;
      frames++;
    }
    const quality = this.#write(block, window.cells, from, window.stride, params, out);
    spanOf(block, out, first, last, frames, newest, lengthMs);
    quality.expected = FRAMES;
    quality.frames = frames;
    quality.newest = (last + 1) * lengthMs;
    quality.freshness = freshnessOf(t - quality.newest, block.periodMs);
    quality.completeness = quality.cells / block.length;
    checkCandles(series, newest, quality);
  }

  #without(block: PlacedBlock, out: BaseInput): void {
    const quality = this.#write(block, this.#missing, 0, block.columns.length, undefined, out);
    spanOf(block, out, Number.NaN, Number.NaN, 0, Math.floor(out.t / block.periodMs) - 1, block.periodMs);
    quality.expected = FRAMES;
    quality.frames = 0;
    quality.newest = Number.NaN;
    quality.freshness = 0;
    quality.completeness = 0;
  }

  #book(second: number, { t, params }: InputMoment, out: BaseInput): void {
    const { cob } = this.#series;
    const { window } = cob;
    window.reach(second);
    let { cells } = window;
    let from = window.at(second - FRAMES + 1);
    if (!cob.hasOneWidth(second)) {
      if (this.#patched === NOTHING) this.#patched = new Float64Array(FRAMES * window.stride);
      cob.copyOneWidth(second, this.#patched);
      cells = this.#patched;
      from = 0;
    }
    cob.heatmap(second, this.#values, this.#mids, this.#prices);
    let first = Number.NaN;
    let last = Number.NaN;
    let frames = 0;
    for (let slot = second - FRAMES + 1; slot <= second; slot++) {
      const row = window.at(slot);
      if (row < 0 || !cob.isKnown(row)) continue;
      if (frames === 0) first = slot;
      last = slot;
      frames++;
    }
    this.#write(COB, cells, from + COB_COLUMNS.cob, window.stride, params, out);
    this.#write(COB_MA, cells, from + COB_COLUMNS.cobMa, window.stride, params, out);
    this.#write(FLOW, cells, from + COB_COLUMNS.flow, window.stride, params, out);
    this.#write(HEATMAP_VALUES, this.#values, 0, HEATMAP_ROWS, params, out);
    this.#write(HEATMAP_MIDS, this.#mids, 0, 1, params, out);
    this.#write(HEATMAP_PRICES, this.#prices, 0, HEATMAP_ROWS, params, out);
    for (let i = 0; i < OF_BOOK.length; i++) {
      const block = OF_BOOK[i] as PlacedBlock;
      const quality = out.blocks[block.index] as BlockQuality;
      spanOf(block, out, first, last, frames, second, 1_000);
      quality.expected = block.framed ? FRAMES : 1;
      quality.frames = block.framed ? frames : Math.min(1, frames);
      quality.newest = (last + 1) * 1_000;
      quality.freshness = freshnessOf(t - quality.newest, block.periodMs);
      // Rows of the heatmap that a second's buckets did not reach are not missing data: the mid moved.
      quality.completeness = block === HEATMAP_VALUES ? frames / FRAMES : quality.cells / block.length;
    }
  }

  #structure(minute: number, { t, structure = NO_STRUCTURE, params }: InputMoment, out: BaseInput): void {
    const { minutes } = this.#series;
    minutes.closesInto(minute, this.#closes);
    let lastClose = Number.NaN;
    for (let i = FRAMES - 1; i >= 0 && lastClose !== lastClose; i--) lastClose = this.#closes[i] as number;
    const { asOf } = structure;
    if (asOf === undefined) {
      this.#pivots.fill(Number.NaN);
      this.#trends.fill(Number.NaN);
    } else writePivots(structure, t, lastClose, this.#pivots, this.#trends);
    const start = structureStart(t);
    const expected = minute + 1 - start / MINUTE_MS;
    this.#write(PIVOTS, this.#pivots, 0, PIVOTS.columns.length, params, out);
    this.#write(TRENDS, this.#trends, 0, TRENDS.columns.length, params, out);
    for (let i = 0; i < OF_STRUCTURE.length; i++) {
      const block = OF_STRUCTURE[i] as PlacedBlock;
      const quality = out.blocks[block.index] as BlockQuality;
      const last = asOf === undefined ? Number.NaN : asOf / MINUTE_MS - 1;
      spanOf(block, out, asOf === undefined ? Number.NaN : start / MINUTE_MS, last, structure.candles, minute, MINUTE_MS);
      quality.expected = expected;
      quality.frames = structure.candles;
      quality.newest = asOf ?? Number.NaN;
      quality.freshness = freshnessOf(t - quality.newest, block.periodMs);
      quality.completeness = Math.min(1, structure.candles / expected);
    }
  }

  #rest(second: number, minute: number, { t, account, outputs, params }: InputMoment, out: BaseInput): void {
    writeContext(this.#series, t, second, minute, account, this.#context);
    const context = this.#write(CONTEXT, this.#context, 0, CONTEXT.columns.length, params, out);
    spanOf(CONTEXT, out, second, second, 1, second, 1_000);
    context.expected = CONTEXT.length;
    context.frames = context.cells;
    context.completeness = context.cells / CONTEXT.length;
    context.newest = (out.blocks[CANDLES_1S.index] as BlockQuality).newest;
    context.freshness = freshnessOf(t - context.newest, CONTEXT.periodMs);

    const present = writeOutputs(outputs, t, this.#outputs);
    const last = this.#write(LAST_OUTPUTS, this.#outputs, 0, LAST_OUTPUTS.columns.length, params, out);
    let newest = Number.NaN;
    for (let i = 0; i < outputs.length; i++) {
      const { at } = outputs[i] as LastOutput;
      if (at < t && !(at < newest)) newest = at;
    }
    spanOf(LAST_OUTPUTS, out, newest / MINUTE_MS, newest / MINUTE_MS, present, minute, MINUTE_MS);
    last.expected = OUTPUT_MODELS.length;
    last.frames = present;
    last.completeness = present / OUTPUT_MODELS.length;
    last.newest = newest;
    last.freshness = freshnessOf(t - newest, LAST_OUTPUTS.periodMs);
  }

  #write(
    block: PlacedBlock,
    cells: Float64Array,
    from: number,
    stride: number,
    params: Float64Array | undefined,
    out: BaseInput,
  ): BlockQuality {
    if (params === undefined) measureBlock(block, cells, from, stride, out.params);
    const quality = out.blocks[block.index] as BlockQuality;
    quality.cells = normaliseBlock(block, cells, from, stride, out.params, out.values);
    quality.checks = 0;
    quality.held = 0;
    return quality;
  }
}

const at = (name: BlockName): PlacedBlock => blockNamed(name);
const CANDLES_1S = at('candles.1s');
const CANDLES_1M = at('candles.1m');
const CANDLES_1H = at('candles.1h');
const CANDLES_1D = at('candles.1d');
const REFERENCE = at('reference.1s');
const COB = at('cob');
const COB_MA = at('cobMa');
const HEATMAP_VALUES = at('heatmap.values');
const HEATMAP_MIDS = at('heatmap.mids');
const HEATMAP_PRICES = at('heatmap.prices');
const FLOW = at('flow');
const PIVOTS = at('pivots');
const TRENDS = at('trends');
const CONTEXT = at('context');
const LAST_OUTPUTS = at('lastOutputs');
const OF_BOOK = [COB, COB_MA, FLOW, HEATMAP_VALUES, HEATMAP_MIDS, HEATMAP_PRICES];
const OF_STRUCTURE = [PIVOTS, TRENDS];

/** Without a known row the span ends before the window, so that whoever rebuilds it reads none of it either. */
function spanOf(
  { index }: PlacedBlock,
  out: BaseInput,
  first: number,
  last: number,
  count: number,
  newest: number,
  lengthMs: number,
): void {
  const { spans } = out;
  spans[3 * index] = (count === 0 ? newest - FRAMES : first) * lengthMs;
  spans[3 * index + 1] = (count === 0 ? newest - FRAMES : last) * lengthMs;
  spans[3 * index + 2] = count;
}

function conclude({ index }: PlacedBlock, out: BaseInput): void {
  const quality = out.blocks[index] as BlockQuality;
  quality.consistency = quality.checks === 0 ? 1 : quality.held / quality.checks;
  quality.score = quality.completeness * quality.freshness * quality.consistency;
}

function concludeWhole(out: BaseInput): void {
  let complete = 0;
  let weights = 0;
  let freshness = 1;
  let checks = 0;
  let held = 0;
  for (const { index, weight } of BLOCKS) {
    const quality = out.blocks[index] as BlockQuality;
    if (weight === 0) continue;
    complete += weight * quality.completeness;
    weights += weight;
    freshness = Math.min(freshness, quality.freshness);
    checks += quality.checks;
    held += quality.held;
  }
  const { quality } = out;
  quality.completeness = complete / weights;
  quality.freshness = freshness;
  quality.consistency = checks === 0 ? 1 : held / checks;
  quality.score = quality.completeness * quality.freshness * quality.consistency;
}
