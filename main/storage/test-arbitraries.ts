import fc from 'fast-check';
import type { Annotation } from '../../core/contracts/annotations.ts';
import {
  type CheckpointManifest,
  DIRECTIONS,
  HORIZONS_MIN,
  type InferenceReference,
  type Prediction,
} from '../../core/contracts/learning.ts';
import { BOOK_STATES, COB_BUCKETS, type CobView } from '../../core/contracts/market-views.ts';
import { type Fill, ORDER_STATES, type Order } from '../../core/contracts/orders.ts';
import { DATA_MODES } from '../../core/contracts/primitives.ts';
import type { Candle } from '../../core/market/candle.ts';
import { TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';

/** Values as wide as the contracts in core/contracts allow; the tests check that they satisfy the schemas. */
export const double = fc.double({ noNaN: true, noDefaultInfinity: true });
export const time = fc.integer({ min: 0, max: 8.64e15 });
export const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const safeInt = fc.maxSafeInteger().map((value) => value + 0);
const count = fc.nat();
export const symbol = fc.constantFrom('ETH/USDT', 'BTC/USDT', 'ETH/USDT:USDT', '1INCH/BTC');
const price = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, minExcluded: true });
/** Any code point that stands alone. fast-check's own unit `binary` lists all of them first, which takes longer than the tests. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
/** Not kept by the DuckDB client: what follows a NUL, and a byte order mark at the start. */
const anyText = fc
  .string({ unit: anyCharacter, maxLength: 40 })
  .filter((value) => !value.includes('\u0000') && !value.startsWith('\uFEFF'));
const probabilities = fc.tuple(double, double, double);

