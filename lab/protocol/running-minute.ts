import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { Kline } from '../simulation/kline.ts';
import type { SymbolMarket } from '../simulation/symbol-market.ts';

/** The one-minute candle that the second ending at `time` belongs to, and whether that second closed it; undefined before its first trade. */
export function runningMinute(
  market: SymbolMarket,
  time: number,
): { readonly kline: Kline; readonly closed: boolean } | undefined {
  const openTime = Math.floor((time - 1) / MINUTE_MS) * MINUTE_MS;
  const [kline] = market.klines({ timeframe: '1m', startTime: openTime, endTime: openTime, limit: 1 });
  return kline === undefined ? undefined : { kline, closed: time % MINUTE_MS === 0 };
}
