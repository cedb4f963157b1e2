import type { MarketTopics, SeriesKey, SymbolKey } from '../../../core/analysis/market-topics.ts';
import type { Cancel } from '../../../core/base/clock.ts';
import type { Emitter } from '../../../core/base/emitter.ts';
import { Topics, type TopicSource } from '../../../core/base/topics.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import type { PivotEvent, StructureView } from '../../../core/contracts/structure.ts';
import type { LivePrice } from '../../../core/contracts/watchlist.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { CobSnapshot } from '../../../core/market/consolidated-book.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { FollowBars } from '../../ports/bars.ts';
import type { Log } from '../../ports/log.ts';
import { indicatorSource } from './indicator-source.ts';

type EventOf<K extends keyof MarketTopics> = MarketTopics[K]['event'];

/** The services that tell, as far as they are listened to. */
export interface MarketSources {
  readonly data: {
    readonly trades: Emitter<{ symbol: string; trade: Trade }>;
    readonly candles: Emitter<EventOf<'candles'>>;
    onCandleClosed(symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void): Cancel;
  };
  readonly flow: { readonly trades: Emitter<{ readonly symbol: string; readonly trade: Trade }> };
  readonly cob: {
    readonly events: Emitter<CobView>;
    readonly snapshots: Emitter<CobSnapshot>;
    readonly columns: Emitter<EventOf<'heatmap'>>;
    latest(symbol: string): CobView | undefined;
  };
  readonly prices: { readonly events: Emitter<LivePrice>; latest(symbol: string): LivePrice | undefined };
  readonly structure: {
    readonly views: Emitter<StructureView>;
    readonly events: Emitter<PivotEvent>;
    view(symbol: string, timeframe: Timeframe): StructureView | undefined;
    want(symbol: string, timeframe: Timeframe): void;
  };
  readonly bars: FollowBars;
  readonly log: Log;
}

export type MarketSubscriptions = Topics<MarketTopics>;

/** Everything that the desk's services tell of followed symbols, as typed topics. */
export function createMarketSubscriptions({ data, flow, cob, prices, structure, bars, log }: MarketSources): MarketSubscriptions {
  /** Structure is analysed for whoever subscribes to it. */
  const wanted = <E extends { readonly symbol: string; readonly timeframe: Timeframe }>(emitter: Emitter<E>) => {
    const { attach } = ofSeries(emitter);
    return {
      attach(key: SeriesKey, tell: (event: E) => void): Cancel {
        structure.want(key.symbol, key.timeframe);
        return attach(key, tell);
      },
    };
  };
  return new Topics<MarketTopics>(
    {
      trades: tradesOf(data.trades),
      allTrades: tradesOf(flow.trades),
      cob: { ...ofSymbol(cob.events), latest: ({ symbol }) => cob.latest(symbol) },
      cobSnapshots: {
        attach: ({ symbol }, tell) =>
          cob.snapshots.on((snapshot) => {
            if (snapshot.view.symbol === symbol) tell(snapshot);
          }),
      },
      heatmap: ofSymbol(cob.columns),
      livePrice: { ...ofSymbol(prices.events), latest: ({ symbol }) => prices.latest(symbol) },
      candles: ofSeries(data.candles),
      closedCandles: { attach: ({ symbol, timeframe }, tell) => data.onCandleClosed(symbol, timeframe, tell) },
      indicators: indicatorSource(bars),
      structure: { ...wanted(structure.views), latest: ({ symbol, timeframe }) => structure.view(symbol, timeframe) },
      pivots: wanted(structure.events),
    },
    (thrown, kind) => log.error({ kind, detail: String(thrown) }, 'a subscriber failed'),
  );
}

function tradesOf(emitter: Emitter<{ readonly symbol: string; readonly trade: Trade }>): TopicSource<SymbolKey, Trade> {
  return {
    attach: ({ symbol }, tell) =>
      emitter.on((event) => {
        if (event.symbol === symbol) tell(event.trade);
      }),
  };
}

function ofSymbol<E extends { readonly symbol: string }>(
  emitter: Emitter<E>,
): { attach: TopicSource<{ readonly symbol: string }, E>['attach'] } {
  return {
    attach: ({ symbol }, tell): Cancel =>
      emitter.on((event) => {
        if (event.symbol === symbol) tell(event);
      }),
  };
}

function ofSeries<E extends { readonly symbol: string; readonly timeframe: Timeframe }>(
  emitter: Emitter<E>,
): { attach: TopicSource<{ readonly symbol: string; readonly timeframe: Timeframe }, E>['attach'] } {
  return {
    attach: ({ symbol, timeframe }, tell): Cancel =>
      emitter.on((event) => {
        if (event.symbol === symbol && event.timeframe === timeframe) tell(event);
      }),
  };
}