export const decimal = fc
  .tuple(fc.boolean(), fc.stringMatching(/^\d{1,19}$/), fc.option(fc.stringMatching(/^\d{1,18}$/)))
  .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`);
const positiveDecimal = fc
  .tuple(fc.stringMatching(/^\d{1,19}$/), fc.stringMatching(/^\d{0,17}[1-9]$/))
  .map(([whole, fraction]) => `${whole}.${fraction}`);

/** Records without fast-check's null prototypes, so that they compare strictly with what the store answers. */
function plain<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.map((value) => structuredClone(value));
}

export const annotation: fc.Arbitrary<Annotation> = plain(
  fc.record({
    id,
    symbol,
    timeframe: fc.constantFrom(...TIMEFRAMES),
    direction: fc.constantFrom('long' as const, 'short' as const),
    entry: fc.record({ time: fc.integer({ min: 0, max: 4e15 }), price }),
    exit: fc.record({ time: fc.integer({ min: 4e15 + 1, max: 8.64e15 }), price }),
    note: anyText,
    createdAt: time,
    updatedAt: time,
  }),
);

const intent = fc
  .tuple(
    fc.record({
      clientOrderId: id,
      symbol,
      side: fc.constantFrom('buy' as const, 'sell' as const),
      quantity: positiveDecimal,
      timeInForce: fc.constantFrom('GTC' as const, 'IOC' as const, 'FOK' as const, 'POST_ONLY' as const),
    }),
    fc.option(positiveDecimal, { nil: undefined }),
  )
  .map(([base, limitPrice]) =>
    limitPrice === undefined ? { ...base, type: 'market' as const } : { ...base, type: 'limit' as const, limitPrice },
  );

export const order: fc.Arbitrary<Order> = plain(
  fc.record(
    {
      id,
      intent,
      state: fc.constantFrom(...ORDER_STATES),
      history: fc.array(
        fc.record({ state: fc.constantFrom(...ORDER_STATES), at: time, reason: anyText }, { requiredKeys: ['state', 'at'] }),
        { maxLength: 8 },
      ),
      filledQuantity: decimal,
      averagePrice: decimal,
      fees: decimal,
      createdAt: time,
      updatedAt: time,
    },
    { requiredKeys: ['id', 'intent', 'state', 'history', 'filledQuantity', 'fees', 'createdAt', 'updatedAt'] },
  ),
);

export const fill: fc.Arbitrary<Fill> = plain(
  fc.record({
    id,
    orderId: id,
    symbol,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price: decimal,
    quantity: decimal,
    fee: decimal,
    liquidity: fc.constantFrom('maker' as const, 'taker' as const),
    at: time,
  }),
);

const forecast = fc.record(
  {
    horizonMin: fc.constantFrom(...HORIZONS_MIN),
    probabilities,
    expectedReturn: double,
    maturesAt: time,
    outcome: fc.record({
      realisedReturn: double,
      realisedMin: double,
      realisedMax: double,
      direction: fc.constantFrom(...DIRECTIONS),
      hit: fc.boolean(),
      recordedAt: time,
    }),
  },
  { requiredKeys: ['horizonMin', 'probabilities', 'expectedReturn', 'maturesAt'] },
);

export const prediction: fc.Arbitrary<Prediction> = plain(
  fc.record({
    id,
    symbol,
    checkpointId: id,
    modelId: anyText,
    t: time,
    referencePrice: double,
    actionProbabilities: probabilities,
    flatThresholds: fc.tuple(double, double, double, double),
    horizons: fc.array(forecast, { minLength: HORIZONS_MIN.length, maxLength: HORIZONS_MIN.length }),
    latencyMs: double,
  }),
);

/** JSON has no −0, and these numbers are stored as JSON. */
const jsonDouble = double.map((value) => value + 0);

export const reference: fc.Arbitrary<InferenceReference> = plain(
  fc.record({
    id,
    predictionId: id,
    checkpointId: id,
    symbol,
    t: time,
    blocks: fc.array(fc.record({ name: anyText, from: time, to: time, count }), { maxLength: 4 }),
    normParams: fc.array(fc.record({ name: anyText, mean: jsonDouble, std: jsonDouble }), { maxLength: 8 }),
    inputSchemaHash: anyText,
    device: anyText,
  }),
);

const file = fc.record({ name: anyText, bytes: count, sha256: fc.stringMatching(/^[0-9a-f]{64}$/) });

export const manifest: fc.Arbitrary<CheckpointManifest> = plain(
  fc.record(
    {
      format: fc.constant(1 as const),
      id,
      modelId: fc.constantFrom('cnn', 'lstm'),
      symbol,
      trainedOn: fc.constantFrom(...DATA_MODES),
      createdAt: time,
      inputSchemaHash: fc.stringMatching(/^[0-9a-f]{8,64}$/),
      parameterCount: fc.integer({ min: 1, max: 2 ** 31 }),
      seed: safeInt,
      step: safeInt,
      metrics: fc.record({
        heldOutLoss: double,
        heldOutActionAccuracy: double,
        heldOutDirectionAccuracy: double,
        heldOutAnnotated: fc.nat(),
      }),
      annotationIds: fc.array(id, { maxLength: 6 }),
      trainingRange: fc.record({ from: time, to: time }),
      parent: id,
      files: fc.record({ model: file, optimiser: file }),
    },
    {
      requiredKeys: [
        'format',
        'id',
        'modelId',
        'symbol',
        'trainedOn',
        'createdAt',
        'inputSchemaHash',
        'parameterCount',
        'seed',
        'step',
        'metrics',
        'annotationIds',
        'trainingRange',
        'files',
      ],
    },
  ),
);

export const candleBody: fc.Arbitrary<Omit<Candle, 'openTime'>> = plain(
  fc.record({
    open: double,
    high: double,
    low: double,
    close: double,
    volume: double,
    buyVolume: double,
    tradeCount: count,
    filled: fc.boolean(),
  }),
);

export const trade: fc.Arbitrary<Trade> = plain(
  fc.record({
    id: fc.maxSafeNat(),
    price: double,
    quantity: double,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    tsEvent: time,
    tsReceived: time,
  }),
);

const buckets = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });

export const cobView: fc.Arbitrary<CobView> = plain(
  fc.record({
    symbol: fc.constantFrom('ETH/USDT', 'BTC/USDT'),
    t: fc.integer({ min: 0, max: 1e12 }),
    venues: fc.constant(['binance' as const]),
    excluded: fc.array(
      fc.record({ venue: fc.constant('binance' as const), state: fc.constantFrom(...BOOK_STATES), reason: anyText }),
      { maxLength: 1 },
    ),
    bestBid: double,
    bestAsk: double,
    bestBidQuantity: double,
    bestAskQuantity: double,
    mid: double,
    spreadBps: double,
    microprice: double,
    anchor: fc.integer({ min: 190, max: 210 }),
    bucketWidth: fc.constant(1),
    bidQuantity: buckets,
    askQuantity: buckets,
    bidNotional: buckets,
    askNotional: buckets,
    imbalance: double,
    imbalanceMa: fc.record({ s1: double, s5: double, s15: double, s60: double }),
  }),
);
