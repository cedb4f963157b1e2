import { z } from 'zod';
import { analysisModuleIdSchema } from './analysis.ts';
import { sourceOfText } from '../market/instrument.ts';
import { dataModeSchema, positiveDecimalTextSchema, symbolSchema, timeframeSchema, venueSchema } from './primitives.ts';
import { recordedMarketSchema, replaySpeedSchema } from './replay.ts';

const addressSchema = z.object({ restUrl: z.url(), streamUrl: z.url() }).strict();

function isSource(text: string): boolean {
  const source = sourceOfText(text);
  return source !== undefined && symbolSchema.safeParse(source.symbol).success;
}

function dateTimeOr(word: string) {
  const dateTime = z.iso.datetime();
  return z
    .string()
    .refine(
      (text) => text === word || dateTime.safeParse(text).success,
      `${word}, or a date and time such as 2020-04-26T00:00:00Z`,
    );
}

/** `config/config.yaml`. Every key is required in the defaults file; a user's file overrides any of them. */
export const configSchema = z
  .object({
    market: z
      .object({
        mode: dataModeSchema,
        primarySymbol: symbolSchema,
        /** What other symbols are compared with; without it among the followed ones there is no comparison. */
        referenceSymbol: symbolSchema,
      })
      .strict(),
    symbols: z.record(
      symbolSchema,
      z
        .object({
          /** Consolidated-book bucket width in quote units. */
          bucketWidth: z.number().positive(),
          /** How far to each side the imbalance counts, in quote units: 1 to 20 whole buckets. Five buckets when absent. */
          imbalanceRange: z.number().positive().optional(),
          /** Instruments whose books are merged, as `venue:SYMBOL`; the first is the primary. Binance's own when absent. */
          sources: z
            .array(z.string().refine(isSource, 'a source such as bybit:ETH/USDT or deribit:ETH/USD:ETH'))
            .min(1)
            .max(40)
            .optional(),
        })
        .strict(),
    ),
    practice: z
      .object({
        seed: z.number().int(),
        speed: z.number().min(1).max(60),
        /** ISO date-time at which a new practice market begins. */
        startAt: z.iso.datetime(),
        port: z.number().int().min(0).max(65535),
      })
      .strict(),
    price: z
      .object({
        /** A price older than this is not passed on as the live one; the next source in the chain is asked. */
        ttlMs: z.number().int().min(50).max(60_000),
      })
      .strict(),
    connections: z
      .object({
        requestTimeoutMs: z.number().int().min(500).max(60_000),
        /** A connection that says nothing for this long is given up, and a busy book that does is stale. */
        silenceMs: z.number().int().min(1_000),
      })
      .strict(),
    venues: z.record(
      venueSchema,
      addressSchema.extend({
        /** Where a venue serves some kinds of market from other hosts: their addresses by kind. */
        lanes: z.record(z.string(), addressSchema).optional(),
      }),
    ),
    history: z
      .object({
        /** How many 1m candles to have before the first prediction and the first chart. */
        backfillMinutes: z.number().int().min(120).max(100_000),
        memoryCandles: z.number().int().min(100).max(20_000),
      })
      .strict(),
    paper: z
      .object({
        startingBalance: positiveDecimalTextSchema,
        currency: z.string().min(2).max(10),
        makerFeePct: z.number().min(0).max(5),
        takerFeePct: z.number().min(0).max(5),
        latencyMs: z.number().int().min(0).max(10_000),
      })
      .strict(),
    risk: z
      .object({
        maxOrderNotional: positiveDecimalTextSchema,
        /** Absolute position value per symbol, in quote. */
        maxPosition: positiveDecimalTextSchema,
        maxOpenOrders: z.number().int().min(1).max(1000),
        /** How far a limit price may be from the book mid, in percent. */
        priceCollarPct: z.number().positive().max(100),
      })
      .strict(),
    replay: z
      .object({
        market: recordedMarketSchema,
        /** ISO date-time, or the whole of what is recorded. */
        from: dateTimeOr('start'),
        to: dateTimeOr('end'),
        speed: replaySpeedSchema,
      })
      .strict(),
    /** Swing highs and lows. */
    structure: z
      .object({
        /** Candles on either side of a swing. */
        fractalWidth: z.number().int().min(1).max(32),
        /** How far back stored candles are analysed at the start. */
        contextDays: z.record(timeframeSchema, z.number().int().min(1).max(36_500)),
      })
      .strict(),
    /** Analysis modules that are loaded at the start. */
    modules: z.array(analysisModuleIdSchema),
    headless: z.object({ host: z.string(), port: z.number().int().min(0).max(65535) }).strict(),
    recording: z
      .object({
        enabled: z.boolean(),
        /** Wall minutes after which a segment ends. */
        segmentMinutes: z.number().min(0.1).max(60),
        /** Older recordings, trades and consolidated-book seconds are deleted. */
        keepDays: z.number().int().min(1).max(3650),
        /** Beyond it the oldest recordings are deleted. */
        maxGb: z.number().min(0.1).max(100_000),
        warnFreeGb: z.number().min(0).max(100_000),
      })
      .strict(),
    storage: z
      .object({ flushMs: z.number().int().min(50).max(10_000), batchRows: z.number().int().min(1).max(100_000) })
      .strict(),
  })
  .strict()
  .superRefine((config, context) => {
    if (config.symbols[config.market.primarySymbol] === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['market', 'primarySymbol'],
        message: `a symbol that is listed under symbols (${Object.keys(config.symbols).join(', ')})`,
      });
    }
  });
export type Config = z.infer<typeof configSchema>;

/** `config/models.yaml`. */
export const modelsConfigSchema = z
  .object({
    models: z
      .array(
        z
          .object({
            id: z.string().regex(/^[a-z0-9-]{1,32}$/),
            architecture: z.enum(['cnn']),
            /** Trained and used for predictions. */
            enabled: z.boolean(),
            training: z
              .object({
                minAnnotations: z.number().int().min(1),
                epochs: z.number().int().min(1).max(500),
                batchSize: z.number().int().min(4).max(1024),
                learningRate: z.number().positive().max(1),
                weightDecay: z.number().min(0).max(1),
                heldOutShare: z.number().min(0.05).max(0.5),
                /** Hold examples drawn per annotated example. */
                holdPerAnnotated: z.number().min(0.5).max(50),
                minHold: z.number().int().min(0).max(100_000),
                seed: z.number().int(),
              })
              .strict(),
            keepCheckpoints: z.number().int().min(1).max(50),
          })
          .strict(),
      )
      .min(1),
  })
  .strict();
export type ModelsConfig = z.infer<typeof modelsConfigSchema>;
export type ModelConfig = ModelsConfig['models'][number];
