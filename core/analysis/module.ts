import type { Cancel, EpochMs } from '../base/clock.ts';
import type { DirectionalView, Feature } from '../contracts/analysis.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Bar } from './indicators/indicator.ts';
import type { MarketTopics } from './market-topics.ts';

/**
 * One kind of analysis over all followed symbols. Its host makes it only when it is configured, feeds it, and stops it when anything
 * of it throws; the others go on. docs/adding-an-analysis-module.md shows how one is written.
 */
export interface AnalysisModule {
  /** Once, before anything else. */
  initialise(context: AnalysisContext): void;
  /** What it knows of a symbol now, in an order that does not change; empty for one that it was not told of. */
  features(symbol: string): readonly Feature[];
  /** Where it expects the price; empty where it has no view, or none whose confidence has been measured. */
  predictions(symbol: string): readonly DirectionalView[];
  /** Gives up everything that it holds. Its subscriptions have ended before. */
  dispose(): void;
}

/** What a module is given of the desk. */
export interface AnalysisContext {
  /**
   * Calls `begin` for each followed symbol: those of now, and those that come. What it subscribes to by `data` ends by itself
   * when the symbol is left or the module is stopped; then what `begin` answered is called.
   */
  forEachSymbol(begin: (symbol: string, data: AnalysisData) => Cancel | void): void;
}

/** Live and stored data for as long as one symbol is followed. */
export interface AnalysisData {
  /** Market time. */
  now(): EpochMs;
  /** The symbol that others are compared with. It may not be followed: then there is no data of it. */
  readonly reference: string;
  latest<K extends keyof MarketTopics & string>(kind: K, key: MarketTopics[K]['key']): MarketTopics[K]['event'] | undefined;
  subscribe<K extends keyof MarketTopics & string>(
    kind: K,
    key: MarketTopics[K]['key'],
    listener: (event: MarketTopics[K]['event']) => void,
  ): void;
  /**
   * The stored candles of the newest `count` periods, then each that closes; none twice, in order.
   * @param listener must not keep the bar: it is overwritten by the next one
   */
  bars(series: { readonly symbol: string; readonly timeframe: Timeframe }, count: number, listener: (bar: Bar) => void): void;
}

/** What a module knows of one symbol. */
export interface SymbolAnalysis {
  features(): readonly Feature[];
  predictions(): readonly DirectionalView[];
}

/** A module whose symbols have nothing to do with each other: `begin` makes the analysis of one and subscribes it to its data. */
export function perSymbol(begin: (symbol: string, data: AnalysisData) => SymbolAnalysis): AnalysisModule {
  const analyses = new Map<string, SymbolAnalysis>();
  return {
    initialise(context) {
      context.forEachSymbol((symbol, data) => {
        analyses.set(symbol, begin(symbol, data));
        return () => analyses.delete(symbol);
      });
    },
    features: (symbol) => analyses.get(symbol)?.features() ?? [],
    predictions: (symbol) => analyses.get(symbol)?.predictions() ?? [],
    dispose: () => analyses.clear(),
  };
}

/** A feature from a number that is NaN where it is not known. */
export function feature(
  id: string,
  name: string,
  value: number,
  unit: string,
  decimals: number,
  more: { readonly text?: string; readonly hint?: string } = {},
): Feature {
  const isKnown = Number.isFinite(value);
  const text = isKnown && more.text !== undefined ? { text: more.text } : {};
  const hint = more.hint === undefined ? {} : { hint: more.hint };
  return { id, name, value: isKnown ? value : null, unit, decimals, ...text, ...hint };
}
