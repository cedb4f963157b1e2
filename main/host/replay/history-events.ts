import { ok, type Result } from '../../../core/base/result.ts';
import type { SourceName } from '../../../core/market/instrument.ts';
import type { ReplayedEvent } from '../../../core/recording/recorded-event.ts';
import type { RecordedEventSource } from '../../../core/recording/replay-engine.ts';
import type { HistoryRepository, TradeMark } from '../../ports/history.ts';
import type { MarketRepository } from '../../ports/store.ts';

/** Trades that one read brings. */
const PAGE_TRADES = 8_192;
/** Market time that one read looks through: it grows where little happens, so that a page does not sort a whole year. */
const FIRST_WINDOW_MS = 600_000;
const LONGEST_WINDOW_MS = 30 * 86_400_000;
const MINUTE_MS = 60_000;
const PAGE_MS = 1_440 * MINUTE_MS;

/** Stored trades received in (at, to], in the order in which they were. */
export function tradesOf(
  histories: Pick<HistoryRepository, 'trades'>,
  { venue, symbol }: SourceName,
  at: number,
  to: number,
): RecordedEventSource {
  let after: TradeMark = { tsReceived: at, tsEvent: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };
  let windowMs = FIRST_WINDOW_MS;
  return {
    async next(): Promise<Result<readonly ReplayedEvent[] | undefined>> {
      while (after.tsReceived <= to) {
        const before = Math.min(after.tsReceived + windowMs, to + 1);
        const page = await histories.trades(venue, symbol, after, before, PAGE_TRADES);
        if (!page.ok) return page;
        const trades = page.value;
        const newest = trades.at(-1);
        if (newest !== undefined && trades.length === PAGE_TRADES) {
          after = { tsReceived: newest.tsReceived, tsEvent: newest.tsEvent, id: newest.id };
          windowMs = Math.max(1, Math.floor(windowMs / 2));
        } else {
          after = { tsReceived: before, tsEvent: -1, id: -1 };
          if (trades.length < PAGE_TRADES / 4) windowMs = Math.min(windowMs * 2, LONGEST_WINDOW_MS);
        }
        if (trades.length > 0)
          return ok(
            trades.map((trade) => ({
              kind: 'trade',
              instrument: 0,
              tsEvent: trade.tsEvent,
              tsReceived: trade.tsReceived,
              trade,
            })),
          );
      }
      return ok(undefined);
    },
  };
}

/** Stored minutes that end in (at, to], each told at its end. */
export function minutesOf(
  market: Pick<MarketRepository, 'candlesIn'>,
  symbol: string,
  at: number,
  to: number,
): RecordedEventSource {
  let start = at - MINUTE_MS + 1;
  const end = to - MINUTE_MS + 1;
  return {
    async next(): Promise<Result<readonly ReplayedEvent[] | undefined>> {
      while (start < end) {
        const pageEnd = Math.min(start + PAGE_MS, end);
        const page = await market.candlesIn(symbol, '1m', start, pageEnd);
        if (!page.ok) return page;
        start = pageEnd;
        if (page.value.length > 0)
          return ok(
            page.value.map((candle) => {
              const closedAt = candle.openTime + MINUTE_MS;
              return { kind: 'candle', instrument: 0, tsEvent: closedAt, tsReceived: closedAt, timeframe: '1m', candle };
            }),
          );
      }
      return ok(undefined);
    },
  };
}
