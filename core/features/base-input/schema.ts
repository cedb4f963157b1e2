import { HORIZONS_MIN } from '../../contracts/learning.ts';
import { COB_BUCKETS, COB_RADIUS } from '../../contracts/market-views.ts';
import { indicatorById } from '../../analysis/indicators/registry.ts';
import { MODEL_INDICATORS } from '../../analysis/indicators/model-indicators.ts';
import { PIVOT_LEVELS } from '../../analysis/pivots/market-structure.ts';
import { TIMEFRAME_MS } from '../../market/timeframe.ts';
import { fnv1a64 } from '../schema-hash.ts';

/** Frames of every block that is a sequence. */
export const FRAMES = 300;
/** Fewer frames than this in one of them, and no model runs. */
export const FEWEST_FRAMES = 100;
export const LEAST_COMPLETENESS = 0.8;

/** Columns that are scaled alike: normalised = (raw − mean) / std. */
export interface ScaleGroup {
  readonly name: string;
  /** Constants, or `measured` over the known cells of the block's columns named here (of all of the group when absent). */
  readonly scaling: { readonly mean: number; readonly std: number } | 'measured';
  readonly measuredOn?: readonly string[];
}

export interface Column {
  readonly name: string;
  /** Of the raw value. */
  readonly unit: string;
  /** Name of its group. */
  readonly group: string;
}

/** Candles and the book tell of a span of their length; a period without one makes its datum old. */
export interface Block {
  readonly name: BlockName;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly groups: readonly ScaleGroup[];
  /** Dimensions as a model sees them; their product is rows × columns. */
  readonly shape: readonly number[];
  /** Share in the completeness of the whole. 0: what is missing there is no lack of data. */
  readonly weight: number;
  /** How often it is told anew. */
  readonly periodMs: number;
  /** Whether a row is a frame of a sequence, so that too few of them are refused. */
  readonly framed: boolean;
}

export const CANDLE_TIMEFRAMES = ['1s', '1m', '1h', '1d'] as const;
export type CandleTimeframe = (typeof CANDLE_TIMEFRAMES)[number];

export const BLOCK_NAMES = [
  'candles.1s',
  'candles.1m',
  'candles.1h',
  'candles.1d',
  'reference.1s',
  'cob',
  'cobMa',
  'heatmap.values',
  'heatmap.mids',
  'heatmap.prices',
  'flow',
  'pivots',
  'trends',
  'context',
  'lastOutputs',
] as const;
export type BlockName = (typeof BLOCK_NAMES)[number];

/** What scales each indicator's columns. The indicators in the unit of the price share the price's scale. */
const INDICATOR_GROUPS: Readonly<Record<string, { readonly unit: string; readonly group: string }>> = {
  sma: { unit: 'quote', group: 'price' },
  ema: { unit: 'quote', group: 'price' },
  bollinger: { unit: 'quote', group: 'price' },
  vwap: { unit: 'quote', group: 'price' },
  rsi: { unit: '0 … 100', group: 'rsi' },
  macd: { unit: 'quote', group: 'macd' },
  atr: { unit: 'quote', group: 'atr' },
  adx: { unit: '0 … 100', group: 'adx' },
  volumeZScore: { unit: 'deviations', group: 'volumeZ' },
};

const CANDLE_COLUMNS: readonly Column[] = [
  ...['open', 'high', 'low', 'close'].map((name) => ({ name, unit: 'quote', group: 'price' })),
  { name: 'volume', unit: 'ln(1 + base)', group: 'volume' },
  ...MODEL_INDICATORS.flatMap(({ indicator, params }) => {
    const definition = indicatorById(indicator);
    const scale = INDICATOR_GROUPS[indicator];
    if (definition === undefined || scale === undefined) throw new Error(`${indicator} has no place in the model's input`);
    const suffix = Object.values(params).join('.');
    return definition.outputs.map(({ id }) => ({
      name: `${indicator}${suffix}${definition.outputs.length === 1 ? '' : `.${id}`}`,
      ...scale,
    }));
  }),
];

