import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';

/** Bybit's own codes that we tell apart. Source: Bybit v5 docs, "Error codes". */
export const TOO_MANY_VISITS = 10006;
const INVALID_PARAMETER = 10001;

const COMMON = venueErrors('Bybit');

export const ERRORS: VenueErrors = {
  ...COMMON,
  // An IP that asks too much gets 403 for ten minutes; other 403s are refusals of the location.
  isRateLimit: (status, body) => COMMON.isRateLimit(status, body) || (status === 403 && /too frequent/i.test(body)),
};

/** Bybit answers 200 and tells failures by `retCode`. */
export function refusedByCode(what: string, code: number, text: string): VenueError {
  if (code === TOO_MANY_VISITS) return ERRORS.rateLimited(what, RATE_LIMIT_MS);
  if (code === INVALID_PARAMETER && /symbol/i.test(text)) {
    return fail('VENUE_UNKNOWN_SYMBOL', `Bybit does not know the symbol asked for in ${what}.`, { detail: `${code} ${text}` });
  }
  return fail('VENUE_REFUSED', `Bybit refused ${what} (${code}): ${text}`);
}

/** Bybit counts requests over five seconds. */
export const RATE_LIMIT_MS = 5_000;
