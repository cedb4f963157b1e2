import { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Result } from '../../../core/base/result.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { backoffMs } from './backoff.ts';

export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed';

/** Where to connect: known, or asked for anew before each connection (a token from REST). */
export type StreamAddress = string | Promise<Result<string, VenueFailure>>;

export interface StreamSocketOptions {
  readonly address: () => StreamAddress;
  readonly wall: Clock;
  readonly rng: Rng;
  readonly connectTimeoutMs: number;
  readonly onOpen: () => void;
  /** One message. The buffer is only valid during the call. */
  readonly onMessage: (message: Buffer, isBinary: boolean) => void;
  /** The connection is gone; another is tried after `retryInMs`. */
  readonly onLost: (reason: string, retryInMs: number) => void;
}

/** A connection that lived this long was a good one: the next back-off starts small again. */
const STABLE_MS = 10_000;
const CLOSE_GRACE_MS = 1_000;

/**
 * A WebSocket that comes back: exponential back-off with jitter, Retry-After of a refused handshake obeyed.
 * Pings of the protocol itself are answered by the client library.
 */
export class StreamSocket {
  readonly #options: StreamSocketOptions;
  #socket: WebSocket | undefined;
  #state: ConnectionState = 'connecting';
  #attempt = 0;
  #openedAt = 0;
  #retryAfterMs = 0;
  #cancelTimer: Cancel | undefined;
  /** Counts connection attempts: an address that arrives late belongs to none that still matters. */
  #round = 0;

  constructor(options: StreamSocketOptions) {
    this.#options = options;
    this.#start();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** False when it is not open, or so much is waiting to be sent that the venue cannot be reading. */
  send(message: string): boolean {
    const socket = this.#socket;
    if (this.#state !== 'open' || socket === undefined || socket.bufferedAmount > 1 << 20) return false;
    socket.send(message);
    return true;
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

  #start(): void {
    if (this.#state === 'closed' || this.#socket !== undefined) return;
    const round = ++this.#round;
    const address = this.#options.address();
    if (typeof address === 'string') {
      this.#connect(address);
      return;
    }
    void address.then((answer) => {
      if (round !== this.#round || this.#state === 'closed' || this.#socket !== undefined) return;
      if (answer.ok) this.#connect(answer.value);
      else this.#retry(answer.error.message);
    });
  }

  #connect(url: string): void {
    const { wall, connectTimeoutMs } = this.#options;
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
      if (socket === this.#socket && Buffer.isBuffer(data)) this.#options.onMessage(data, isBinary);
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
    if (this.#state === 'open' && this.#options.wall.now() - this.#openedAt >= STABLE_MS) this.#attempt = 0;
    socket.terminate();
    this.#retry(reason);
  }

  #retry(reason: string): void {
    const { wall, rng } = this.#options;
    const retryInMs = Math.max(backoffMs(this.#attempt++, rng), this.#retryAfterMs);
    this.#state = 'reconnecting';
    this.#cancelTimer = wall.after(retryInMs, () => this.#start());
    this.#options.onLost(reason, retryInMs);
  }
}