const CANDLE_GROUPS: readonly ScaleGroup[] = [
  { name: 'price', scaling: 'measured', measuredOn: ['close'] },
  { name: 'volume', scaling: 'measured' },
  { name: 'rsi', scaling: { mean: 50, std: 20 } },
  { name: 'macd', scaling: 'measured', measuredOn: ['macd.macd'] },
  { name: 'atr', scaling: 'measured' },
  { name: 'adx', scaling: { mean: 25, std: 12 } },
  { name: 'volumeZ', scaling: { mean: 0, std: 1 } },
];

function candleBlock(name: BlockName, timeframe: CandleTimeframe): Block {
  return {
    name,
    rows: FRAMES,
    columns: CANDLE_COLUMNS,
    groups: CANDLE_GROUPS,
    shape: [FRAMES, CANDLE_COLUMNS.length],
    weight: 1,
    periodMs: TIMEFRAME_MS[timeframe],
    framed: true,
  };
}

/** Buckets to each side of the heatmap's middle row. */
export const HEATMAP_RADIUS = 10;
export const HEATMAP_ROWS = 2 * HEATMAP_RADIUS + 1;
export const PIVOTS_PER_LEVEL = 8;
/** Rows of `lastOutputs`: the experts of the decision, by the id they are registered under. */
export const OUTPUT_MODELS = ['cnn', 'dqn', 'transformer', 'lstm'] as const;
export type OutputModel = (typeof OUTPUT_MODELS)[number];

const SECOND = { periodMs: 1_000, framed: true } as const;
const buckets = (side: string, k: number): Column => ({ name: `${side}.${k}`, unit: 'ln(1 + USD)', group: side });
const fixed = (name: string, mean: number, std: number): ScaleGroup => ({ name, scaling: { mean, std } });
/** A group for each column, of the column's name. */
const own = (name: string, unit: string): Column => ({ name, unit, group: name });
const measured = (name: string): ScaleGroup => ({ name, scaling: 'measured' });

const FLOW_UNITS = {
  buyVolume: 'ln(1 + base)',
  sellVolume: 'ln(1 + base)',
  ofi: 'sign · ln(1 + |base|)',
  tradeCount: 'ln(1 + trades)',
  spreadBps: 'basis points',
  micropriceBps: '(microprice − mid) / mid, basis points',
  vpin: '0 … 1',
  largeShare: '0 … 1',
} as const;
export const FLOW_COLUMNS = Object.keys(FLOW_UNITS) as (keyof typeof FLOW_UNITS)[];

const CONTEXT: readonly (readonly [name: string, unit: string, mean: number, std: number])[] = [
  ['trend', '−1 down, 0 sideways, 1 up: drift of the last 60 minutes', 0, 1],
  ['volatilityRegime', '−1 calm, 0 usual, 1 wild: the last 60 minutes against the last 300', 0, 1],
  ['volatility.60s', 'ln(1e-6 + realised volatility)', -8, 2],
  ['volatility.300s', 'ln(1e-6 + realised volatility)', -7, 2],
  ['volatility.60m', 'ln(1e-6 + realised volatility)', -5, 2],
  ['correlation.60s', 'with the reference symbol, −1 … 1', 0, 1],
  ['beta.60s', 'on the reference symbol', 1, 1],
  ['correlation.300s', 'with the reference symbol, −1 … 1', 0, 1],
  ['beta.300s', 'on the reference symbol', 1, 1],
  ['daySin', 'sin of the UTC time of day', 0, 1],
  ['dayCos', 'cos of the UTC time of day', 0, 1],
  ['weekSin', 'sin of the time of the week', 0, 1],
  ['weekCos', 'cos of the time of the week', 0, 1],
  ['position.side', '−1 short, 0 flat, 1 long', 0, 1],
  ['position.size', 'notional / equity', 0, 1],
  ['position.unrealised', 'unrealised PnL / equity', 0, 0.01],
  ['position.age', 'ln(1 + minutes)', 0, 3],
  ['position.drawdown', 'loss of equity from its highest / that', 0, 0.05],
];

const PIVOT_COLUMNS: readonly (readonly [name: string, unit: string, mean: number, std: number])[] = [
  ['price', 'ln(pivot / newest close)', 0, 0.01],
  ['age', 'ln(1 + minutes since the confirmation)', 0, 4],
  ['kind', '1 high, −1 low, 0 no pivot', 0, 1],
  ['label', '1 HH, 0.5 HL, −0.5 LH, −1 LL, 0 none', 0, 1],
  ['strength', '0 … 1', 0, 1],
];

