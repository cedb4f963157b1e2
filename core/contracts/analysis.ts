import { z } from 'zod';
import { epochMsSchema, symbolSchema } from './primitives.ts';

/** Analysis modules by the names that the configuration uses. */
export const ANALYSIS_MODULES = {
  regime: {
    name: 'Regime and volatility',
    purpose: 'Whether the price trends or wanders, and how much it moves against its usual',
  },
  timeframes: { name: 'Timeframes', purpose: 'Whether the trends of minutes, hours and days agree' },
  pivots: { name: 'Pivots', purpose: 'Market structure: trends of five levels and the swings nearest to the price' },
  extrema: { name: 'Extrema', purpose: 'Where the price stands in its range, and how far from its mean' },
  microstructure: { name: 'Microstructure', purpose: 'Order flow: who trades, how large, how toxic, and what it moves' },
  correlation: { name: 'Correlation', purpose: 'How the symbol moves with the reference symbol' },
  cob: { name: 'Order book', purpose: 'The merged book: imbalance, depth and whose orders it is made of' },
} as const;
export type AnalysisModuleId = keyof typeof ANALYSIS_MODULES;
export const ANALYSIS_MODULE_IDS = Object.keys(ANALYSIS_MODULES) as AnalysisModuleId[];
export const analysisModuleIdSchema = z.enum(ANALYSIS_MODULE_IDS);

/** One thing that a module knows of a symbol. */
export const featureSchema = z.object({
  /** Stable, within its module. */
  id: z.string(),
  name: z.string(),
  /** Null: not known, yet or at the moment. */
  value: z.number().nullable(),
  /** As it is written behind the number: `%`, `bps`, `USD`; empty for a plain one. */
  unit: z.string(),
  decimals: z.number().int().min(0).max(8),
  /** What the value stands for, where it is a code: `up`, `calm`. Shown in its place. */
  text: z.string().optional(),
  /** What exactly it is, for a tooltip. */
  hint: z.string().optional(),
});
export type Feature = z.infer<typeof featureSchema>;

/** Where a module says the price will be after the horizon, seen from now. */
export const directionalViewSchema = z.object({
  direction: z.enum(['up', 'down']),
  horizonMs: z.number().int().positive(),
  /** Measured: the share of this very rule's earlier calls on this symbol that came true (`TrackRecord`). */
  confidence: z.number().min(0).max(1),
  /** How many calls that is measured by. */
  calls: z.number().int().positive(),
  /** Why, in words for the trader. */
  basis: z.string(),
});
export type DirectionalView = z.infer<typeof directionalViewSchema>;

export const analysisModuleViewSchema = z.object({
  id: analysisModuleIdSchema,
  /**
   * - `off`: not loaded.
   * - `loading`: being loaded, or reading what is stored.
   * - `running`: features are current.
   * - `failed`: it threw and was stopped; `reason` says what.
   */
  state: z.enum(['off', 'loading', 'running', 'failed']),
  reason: z.string().optional(),
  features: z.array(featureSchema),
  predictions: z.array(directionalViewSchema),
});
export type AnalysisModuleView = z.infer<typeof analysisModuleViewSchema>;

/** Every module, loaded or not, with what the loaded ones know of one symbol. */
export const analysisViewSchema = z.object({
  symbol: symbolSchema,
  t: epochMsSchema,
  modules: z.array(analysisModuleViewSchema),
});
export type AnalysisView = z.infer<typeof analysisViewSchema>;

export const setAnalysisModuleSchema = {
  input: z.object({ id: analysisModuleIdSchema, loaded: z.boolean() }).strict(),
  output: z.object({}).strict(),
};
