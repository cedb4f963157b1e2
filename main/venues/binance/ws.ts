import { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Rng } from '../../../core/base/rng.ts';

export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed';

export interface StreamSocketOptions {
  readonly url: string;
  readonly wall: Clock;
  readonly rng: Rng;
  readonly connectTimeoutMs: number;
  readonly onOpen: () => void;
  /** One text message. The buffer is only valid during the call. */
  readonly onMessage: (message: Buffer) => void;
  /** The connection is gone; another is tried after `retryInMs`. */
  readonly onLost: (reason: string, retryInMs: number) => void;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** A connection that lived this long was a good one: the next back-off starts small again. */
const STABLE_MS = 10_000;
const CLOSE_GRACE_MS = 1_000;

/** Half fixed, half random, doubling: many desks that lose one exchange at once do not come back at once. */
export function backoffMs(attempt: number, rng: Rng): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + rng.next() * (ceiling / 2);
}

/** Binance's combined-stream address for `streams`. */
export function combinedStreamUrl(streamUrl: string, streams: readonly string[]): string {
  return `${streamUrl.replace(/\/+$/, '')}/stream?streams=${streams.join('/')}`;
}

/**
 * A WebSocket that comes back: exponential back-off with jitter, Retry-After of a refused handshake obeyed.
 * Pings are answered by the client library.
 */
export class StreamSocket {
  readonly #options: StreamSocketOptions;
  #socket: WebSocket | undefined;
  #state: ConnectionState = 'connecting';
  #attempt = 0;
  #openedAt = 0;
  #retryAfterMs = 0;
  #cancelTimer: Cancel | undefined;

  constructor(options: StreamSocketOptions) {
    this.#options = options;
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Gives up a connection that is open but of no use (it went silent) and makes a new one. */
  drop(reason: string): void {
    if (this.#socket !== undefined) this.#lost(this.#socket, reason);
  }

  /** Closes for good; answers when the socket is gone. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#cancelTimer?.();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.wall.after(CLOSE_GRACE_MS, () => socket.terminate());
      socket.once('close', () => {
        cancel();
        resolve();
      });
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000);
    });
  }

  #connect(): void {
    const { url, wall, connectTimeoutMs } = this.#options;
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 16 << 20 });
    this.#socket = socket;
    this.#retryAfterMs = 0;
    this.#cancelTimer = wall.after(connectTimeoutMs, () => this.#lost(socket, `no connection within ${connectTimeoutMs} ms`));
    socket.on('open', () => {
      if (socket !== this.#socket) return;
      this.#cancelTimer?.();
      this.#openedAt = wall.now();
      this.#state = 'open';
      this.#options.onOpen();
    });
    socket.on('message', (data, isBinary) => {
      if (socket === this.#socket && !isBinary && Buffer.isBuffer(data)) this.#options.onMessage(data);
    });
    socket.on('unexpected-response', (_request, response) => {
      const seconds = Number(response.headers['retry-after']);
      if (Number.isFinite(seconds) && seconds > 0) this.#retryAfterMs = seconds * 1000;
      response.resume();
      this.#lost(socket, `the venue refused the connection (HTTP ${response.statusCode})`);
    });
    socket.on('error', (error) => this.#lost(socket, error.message));
    socket.on('close', (code, reason) => {
      const text = reason.toString();
      this.#lost(socket, `the venue closed the connection (${code}${text === '' ? '' : `: ${text}`})`);
    });
  }

  /** Several events tell of one loss; only the first counts. */
  #lost(socket: WebSocket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#cancelTimer?.();
    const { wall, rng } = this.#options;
    if (this.#state === 'open' && wall.now() - this.#openedAt >= STABLE_MS) this.#attempt = 0;
    const retryInMs = Math.max(backoffMs(this.#attempt++, rng), this.#retryAfterMs);
    this.#state = 'reconnecting';
    this.#cancelTimer = wall.after(retryInMs, () => this.#connect());
    socket.terminate();
    this.#options.onLost(reason, retryInMs);
  }
}
