import { z } from 'zod';
import { dataModeSchema, epochMsSchema, idSchema, symbolSchema } from './primitives.ts';

export const HORIZONS_MIN = [1, 5, 15, 60] as const;
export type HorizonMin = (typeof HORIZONS_MIN)[number];
const horizonSchema = z.union([z.literal(1), z.literal(5), z.literal(15), z.literal(60)]);

/** Order of action probabilities in every model output. */
export const ACTIONS = ['SELL', 'HOLD', 'BUY'] as const;
/** Order of direction probabilities in every horizon head. */
export const DIRECTIONS = ['down', 'flat', 'up'] as const;
export const directionSchema = z.enum(DIRECTIONS);
export type Direction = z.infer<typeof directionSchema>;

export const metricPointSchema = z.object({
  step: z.number().int(),
  epoch: z.number(),
  trainLoss: z.number(),
  /** Present on the steps on which the held-out part was evaluated. */
  heldOutLoss: z.number().optional(),
  heldOutActionAccuracy: z.number().optional(),
  heldOutDirectionAccuracy: z.number().optional(),
});
export type MetricPoint = z.infer<typeof metricPointSchema>;

export const TRAINING_STATES = ['idle', 'preparing', 'running', 'paused', 'stopping', 'finished', 'stopped', 'failed'] as const;
export const trainingStatusSchema = z.object({
  state: z.enum(TRAINING_STATES),
  jobId: idSchema.optional(),
  symbol: symbolSchema.optional(),
  modelId: z.string().optional(),
  step: z.number().int(),
  totalSteps: z.number().int(),
  samples: z
    .object({
      annotated: z.number().int(),
      hold: z.number().int(),
      heldOut: z.number().int(),
      /** Of `heldOut`. */
      heldOutAnnotated: z.number().int(),
    })
    .optional(),
  samplesPerSecond: z.number().optional(),
  startedAt: epochMsSchema.optional(),
  /** What went wrong or why it ended, for the user. */
  message: z.string().optional(),
  checkpointId: idSchema.optional(),
});
export type TrainingStatus = z.infer<typeof trainingStatusSchema>;

/** What a checkpoint says of itself; stored beside the ONNX file and in the store. */
export const checkpointManifestSchema = z.object({
  format: z.literal(1),
  id: idSchema,
  modelId: z.string().min(1),
  symbol: symbolSchema,
  /** The market its training data came from. A SIM model can never be promoted for a live account. */
  trainedOn: dataModeSchema,
  createdAt: epochMsSchema,
  /** Hash of the input layout that it was trained on; inference refuses another. */
  inputSchemaHash: z.string().min(8),
  parameterCount: z.number().int().positive(),
  seed: z.number().int(),
  step: z.number().int(),
  metrics: z.object({
    heldOutLoss: z.number(),
    heldOutActionAccuracy: z.number(),
    heldOutDirectionAccuracy: z.number(),
    /** Held-out examples that the trader marked. With none, action accuracy tells nothing: always saying HOLD would have been right. */
    heldOutAnnotated: z.number().int().nonnegative(),
  }),
  annotationIds: z.array(idSchema),
  trainingRange: z.object({ from: epochMsSchema, to: epochMsSchema }),
  parent: idSchema.optional(),
  files: z.object({
    /** Plain ONNX for inference, weights inside. */
    model: z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string().length(64) }),
    /** Flat float32 parameters, first and second moments, for resuming. */
    optimiser: z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string().length(64) }),
  }),
});
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;

export const checkpointSummarySchema = checkpointManifestSchema
  .pick({
    id: true,
    modelId: true,
    symbol: true,
    trainedOn: true,
    createdAt: true,
    step: true,
    metrics: true,
    parameterCount: true,
  })
  .extend({ promoted: z.boolean(), active: z.boolean() });
export type CheckpointSummary = z.infer<typeof checkpointSummarySchema>;

export const horizonForecastSchema = z.object({
  horizonMin: horizonSchema,
  /** P(down), P(flat), P(up); they sum to 1. */
  probabilities: z.tuple([z.number(), z.number(), z.number()]),
  /** Expected return over the horizon, as a fraction. */
  expectedReturn: z.number(),
  maturesAt: epochMsSchema,
  outcome: z
    .object({
      realisedReturn: z.number(),
      realisedMin: z.number(),
      realisedMax: z.number(),
      direction: directionSchema,
      hit: z.boolean(),
      recordedAt: epochMsSchema,
    })
    .optional(),
});
export type HorizonForecast = z.infer<typeof horizonForecastSchema>;

/** One inference on one closed minute, with what became of it. `referencePrice` is the close at `t`. */
export const predictionSchema = z.object({
  id: idSchema,
  symbol: symbolSchema,
  checkpointId: idSchema,
  modelId: z.string(),
  /** Close time of the last candle that the model saw. */
  t: epochMsSchema,
  referencePrice: z.number(),
  actionProbabilities: z.tuple([z.number(), z.number(), z.number()]),
  /** Half-width of the flat band for each horizon of HORIZONS_MIN, as a return. */
  flatThresholds: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  horizons: z.array(horizonForecastSchema).length(HORIZONS_MIN.length),
  latencyMs: z.number(),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** Enough to rebuild the input tensor bit for bit from the store; no market data is copied. */
export const inferenceReferenceSchema = z.object({
  id: idSchema,
  predictionId: idSchema,
  checkpointId: idSchema,
  symbol: symbolSchema,
  t: epochMsSchema,
  blocks: z.array(z.object({ name: z.string(), from: epochMsSchema, to: epochMsSchema, count: z.number().int() })),
  normParams: z.array(z.object({ name: z.string(), mean: z.number(), std: z.number() })),
  inputSchemaHash: z.string(),
  device: z.string(),
});
export type InferenceReference = z.infer<typeof inferenceReferenceSchema>;
