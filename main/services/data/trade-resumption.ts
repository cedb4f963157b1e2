import type { Clock } from '../../../core/base/clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { MarketRepository, NewestTrade } from '../../ports/store.ts';

/** Market time within which the trades of an interruption are fetched: what is longer is a night, not a crash. */
const RESUME_WITHIN_MS = 600_000;

export type TradeResumption = (instrument: Instrument) => Pick<NewestTrade, 'id' | 'time'> | undefined;

/**
 * Where each instrument's trades go on after a restart: behind the newest stored one, if that is recent. Told once an instrument, to
 * whoever opens it first. Fails when the store cannot be read.
 */
export async function tradeResumption(
  market: Pick<MarketRepository, 'newestTrades'>,
  clock: Clock,
): Promise<Result<TradeResumption>> {
  const newest = await market.newestTrades(clock.now() - RESUME_WITHIN_MS);
  if (!newest.ok) return newest;
  const left = new Map(newest.value.map((trade) => [`${trade.venue} ${trade.symbol}`, trade]));
  return ok(({ venue, symbol }) => {
    const key = `${venue} ${symbol}`;
    const trade = left.get(key);
    left.delete(key);
    return trade === undefined || trade.time < clock.now() - RESUME_WITHIN_MS ? undefined : { id: trade.id, time: trade.time };
  });
}
