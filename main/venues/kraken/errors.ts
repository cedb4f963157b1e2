import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';

/** Kraken's public limit is about one request a second and address; after too many it wants a pause. */
export const RATE_LIMIT_MS = 5_000;

export const ERRORS: VenueErrors = venueErrors('Kraken', 'Kraken spot');

/** Kraken answers 200 and tells failures in `error`: `EQuery:Unknown asset pair`. Source: Kraken docs, "Error messages". */
export function refusedByErrors(what: string, errors: readonly string[]): VenueError {
  const text = errors.join(', ');
  if (isRateLimit(errors)) return ERRORS.rateLimited(what, RATE_LIMIT_MS);
  if (/Unknown asset pair/i.test(text)) {
    return fail('VENUE_UNKNOWN_SYMBOL', `Kraken does not know the symbol asked for in ${what}.`, { detail: text });
  }
  if (/^EService|^EGeneral:Internal/.test(text)) return ERRORS.unreachable(what, text);
  return fail('VENUE_REFUSED', `Kraken refused ${what}: ${text}`);
}

export function isRateLimit(errors: readonly string[]): boolean {
  return errors.some((text) => /Too many requests|Rate limit|Temporary lockout|Throttled/i.test(text));
}
