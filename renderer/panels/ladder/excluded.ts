import type { CobView } from '../../../core/contracts/market-views.ts';
import { venueName } from '../../ui/venue-name.ts';

/** Why venues are left out of a book, a line for each reason: `Binance, Bybit stale: no connection`. */
export function excludedByReason(excluded: CobView['excluded']): string[] {
  const venuesOf = new Map<string, string[]>();
  for (const { venue, state, reason } of excluded) {
    const why = reason === '' ? state : `${state}: ${reason}`;
    venuesOf.set(why, [...(venuesOf.get(why) ?? []), venueName(venue)]);
  }
  return [...venuesOf].map(([why, venues]) => `${venues.join(', ')} ${why}`);
}
