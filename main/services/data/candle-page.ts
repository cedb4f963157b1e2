import { ok, type Result } from '../../../core/base/result.ts';
import type { CandlePage } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { CandleHistory } from './history.ts';

/** How many times its own length a page looks back for its candles: over an outage of hours on 1s candles. */
const FARTHEST_PAGE = 64;

interface PageSource {
  readonly symbol: string;
  readonly history: CandleHistory;
  readonly market: MarketRepository;
  readonly now: () => number;
  /** Up to here the venue's candles are complete. */
  readonly closedUntil: () => number;
  /** The newest closed candles, ascending. */
  readonly cached: readonly Candle[];
  /** The running candle. */
  readonly forming: Candle | undefined;
}

/** Up to `limit` candles before `before`, from memory, else from the store after fetching what is missing; with the running one when `before` is absent. */
export async function readPage(
  source: PageSource,
  timeframe: Timeframe,
  before: number | undefined,
  limit: number,
): Promise<Result<CandlePage>> {
  const { symbol, history, market, now, closedUntil, cached } = source;
  const forming = before === undefined ? source.forming : undefined;
  const end = before ?? Number.MAX_SAFE_INTEGER;
  const inCache = sliceBefore(cached, end, limit);
  if (inCache.length === limit || (before === undefined && inCache.length > 0)) {
    return ok({ symbol, timeframe, candles: withForming(inCache, forming), exhausted: false });
  }
  const to = Math.min(end, openTimeOf(now(), timeframe));
  const length = limit * TIMEFRAME_MS[timeframe];
  for (let times = 1; ; times *= 2) {
    const from = to - times * length;
    const fetched = await history.ensure(symbol, timeframe, Math.max(0, from), Math.min(to, closedUntil()));
    const stored = await market.candlesBefore(symbol, timeframe, to, limit);
    if (!stored.ok) return stored;
    const page = { symbol, timeframe, candles: withForming(stored.value, forming) };
    // Out of reach, what the store has is still worth showing; more is asked for when the trader scrolls again.
    if (!fetched.ok) return stored.value.length === 0 ? fetched : ok({ ...page, exhausted: false });
    if (stored.value.length >= limit) return ok({ ...page, exhausted: false });
    const beginning = await history.beginning(symbol, timeframe, to);
    if (!beginning.ok) return stored.value.length === 0 ? beginning : ok({ ...page, exhausted: false });
    // Fewer than asked for: either the market began here, or this is one of the venue's outages and the rest lies before it.
    const exhausted = beginning.value === undefined || beginning.value >= from;
    if (exhausted || times >= FARTHEST_PAGE) return ok({ ...page, exhausted });
  }
}

function sliceBefore(candles: readonly Candle[], before: number, limit: number): Candle[] {
  let end = candles.length;
  while (end > 0 && (candles[end - 1] as Candle).openTime >= before) end--;
  return candles.slice(Math.max(0, end - limit), end);
}

function withForming(candles: Candle[], forming: Candle | undefined): Candle[] {
  const newest = candles.at(-1);
  return forming === undefined || (newest !== undefined && newest.openTime >= forming.openTime) ? candles : [...candles, forming];
}
