import { type Failure, fail } from '../../../core/base/result.ts';
import type { VenueFailure } from '../../ports/venue.ts';

export type VenueError = { readonly ok: false; readonly error: VenueFailure };

/** The failures that every venue has, told in its name. A venue's `errors.ts` adds the reading of its own codes. */
export interface VenueErrors {
  readonly name: string;
  unreachable(what: string, detail: string): VenueError;
  timedOut(what: string, timeoutMs: number): VenueError;
  rateLimited(what: string, waitMs: number): VenueError;
  badAnswer(what: string, detail: string): VenueError;
  unknownSymbol(symbols: readonly string[]): VenueError;
  closed(what: string): Failure<'VENUE_CLOSED'>;
  /** Whether an answer says that we asked too much: 429, and 418 where that was ignored. */
  isRateLimit(status: number, body: string): boolean;
  /** Any other status but 2xx. 5xx is the venue's trouble and passes; 4xx is ours and does not. */
  refused(what: string, status: number, body: string): VenueError;
}

/** `traded` is what follows the name in "does not trade": `Binance spot`. */
export function venueErrors(name: string, traded = name): VenueErrors {
  const unreachable = (what: string, detail: string): VenueError =>
    fail('VENUE_UNREACHABLE', `${name} could not be reached for ${what}. Check the network; it is tried again.`, {
      retryable: true,
      detail,
    });
  return {
    name,
    unreachable,
    timedOut: (what, timeoutMs) =>
      fail('VENUE_TIMEOUT', `${name} did not answer ${what} within ${timeoutMs} ms.`, { retryable: true }),
    rateLimited: (what, waitMs) =>
      fail('VENUE_RATE_LIMITED', `${name}'s request limit is used up: ${what} has to wait ${Math.ceil(waitMs / 1000)} s.`, {
        retryable: true,
      }),
    badAnswer: (what, detail) =>
      fail('VENUE_BAD_ANSWER', `${name} answered ${what} with something unreadable.`, { retryable: true, detail }),
    unknownSymbol: (symbols) =>
      fail(
        'VENUE_UNKNOWN_SYMBOL',
        `${traded} does not trade ${symbols.join(', ')}. Check market and symbols in the configuration.`,
      ),
    closed: (what) => ({
      code: 'VENUE_CLOSED',
      message: `The connection was closed before ${name} answered ${what}.`,
      retryable: false,
    }),
    isRateLimit: (status) => status === 429 || status === 418,
    refused(what, status, body) {
      const text = body.slice(0, 200);
      if (status >= 500) return unreachable(what, `HTTP ${status}: ${text}`);
      if (status === 451) {
        return fail('VENUE_REFUSED', `${name} does not serve this location (HTTP 451).`, { detail: text });
      }
      return fail('VENUE_REFUSED', `${name} refused ${what} (HTTP ${status}): ${text}`, { detail: body.slice(0, 500) });
    },
  };
}
