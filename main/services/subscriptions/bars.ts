import type { Bar } from '../../../core/analysis/indicators/indicator.ts';
import { BarCursor } from '../../../core/analysis/indicators/batch.ts';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { FollowBars } from '../../ports/bars.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';

export interface BarsDeps {
  readonly market: Pick<MarketRepository, 'candleColumns'>;
  /** Market time. */
  readonly clock: Pick<Clock, 'now'>;
  /** Resolves when the symbol's first history is in the store, at once for one that is not followed. */
  readonly stored: (symbol: string) => Promise<unknown>;
  readonly onCandleClosed: (symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void) => Cancel;
  readonly log: Log;
}

/** `FollowBars` over the store and the candles that close. Nothing but live candles when the store cannot be read. */
export function createFollowBars({ market, clock, stored, onCandleClosed, log }: BarsDeps): FollowBars {
  return ({ symbol, timeframe }, count, listener, onReady = () => {}) => {
    let arrived: Candle[] | undefined = [];
    let newest = Number.NEGATIVE_INFINITY;
    let over = false;
    const take = (bar: Bar): void => {
      if (over || bar.openTime <= newest) return;
      newest = bar.openTime;
      listener(bar);
    };
    const leave = onCandleClosed(symbol, timeframe, (candle) => {
      if (arrived === undefined) take(candle);
      else arrived.push(candle);
    });
    const read = async (): Promise<void> => {
      await stored(symbol);
      if (over) return;
      const now = clock.now();
      const page = await market.candleColumns(
        symbol,
        timeframe,
        openTimeOf(now - count * TIMEFRAME_MS[timeframe], timeframe),
        now,
      );
      if (over) return;
      if (page.ok) {
        const bar = new BarCursor();
        for (let i = 0; i < page.value.openTime.length; i++) {
          bar.load(page.value, i);
          take(bar);
        }
      } else
        log.warn(
          { symbol, timeframe, reason: page.error.message },
          'stored candles could not be read; analysis begins with live ones',
        );
      const since = arrived ?? [];
      arrived = undefined;
      for (const candle of since) take(candle);
      onReady();
    };
    read().catch((thrown: unknown) => log.error({ symbol, timeframe, detail: String(thrown) }, 'a reader of candles failed'));
    return () => {
      over = true;
      leave();
    };
  };
}
