import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** OKX's own codes that we tell apart. Source: OKX v5 docs, "Error code". */
export const TOO_MANY_REQUESTS = '50011';
const SERVICE_TROUBLE: ReadonlySet<string> = new Set(['50001', '50004', '50013', '50026']);
const NO_SUCH_INSTRUMENT: ReadonlySet<string> = new Set(['51001', '51000']);

/** OKX counts requests over two seconds. */
export const RATE_LIMIT_MS = 2_000;

const COMMON = venueErrors('OKX');

export const ERRORS: VenueErrors = {
  ...COMMON,
  refused(what, status, body) {
    const parsed = parseJson(body);
    if (status < 500 && isObject(parsed) && typeof parsed.code === 'string') {
      return refusedByCode(what, parsed.code, String(parsed.msg));
    }
    return COMMON.refused(what, status, body);
  },
};

/** OKX tells most failures by `code`, whatever the HTTP status. */
export function refusedByCode(what: string, code: string, text: string): VenueError {
  if (code === TOO_MANY_REQUESTS) return COMMON.rateLimited(what, RATE_LIMIT_MS);
  if (SERVICE_TROUBLE.has(code)) return COMMON.unreachable(what, `${code} ${text}`);
  if (NO_SUCH_INSTRUMENT.has(code) && /instrument|instId/i.test(text)) {
    return fail('VENUE_UNKNOWN_SYMBOL', `OKX does not know the symbol asked for in ${what}.`, { detail: `${code} ${text}` });
  }
  return fail('VENUE_REFUSED', `OKX refused ${what} (${code}): ${text}`);
}
