import { ok, type Result } from '../../../core/base/result.ts';
import type { HistorySummary } from '../../../core/contracts/replay.ts';
import { aggregateCandles } from '../../../core/market/candle-aggregation.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { storedTimeframeOf, type StoredTimeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { HistoryRepository } from '../../ports/history.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { RecordedCandles } from '../../venues/replay/replay-market.ts';

/** Candles of [from, to) that a history itself gives, of periods that it covers wholly. */
type OwnCandles = (timeframe: StoredTimeframe, from: number, to: number) => Promise<Result<readonly Candle[]>>;

/** What a history of trades tells of the past: candles made of its trades, and before it begins what the store has. */
export function candlesOfTrades(
  histories: Pick<HistoryRepository, 'candlesOfTrades' | 'lastTrade'>,
  history: HistorySummary,
  past: RecordedCandles,
): RecordedCandles {
  const { venue, symbol } = history;
  return ownThenPast(history, past, async (timeframe, from, to) => {
    const traded = await histories.candlesOfTrades(venue, symbol, timeframe, from, to);
    if (!traded.ok) return traded;
    const before = await histories.lastTrade(venue, symbol, history.from, from);
    if (!before.ok) return before;
    return ok(withQuiet(traded.value, before.value?.price, from, to, TIMEFRAME_MS[timeframe]));
  });
}

/** The same for a history of minutes: longer candles are put together from them. */
export function candlesOfMinutes(
  market: Pick<MarketRepository, 'candlesIn'>,
  history: HistorySummary,
  past: RecordedCandles,
): RecordedCandles {
  return ownThenPast(history, past, async (timeframe, from, to) => {
    const minutes = await market.candlesIn(history.symbol, '1m', from, to);
    return minutes.ok ? ok(aggregateCandles(minutes.value, timeframe)) : minutes;
  });
}

function ownThenPast(history: HistorySummary, past: RecordedCandles, own: OwnCandles): RecordedCandles {
  return async (instrument, timeframe, from, to, limit) => {
    const stored = storedTimeframeOf(timeframe);
    const length = TIMEFRAME_MS[stored];
    // The period in which the history begins is not whole.
    const ownFrom = Math.ceil(history.from / length) * length;
    const older = from < ownFrom ? await past(instrument, stored, from, Math.min(to, ownFrom), limit) : ok([]);
    if (!older.ok) return older;
    const start = Math.max(ownFrom, Math.ceil(from / length) * length);
    const end = Math.min(Math.ceil(to / length) * length, start + (limit - older.value.length) * length);
    if (start >= end) return older;
    const newer = await own(stored, start, end);
    return newer.ok ? ok([...older.value, ...newer.value]) : newer;
  };
}

/** Within a history of trades a period without any was quiet: it is filled with the last price. */
function withQuiet(traded: readonly Candle[], before: number | undefined, from: number, to: number, length: number): Candle[] {
  const candles: Candle[] = [];
  let close = before;
  let next = 0;
  for (let openTime = from; openTime < to; openTime += length) {
    const candle = traded[next];
    if (candle?.openTime === openTime) {
      candles.push(candle);
      close = candle.close;
      next++;
    } else if (close !== undefined) candles.push(filledCandle(openTime, close));
  }
  return candles;
}
