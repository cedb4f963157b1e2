import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';

/** HTX counts requests over a second. */
export const RATE_LIMIT_MS = 1_000;

export const ERRORS: VenueErrors = venueErrors('HTX', 'HTX spot');

/** HTX answers 200 and tells failures by `err-code`. Source: HTX spot docs, "Error codes". */
export function refusedByCode(what: string, code: string, text: string): VenueError {
  if (isRateLimit(code)) return ERRORS.rateLimited(what, RATE_LIMIT_MS);
  if (code === 'base-symbol-error' || (code === 'invalid-parameter' && /symbol/i.test(text))) {
    return fail('VENUE_UNKNOWN_SYMBOL', `HTX does not know the symbol asked for in ${what}.`, { detail: `${code} ${text}` });
  }
  if (/internal|system|maintain/i.test(code)) return ERRORS.unreachable(what, `${code} ${text}`);
  return fail('VENUE_REFUSED', `HTX refused ${what} (${code}): ${text}`);
}

export function isRateLimit(code: string): boolean {
  return /too-many-request|exceeded-limit|limit-rate/i.test(code);
}
