import { type Failure, fail } from '../../../core/base/result.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { isObject } from './parse.ts';

type VenueError = { readonly ok: false; readonly error: VenueFailure };

/** Binance's own error codes that we tell apart. Source: Binance spot docs, "Error codes". */
const INVALID_SYMBOL = -1121;

export function unreachable(what: string, detail: string): VenueError {
  return fail('VENUE_UNREACHABLE', `Binance could not be reached for ${what}. Check the network; it is tried again.`, {
    retryable: true,
    detail,
  });
}

export function timedOut(what: string, timeoutMs: number): VenueError {
  return fail('VENUE_TIMEOUT', `Binance did not answer ${what} within ${timeoutMs} ms.`, { retryable: true });
}

export function rateLimited(what: string, waitMs: number): VenueError {
  return fail('VENUE_RATE_LIMITED', `Binance's request limit is used up: ${what} has to wait ${Math.ceil(waitMs / 1000)} s.`, {
    retryable: true,
  });
}

export function badAnswer(what: string, detail: string): VenueError {
  return fail('VENUE_BAD_ANSWER', `Binance answered ${what} with something unreadable.`, { retryable: true, detail });
}

export function unknownSymbol(symbols: readonly string[]): VenueError {
  return fail(
    'VENUE_UNKNOWN_SYMBOL',
    `Binance spot does not trade ${symbols.join(', ')}. Check market and symbols in the configuration.`,
  );
}

export function closedFailure(what: string): Failure<'VENUE_CLOSED'> {
  return { code: 'VENUE_CLOSED', message: `The connection was closed before Binance answered ${what}.`, retryable: false };
}

/** A status other than 2xx, 418 and 429. 5xx is the venue's trouble and passes; 4xx is ours and does not. */
export function refused(what: string, status: number, body: string): VenueError {
  const { code, text } = venueError(body);
  if (code === INVALID_SYMBOL) {
    return fail('VENUE_UNKNOWN_SYMBOL', `Binance spot does not know the symbol asked for in ${what}.`, { detail: text });
  }
  if (status >= 500) return unreachable(what, `HTTP ${status}: ${text}`);
  if (status === 451) {
    return fail('VENUE_REFUSED', 'Binance does not serve this location (HTTP 451).', { detail: text });
  }
  return fail('VENUE_REFUSED', `Binance refused ${what} (HTTP ${status}): ${text}`, { detail: body.slice(0, 500) });
}

/** `{"code":-1121,"msg":"Invalid symbol."}`, or whatever a proxy in between wrote. */
function venueError(body: string): { code: number | undefined; text: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isObject(parsed) && typeof parsed.code === 'number')
      return { code: parsed.code, text: `${parsed.code} ${String(parsed.msg)}` };
  } catch {
    // Not JSON: the text itself is the best there is.
  }
  return { code: undefined, text: body.slice(0, 200) };
}
