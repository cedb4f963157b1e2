import type { Clock } from '../../../core/base/clock.ts';
import { type Result, err, ok, reasonOf } from '../../../core/base/result.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import type { VenueErrors } from './errors.ts';
import { RateLimiter, retryAfterMs } from './rate-limiter.ts';

export interface HttpOptions {
  /** The venue's REST address, with the path that all its endpoints share if it has one. */
  readonly restUrl: string;
  readonly timeoutMs: number;
  /** Wall time: time-outs and Retry-After have nothing to do with a practice market's clock. */
  readonly wall: Clock;
  readonly errors: VenueErrors;
  /** What the venue allows a minute, in its own weights; 1 a request where it counts requests. */
  readonly weightPerMinute: number;
  readonly fetch?: typeof globalThis.fetch;
}

export type Query = Readonly<Record<string, string | number>>;

export interface RequestOptions {
  readonly weight?: number;
  /** Aborts the request: its session was closed. */
  readonly closed?: AbortSignal;
  /** `POST` sends an empty body. */
  readonly method?: 'GET' | 'POST';
}

/** A request that our own limiter would hold back for longer than this fails instead. */
const MAX_QUEUE_MS = 30_000;

/**
 * Unsigned REST requests, one at a time or many; answers are parsed JSON. Never throws, never outlives its time-out,
 * stays within the venue's request limit, obeys Retry-After, and leaves a failing endpoint alone for a while.
 */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #fetch: typeof globalThis.fetch;
  readonly #limiter: RateLimiter;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#limiter = new RateLimiter(options.weightPerMinute);
  }

  /** How long the venue asked us to stay away. */
  get blockedForMs(): number {
    return this.#limiter.blockedForMs(this.#options.wall.now());
  }

  /** The venue said within an answer that we asked too much. */
  block(durationMs: number): void {
    this.#limiter.block(this.#options.wall.now() + durationMs);
  }

  breakerState(path: string): BreakerState {
    return this.#breakers.get(path)?.state(this.#options.wall.now()) ?? 'closed';
  }

  async get(path: string, query: Query = {}, request: RequestOptions = {}): Promise<Result<unknown, VenueFailure>> {
    const { wall, errors } = this.#options;
    const { closed, weight = 1 } = request;
    if (isAborted(closed)) return err(errors.closed(path));
    const blockedMs = this.blockedForMs;
    if (blockedMs > 0) return errors.rateLimited(path, blockedMs);
    const waitMs = this.#limiter.reserve(weight, wall.now(), MAX_QUEUE_MS);
    if (waitMs === undefined) return errors.rateLimited(path, MAX_QUEUE_MS);
    if (waitMs > 0) {
      await sleep(wall, waitMs, closed);
      if (isAborted(closed)) return err(errors.closed(path));
      if (this.blockedForMs > 0) return errors.rateLimited(path, this.blockedForMs);
    }
    const breaker = this.#breaker(path);
    if (!breaker.tryPass(wall.now())) {
      return errors.unreachable(
        path,
        `it failed several times; asked again in ${Math.ceil(breaker.waitMs(wall.now()) / 1000)} s`,
      );
    }
    const answer = await this.#ask(path, query, request);
    if (answer.ok) breaker.succeeded();
    else if (FAULTS.has(answer.error.code)) breaker.failed(wall.now());
    else if (answer.error.code === 'VENUE_CLOSED') breaker.abandoned();
    // A refusal or a rate limit is an answer: the endpoint works.
    else breaker.succeeded();
    return answer;
  }

  async #ask(path: string, query: Query, { closed, method = 'GET' }: RequestOptions): Promise<Result<unknown, VenueFailure>> {
    const { restUrl, timeoutMs, wall, errors } = this.#options;
    // Not resolved against the address: that would drop a path that it has.
    const url = new URL(`${restUrl.replace(/\/+$/, '')}${path}`);
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
      const response = await this.#fetch(url, { method, signal: abort.signal, headers: { accept: 'application/json' } });
      const body = await response.text();
      if (errors.isRateLimit(response.status, body)) {
        const waitMs = retryAfterMs(response.headers.get('retry-after'), wall.now());
        this.#limiter.block(wall.now() + waitMs);
        return errors.rateLimited(path, waitMs);
      }
      if (!response.ok) return errors.refused(path, response.status, body);
      try {
        return ok(JSON.parse(body) as unknown);
      } catch (thrown) {
        return errors.badAnswer(path, `${reasonOf(thrown)}: ${body.slice(0, 200)}`);
      }
    } catch (thrown) {
      if (expired) return errors.timedOut(path, timeoutMs);
      if (isAborted(closed)) return err(errors.closed(path));
      const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${reasonOf(thrown.cause)}` : '';
      return errors.unreachable(path, `${url.origin}: ${reasonOf(thrown)}${cause}`);
    } finally {
      cancelTimeout();
      closed?.removeEventListener('abort', onClosed);
    }
  }

  #breaker(path: string): CircuitBreaker {
    let breaker = this.#breakers.get(path);
    if (breaker === undefined) this.#breakers.set(path, (breaker = new CircuitBreaker()));
    return breaker;
  }
}

/** The endpoint's trouble, not ours. */
const FAULTS: ReadonlySet<string> = new Set(['VENUE_UNREACHABLE', 'VENUE_TIMEOUT', 'VENUE_BAD_ANSWER']);

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

async function sleep(wall: Clock, delayMs: number, closed: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      closed?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = wall.after(delayMs, done);
    closed?.addEventListener('abort', done, { once: true });
  });
}
