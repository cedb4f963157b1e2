import { fail } from '../../../core/base/result.ts';
import { type VenueErrors, venueErrors } from '../session/errors.ts';

const COMMON = venueErrors('Coinbase', 'Coinbase spot (whose USDC books are its USD ones)');

export const ERRORS: VenueErrors = {
  ...COMMON,
  refused(what, status, body) {
    // `{"error":"NOT_FOUND",…}`: the product stands in the path.
    if (status === 404) {
      return fail('VENUE_UNKNOWN_SYMBOL', `Coinbase does not know the symbol asked for in ${what}.`, {
        detail: body.slice(0, 500),
      });
    }
    return COMMON.refused(what, status, body);
  },
};
