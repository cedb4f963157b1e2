import { fail } from '../../../core/base/result.ts';
import { type VenueErrors, venueErrors } from '../session/errors.ts';
import { isObject, parseJson } from '../session/wire-values.ts';

/** Deribit's own codes that we tell apart. Source: Deribit docs, "RPC error codes". */
const TOO_MANY_REQUESTS = 10028;
const NOT_FOUND = 13020;
const INVALID_PARAMS = -32602;

const COMMON = venueErrors('Deribit');

export const ERRORS: VenueErrors = {
  ...COMMON,
  isRateLimit: (status, body) => COMMON.isRateLimit(status, body) || rpcError(body).code === TOO_MANY_REQUESTS,
  refused(what, status, body) {
    const { code, text } = rpcError(body);
    // An instrument or a currency that is not listed is an invalid parameter, named in the error's data.
    if (code === NOT_FOUND || (code === INVALID_PARAMS && /instrument|currency/i.test(text))) {
      return fail('VENUE_UNKNOWN_SYMBOL', `Deribit does not know the symbol asked for in ${what}.`, { detail: text });
    }
    return COMMON.refused(what, status, text);
  },
};

/** `{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params","data":{…}}}`, or whatever a proxy in between wrote. */
function rpcError(body: string): { code: number | undefined; text: string } {
  const parsed = parseJson(body);
  const error = isObject(parsed) ? parsed.error : undefined;
  if (!isObject(error) || typeof error.code !== 'number') return { code: undefined, text: body };
  return { code: error.code, text: `${error.code} ${String(error.message)} ${JSON.stringify(error.data ?? null)}` };
}
