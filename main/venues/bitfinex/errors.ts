import { fail } from '../../../core/base/result.ts';
import { type VenueErrors, venueErrors } from '../session/errors.ts';
import { parseJson } from '../session/wire-values.ts';

/** Bitfinex's own codes that we tell apart. Source: Bitfinex v2 docs, "Error codes". */
const BAD_PARAMETER = 10020;
const RATE_LIMIT = 11010;
const MAINTENANCE = 20060;

const COMMON = venueErrors('Bitfinex', 'Bitfinex spot');

export const ERRORS: VenueErrors = {
  ...COMMON,
  isRateLimit: (status, body) =>
    COMMON.isRateLimit(status, body) || /ERR_RATE_?LIMIT/.test(body) || codeOf(body).code === RATE_LIMIT,
  /** Bitfinex answers requests that it cannot serve with 500, whoever is to blame: `["error",10020,"symbol: invalid"]`. */
  refused(what, status, body) {
    const { code, text } = codeOf(body);
    if (code === BAD_PARAMETER && text.startsWith('symbol')) {
      return fail('VENUE_UNKNOWN_SYMBOL', `Bitfinex does not know the symbol asked for in ${what}.`, {
        detail: `${code} ${text}`,
      });
    }
    if (code === BAD_PARAMETER) return fail('VENUE_REFUSED', `Bitfinex refused ${what} (${code}): ${text}`);
    if (code === MAINTENANCE) return COMMON.unreachable(what, `maintenance (${code})`);
    return COMMON.refused(what, status, body);
  },
};

function codeOf(body: string): { code: unknown; text: string } {
  const parsed = parseJson(body);
  if (!Array.isArray(parsed) || parsed[0] !== 'error') return { code: undefined, text: '' };
  const [, code, text] = parsed as readonly unknown[];
  return { code, text: String(text) };
}
