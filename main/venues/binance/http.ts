import type { Clock } from '../../../core/base/clock.ts';
import { type Result, err, ok, reasonOf } from '../../../core/base/result.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { badAnswer, closedFailure, rateLimited, refused, timedOut, unreachable } from './errors.ts';

export interface HttpOptions {
  /** `https://api.binance.com`, or the practice market on loopback. */
  readonly restUrl: string;
  readonly timeoutMs: number;
  /** Wall time: time-outs and Retry-After have nothing to do with a practice market's clock. */
  readonly wall: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

export type Query = Readonly<Record<string, string | number>>;

/** Without a Retry-After header, a rate limit is waited out for this long. */
const DEFAULT_RETRY_AFTER_MS = 10_000;
const MAX_RETRY_AFTER_MS = 3 * 24 * 3_600_000;

/** Unsigned REST requests, one at a time or many; answers are parsed JSON. Never throws, never outlives its time-out. */
export class BinanceHttp {
  readonly #options: HttpOptions;
  readonly #fetch: typeof globalThis.fetch;
  /** Until this wall time the venue asked to be left alone (429 and, when that is ignored, a ban: 418). */
  #blockedUntilMs = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? globalThis.fetch;
  }

  /** How long the venue asked us to stay away. */
  get blockedForMs(): number {
    return Math.max(0, this.#blockedUntilMs - this.#options.wall.now());
  }

  async get(path: string, query: Query = {}, closed?: AbortSignal): Promise<Result<unknown, VenueFailure>> {
    if (isAborted(closed)) return err(closedFailure(path));
    const waitMs = this.blockedForMs;
    if (waitMs > 0) return rateLimited(path, waitMs);
    const { restUrl, timeoutMs, wall } = this.#options;
    const url = new URL(path, restUrl);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));

    const abort = new AbortController();
    let expired = false;
    const cancelTimeout = wall.after(timeoutMs, () => {
      expired = true;
      abort.abort();
    });
    const onClosed = () => abort.abort();
    closed?.addEventListener('abort', onClosed, { once: true });
    try {
      const response = await this.#fetch(url, { signal: abort.signal, headers: { accept: 'application/json' } });
      const body = await response.text();
      if (response.status === 429 || response.status === 418) {
        const waitedMs = retryAfterMs(response.headers.get('retry-after'));
        this.#blockedUntilMs = Math.max(this.#blockedUntilMs, wall.now() + waitedMs);
        return rateLimited(path, waitedMs);
      }
      if (!response.ok) return refused(path, response.status, body);
      try {
        return ok(JSON.parse(body) as unknown);
      } catch (thrown) {
        return badAnswer(path, `${reasonOf(thrown)}: ${body.slice(0, 200)}`);
      }
    } catch (thrown) {
      if (expired) return timedOut(path, timeoutMs);
      if (isAborted(closed)) return err(closedFailure(path));
      const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${reasonOf(thrown.cause)}` : '';
      return unreachable(path, `${url.origin}: ${reasonOf(thrown)}${cause}`);
    } finally {
      cancelTimeout();
      closed?.removeEventListener('abort', onClosed);
    }
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

/** Binance sends whole seconds. */
function retryAfterMs(header: string | null): number {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : DEFAULT_RETRY_AFTER_MS;
}
