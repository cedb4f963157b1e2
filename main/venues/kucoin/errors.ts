import { fail } from '../../../core/base/result.ts';
import { type VenueError, type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** KuCoin's own codes that we tell apart. Source: KuCoin docs, "Error codes". */
export const SUCCESS = '200000';
export const TOO_MANY_REQUESTS = '429000';
const SERVICE_TROUBLE: ReadonlySet<string> = new Set(['500000', '230005']);
const NO_SUCH_SYMBOL = '900001';

/** KuCoin counts requests over thirty seconds. */
export const RATE_LIMIT_MS = 30_000;

const COMMON = venueErrors('KuCoin');

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

/** KuCoin tells most failures by `code`, whatever the HTTP status. */
export function refusedByCode(what: string, code: string, text: string): VenueError {
  if (code === TOO_MANY_REQUESTS) return COMMON.rateLimited(what, RATE_LIMIT_MS);
  if (SERVICE_TROUBLE.has(code)) return COMMON.unreachable(what, `${code} ${text}`);
  // The futures have no code of their own for it.
  if (code === NO_SUCH_SYMBOL || /(symbol|contract).*(not exist|not found|invalid)/i.test(text)) {
    return fail('VENUE_UNKNOWN_SYMBOL', `KuCoin does not know the symbol asked for in ${what}.`, { detail: `${code} ${text}` });
  }
  return fail('VENUE_REFUSED', `KuCoin refused ${what} (${code}): ${text}`);
}
