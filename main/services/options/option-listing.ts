import type { OptionListing, OptionUnderlying } from '../../../core/contracts/options.ts';
import type { ListedOptions, OptionVenue } from '../../ports/options.ts';

type Strike = OptionListing['expiries'][number]['strikes'][number];

/** Names → expiries with their strikes, both rising. */
export function listingOf(
  underlying: OptionUnderlying,
  { names, underlyingMid }: ListedOptions,
  venue: Pick<OptionVenue, 'nameOf'>,
): OptionListing {
  const expiries = new Map<number, Map<number, Strike>>();
  for (const name of names) {
    const contract = venue.nameOf(name);
    if (contract === undefined) continue;
    const { expiresAt, strike, right } = contract;
    const strikes = expiries.get(expiresAt) ?? new Map<number, Strike>();
    expiries.set(expiresAt, strikes);
    strikes.set(strike, { ...(strikes.get(strike) ?? { strike }), [right]: name });
  }
  return {
    underlying,
    underlyingMid,
    expiries: [...expiries]
      .sort(([a], [b]) => a - b)
      .map(([expiresAt, strikes]) => ({ expiresAt, strikes: [...strikes.values()].sort((a, b) => a.strike - b.strike) })),
  };
}
