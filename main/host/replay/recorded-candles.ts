import { ok } from '../../../core/base/result.ts';
import { storedTimeframeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { RecordedCandles } from '../../venues/replay/replay-market.ts';

/** Candles read at once while a span without any is passed over. */
const MOST_AT_ONCE = 20_000;

/** Candles of the recorded market's own store, a page at a time. Only reads. */
export function recordedCandlesOf(market: Pick<MarketRepository, 'candlesIn' | 'candleBounds'>): RecordedCandles {
  return async ({ symbol }, timeframe, from, to, limit) => {
    const bounds = await market.candleBounds(symbol, storedTimeframeOf(timeframe));
    if (!bounds.ok) return bounds;
    if (bounds.value === undefined) return ok([]);
    const length = TIMEFRAME_MS[timeframe];
    const end = Math.min(to, bounds.value.last + length);
    // As a venue does: the oldest of what there is, also when the span begins before it.
    let start = Math.max(from, Math.floor(bounds.value.first / length) * length);
    for (let count = limit; start < end; count = Math.min(count * 4, MOST_AT_ONCE)) {
      const pageEnd = Math.min(end, start + count * length);
      const page = await market.candlesIn(symbol, timeframe, start, pageEnd);
      if (!page.ok) return page;
      if (page.value.length > 0) return ok(page.value.slice(0, limit));
      start = pageEnd;
    }
    return ok([]);
  };
}
