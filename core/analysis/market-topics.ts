import type { EpochMs } from '../base/clock.ts';
import type { CandleUpdate, CobView } from '../contracts/market-views.ts';
import type { PivotEvent, StructureView } from '../contracts/structure.ts';
import type { LivePrice } from '../contracts/watchlist.ts';
import type { Candle } from '../market/candle.ts';
import type { CobColumn } from '../market/cob-column.ts';
import type { CobSnapshot } from '../market/consolidated-book.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Trade } from '../market/trade.ts';
import { defaultParams, fittingParams, indicatorById } from './indicators/registry.ts';
import type { IndicatorDefinition, IndicatorParams } from './indicators/indicator.ts';

export interface SymbolKey {
  readonly symbol: string;
}

export interface SeriesKey extends SymbolKey {
  readonly timeframe: Timeframe;
}

export interface IndicatorKey extends SeriesKey {
  /** As `indicatorText` writes it. */
  readonly indicator: string;
}

/** A second of the heatmap as it goes on or when it is over. */
export interface HeatmapUpdate {
  readonly symbol: string;
  readonly bucketWidth: number;
  readonly column: CobColumn;
}

/** An indicator at the close of a candle. */
export interface IndicatorValues {
  readonly openTime: EpochMs;
  /** In the order of the definition's outputs; NaN while warming up. */
  readonly values: readonly number[];
}

/** Everything of a followed symbol that can be subscribed to, at the rate at which it comes. */
export type MarketTopics = {
  /** Of the primary. */
  readonly trades: { readonly key: SymbolKey; readonly event: Trade };
  /** Of every source, as they come; none that were fetched late to close a gap. */
  readonly allTrades: { readonly key: SymbolKey; readonly event: Trade };
  /** The consolidated book, ten times a second of market time; last value. */
  readonly cob: { readonly key: SymbolKey; readonly event: CobView };
  /** The same with what each venue contributes. */
  readonly cobSnapshots: { readonly key: SymbolKey; readonly event: CobSnapshot };
  readonly heatmap: { readonly key: SymbolKey; readonly event: HeatmapUpdate };
  readonly livePrice: { readonly key: SymbolKey; readonly event: LivePrice };
  /** The candle in progress, and each that closes. */
  readonly candles: { readonly key: SeriesKey; readonly event: CandleUpdate };
  /** Once each and in order, over outages too. */
  readonly closedCandles: { readonly key: SeriesKey; readonly event: Candle };
  /** Computed for whoever subscribes, from stored candles and then each that closes; last value. */
  readonly indicators: { readonly key: IndicatorKey; readonly event: IndicatorValues };
  /** Trends and newest pivots of each level after a change; last value. */
  readonly structure: { readonly key: SeriesKey; readonly event: StructureView };
  readonly pivots: { readonly key: SeriesKey; readonly event: PivotEvent };
};

/** `ema:period=50`; the parameters that are left out are the defaults. */
export function indicatorText(id: string, params: IndicatorParams = {}): string {
  const parts = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? id : `${id}:${parts.sort().join(',')}`;
}

/** Undefined when there is no such indicator. */
export function indicatorOfText(
  text: string,
): { readonly definition: IndicatorDefinition; readonly params: IndicatorParams } | undefined {
  const [id = '', list = ''] = text.split(':');
  const definition = indicatorById(id);
  if (definition === undefined) return undefined;
  const given = Object.fromEntries(list.split(',').map((part) => [part.split('=')[0] ?? '', Number(part.split('=')[1])]));
  return { definition, params: list === '' ? defaultParams(definition) : fittingParams(definition, given) };
}
