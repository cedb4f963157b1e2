import { fail } from '../../../core/base/result.ts';
import { type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** Gate's own labels that we tell apart. Source: Gate API v4 docs, "Error handling". */
const NO_SUCH_PAIR: ReadonlySet<unknown> = new Set(['INVALID_CURRENCY_PAIR', 'INVALID_CURRENCY']);
const TOO_MANY_REQUESTS = 'TOO_MANY_REQUESTS';
const SERVICE_TROUBLE: ReadonlySet<unknown> = new Set(['INTERNAL', 'SERVER_ERROR', 'TOO_BUSY']);

const COMMON = venueErrors('Gate', 'Gate spot');

export const ERRORS: VenueErrors = {
  ...COMMON,
  isRateLimit: (status, body) => COMMON.isRateLimit(status, body) || labelOf(body) === TOO_MANY_REQUESTS,
  refused(what, status, body) {
    const label = labelOf(body);
    // The pair stands in the path.
    if (NO_SUCH_PAIR.has(label) || (status === 404 && what.includes('/currency_pairs/'))) {
      return fail('VENUE_UNKNOWN_SYMBOL', `Gate does not know the symbol asked for in ${what}.`, { detail: body.slice(0, 500) });
    }
    if (SERVICE_TROUBLE.has(label)) return COMMON.unreachable(what, `HTTP ${status}: ${body.slice(0, 200)}`);
    return COMMON.refused(what, status, body);
  },
};

/** `{"label":"INVALID_CURRENCY_PAIR","message":"…"}`, or whatever a proxy in between wrote. */
function labelOf(body: string): unknown {
  const parsed = parseJson(body);
  return isObject(parsed) ? parsed.label : undefined;
}
