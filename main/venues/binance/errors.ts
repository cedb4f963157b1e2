import { fail } from '../../../core/base/result.ts';
import { type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** Binance's own error codes that we tell apart. Source: Binance docs, "Error codes", the same for all markets. */
const INVALID_SYMBOL = -1121;

const COMMON = venueErrors('Binance');

export const ERRORS: VenueErrors = {
  ...COMMON,
  refused(what, status, body) {
    const { code, text } = venueError(body);
    if (code === INVALID_SYMBOL) {
      return fail('VENUE_UNKNOWN_SYMBOL', `Binance does not know the symbol asked for in ${what}.`, { detail: text });
    }
    return COMMON.refused(what, status, text);
  },
};

/** `{"code":-1121,"msg":"Invalid symbol."}`, or whatever a proxy in between wrote. */
function venueError(body: string): { code: number | undefined; text: string } {
  const parsed = parseJson(body);
  if (isObject(parsed) && typeof parsed.code === 'number')
    return { code: parsed.code, text: `${parsed.code} ${String(parsed.msg)}` };
  return { code: undefined, text: body };
}
