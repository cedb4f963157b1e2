import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** MEXC's own codes that we tell apart. Source: MEXC spot v3 and contract v1 docs, "Error codes". */
const INVALID_SYMBOL: ReadonlySet<number> = new Set([-1121, 10007, 30014]);
const NO_SUCH_CONTRACT = 1001;
export const TOO_FREQUENT = 510;
const SERVICE_TROUBLE: ReadonlySet<number> = new Set([500, 501, 9999]);

/** Futures endpoints count requests over two seconds. */
export const RATE_LIMIT_MS = 2_000;

const COMMON = venueErrors('MEXC');

export const ERRORS: VenueErrors = {
  ...COMMON,
  // Who asks too much is stopped by the firewall in front, with a page of HTML; other 403s are refusals.
  isRateLimit: (status, body) => COMMON.isRateLimit(status, body) || (status === 403 && /^\s*</.test(body)),
  refused(what, status, body) {
    const parsed = parseJson(body);
    if (status < 500 && isObject(parsed) && typeof parsed.code === 'number') {
      const text = String(parsed.msg ?? parsed.message);
      if (INVALID_SYMBOL.has(parsed.code)) return unknownSymbol(what, parsed.code, text);
      return COMMON.refused(what, status, `${parsed.code} ${text}`);
    }
    return COMMON.refused(what, status, body);
  },
};

/** Futures answer 200 and tell failures by `success` and `code`. */
export function refusedByCode(what: string, code: number, text: string): VenueError {
  if (code === TOO_FREQUENT) return COMMON.rateLimited(what, RATE_LIMIT_MS);
  if (code === NO_SUCH_CONTRACT) return unknownSymbol(what, code, text);
  if (SERVICE_TROUBLE.has(code)) return COMMON.unreachable(what, `${code} ${text}`);
  return fail('VENUE_REFUSED', `MEXC refused ${what} (${code}): ${text}`);
}

function unknownSymbol(what: string, code: number, text: string): VenueError {
  return fail('VENUE_UNKNOWN_SYMBOL', `MEXC does not know the symbol asked for in ${what}.`, { detail: `${code} ${text}` });
}