const OUTPUT_COLUMNS: readonly (readonly [name: string, unit: string, mean: number, std: number])[] = [
  ...(['SELL', 'HOLD', 'BUY'] as const).map((action) => [`P(${action})`, '0 … 1', 0, 1] as const),
  ...HORIZONS_MIN.flatMap((minutes) => [
    ...(['down', 'flat', 'up'] as const).map((way) => [`${minutes}m.P(${way})`, '0 … 1', 0, 1] as const),
    [`${minutes}m.return`, 'expected return', 0, 0.01] as const,
  ]),
  ['age', 'ln(1 + minutes)', 0, 3],
  ['present', '1 when the model has told anything, else 0', 0, 1],
];
/** Numbers that a model's newest output has here: without its age and presence. */
export const OUTPUT_FIGURES = OUTPUT_COLUMNS.length - 2;

const tabled = (table: typeof CONTEXT): Pick<Block, 'columns' | 'groups'> => ({
  columns: table.map(([name, unit]) => own(name, unit)),
  groups: table.map(([name, , mean, std]) => fixed(name, mean, std)),
});

const BLOCK_LIST: readonly Block[] = [
  ...CANDLE_TIMEFRAMES.map((timeframe) => candleBlock(`candles.${timeframe}`, timeframe)),
  candleBlock('reference.1s', '1s'),
  {
    ...SECOND,
    name: 'cob',
    rows: FRAMES,
    columns: Array.from({ length: COB_BUCKETS }, (_, i) => [
      buckets('bid', i - COB_RADIUS),
      buckets('ask', i - COB_RADIUS),
    ]).flat(),
    groups: [measured('bid'), measured('ask')],
    shape: [FRAMES, COB_BUCKETS, 2],
    weight: 2,
  },
  {
    ...SECOND,
    name: 'cobMa',
    rows: FRAMES,
    columns: [1, 5, 15, 60].map((seconds) => ({ name: `imbalance.${seconds}s`, unit: '−1 … 1', group: 'imbalance' })),
    groups: [fixed('imbalance', 0, 0.5)],
    shape: [FRAMES, 4],
    weight: 0.5,
  },
  {
    ...SECOND,
    name: 'heatmap.values',
    rows: FRAMES,
    columns: Array.from({ length: HEATMAP_ROWS }, (_, r) => ({
      name: `total.${r - HEATMAP_RADIUS}`,
      unit: 'ln(1 + USD)',
      group: 'total',
    })),
    groups: [measured('total')],
    shape: [FRAMES, HEATMAP_ROWS],
    weight: 0.5,
  },
  {
    ...SECOND,
    name: 'heatmap.mids',
    rows: FRAMES,
    columns: [own('mid', 'ln(mid / newest mid)')],
    groups: [measured('mid')],
    shape: [FRAMES, 1],
    weight: 0.25,
  },
  {
    ...SECOND,
    name: 'heatmap.prices',
    framed: false,
    rows: 1,
    columns: Array.from({ length: HEATMAP_ROWS }, (_, r) => ({
      name: `price.${r - HEATMAP_RADIUS}`,
      unit: 'ln(middle of the row / newest mid)',
      group: 'price',
    })),
    groups: [fixed('price', 0, 0.005)],
    shape: [HEATMAP_ROWS],
    weight: 0.25,
  },
  {
    ...SECOND,
    name: 'flow',
    rows: FRAMES,
    columns: FLOW_COLUMNS.map((name) => own(name, FLOW_UNITS[name])),
    groups: FLOW_COLUMNS.map(measured),
    shape: [FRAMES, FLOW_COLUMNS.length],
    weight: 1,
  },
  {
    name: 'pivots',
    rows: PIVOT_LEVELS * PIVOTS_PER_LEVEL,
    ...tabled(PIVOT_COLUMNS),
    shape: [PIVOT_LEVELS, PIVOTS_PER_LEVEL, PIVOT_COLUMNS.length],
    weight: 0.75,
    periodMs: TIMEFRAME_MS['1m'],
    framed: false,
  },
  {
    name: 'trends',
    rows: PIVOT_LEVELS,
    columns: [own('trend', '−1 down, 0 sideways, 1 up'), own('strength', '0 … 1')],
    groups: [fixed('trend', 0, 1), fixed('strength', 0, 1)],
    shape: [PIVOT_LEVELS, 2],
    weight: 0.25,
    periodMs: TIMEFRAME_MS['1m'],
    framed: false,
  },
  { name: 'context', rows: 1, ...tabled(CONTEXT), shape: [CONTEXT.length], weight: 0.5, periodMs: 1_000, framed: false },
  {
    name: 'lastOutputs',
    rows: OUTPUT_MODELS.length,
    ...tabled(OUTPUT_COLUMNS),
    shape: [OUTPUT_MODELS.length, OUTPUT_COLUMNS.length],
    weight: 0,
    periodMs: TIMEFRAME_MS['1m'],
    framed: false,
  },
];

/** A block with its place in the input. */
export interface PlacedBlock extends Block {
  readonly index: number;
  /** First float32 of the input. */
  readonly offset: number;
  readonly length: number;
  /** First pair of normalisation parameters. */
  readonly paramOffset: number;
  /** By column: which of the block's groups scales it. */
  readonly groupOf: Uint8Array;
  /** By group: columns over which it is measured; none for a constant one. */
  readonly measuredColumns: readonly Uint16Array[];
}

function placed(): readonly PlacedBlock[] {
  let offset = 0;
  let paramOffset = 0;
  return BLOCK_LIST.map((block, index) => {
    const groupOf = Uint8Array.from(block.columns, ({ group }) => block.groups.findIndex(({ name }) => name === group));
    const measuredColumns = block.groups.map(({ name, scaling, measuredOn }) => {
      if (scaling !== 'measured') return new Uint16Array(0);
      const counts = (column: Column): boolean => measuredOn?.includes(column.name) ?? column.group === name;
      return Uint16Array.from(block.columns.flatMap((column, c) => (counts(column) ? [c] : [])));
    });
    const length = block.rows * block.columns.length;
    const at = { ...block, index, offset, length, paramOffset, groupOf, measuredColumns };
    offset += length;
    paramOffset += block.groups.length;
    return at;
  });
}

/** The blocks in the order in which they lie in the input. */
export const BLOCKS = placed();
const BY_NAME = new Map(BLOCKS.map((block) => [block.name, block]));

export function blockNamed(name: BlockName): PlacedBlock {
  return BY_NAME.get(name) as PlacedBlock;
}

const last = BLOCKS[BLOCKS.length - 1] as PlacedBlock;
/** Float32 values of one input. */
export const INPUT_LENGTH = last.offset + last.length;
/** Pairs of mean and deviation of one input. */
export const PARAM_COUNT = last.paramOffset + last.groups.length;
/** `block.group` by pair of parameters. */
export const PARAM_NAMES: readonly string[] = BLOCKS.flatMap(({ name, groups }) =>
  groups.map((group) => `${name}.${group.name}`),
);

/** How the input's times are laid out; a part of what is hashed. */
const RULES = {
  frames:
    'frame i of 300 is the period that ends (299 − i) periods before the last whole one at t; one that is unknown is NaN, 0 when normalised',
  indicators:
    'begun 600 periods before the last multiple of 300 periods at the newest frame, over the candles known; vwap since 00:00 UTC, before that beginning by minutes',
  heatmap: 'total volume around the anchor of the newest known second, matched by price',
  pivots: '1m candles since 00:00 UTC seven days ago; the newest 8 of each level, the newest first; by confirmation',
  order: 'row-major, blocks one after another',
} as const;

/** Version and hash of the layout: a model trained on one is refused by another. */
export const BASE_INPUT_VERSION = 1;
export const baseInputSchemaHash: string = fnv1a64(
  JSON.stringify({
    version: BASE_INPUT_VERSION,
    rules: RULES,
    blocks: BLOCK_LIST.map(({ name, rows, columns, groups, shape }) => ({ name, rows, columns, groups, shape })),
  }),
);

/** `300 × 41 × 2`. */
export function shapeText(shape: readonly number[]): string {
  return shape.join(' × ');
}
