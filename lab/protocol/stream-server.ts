import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Cancel, Clock } from '../../core/base/clock.ts';
import type { Frame } from '../faults/frames.ts';
import type { FaultScript } from '../faults/script.ts';

/** A client that lets this much pile up does not read; it is closed, so that it cannot take the lab's memory. */
export const SEND_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface Client {
  readonly socket: WebSocket;
  readonly raw: Duplex;
  /** What of a venue's stream addresses it came by. */
  readonly lane: string;
  readonly streams: Set<string>;
  /** Streams whose book it is owed whole, at the next step. */
  readonly newTo: Set<string>;
  closing: boolean;
  /** Neither read nor written any more, and still open. */
  dead: boolean;
  lastHeardMs: number;
  windowStartMs: number;
  incoming: number;
  sent: number;
}

export interface StreamServerOptions {
  readonly wall: Clock;
  readonly faults: FaultScript;
  /** Market time. */
  readonly time: () => number;
  /** Incoming messages a second before a client is closed. */
  readonly incomingPerSecond: number;
  /** The wrapping that a venue puts around a stream's frame for clients of one lane. */
  readonly wrap?: (client: Client, stream: string, frame: Frame) => Frame;
  /** Milliseconds between WebSocket pings, where the venue pings. */
  readonly pingEveryMs?: number;
  /** A client that is not heard of for so long is cut off. */
  readonly deafMs?: number;
}

/** The connections of a venue's stream server: who follows what, slow and noisy clients, and the faults of a connection. */
export class StreamServer {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  readonly #options: StreamServerOptions;
  readonly #clients = new Set<Client>();
  readonly #subscribers = new Map<string, Set<Client>>();
  readonly #cancels: Cancel[] = [];
  #onText: (client: Client, text: string) => void = () => undefined;
  #closeAfter: number | undefined;
  #frozen: { readonly client: Client; readonly until: number }[] = [];

  constructor(options: StreamServerOptions) {
    this.#options = options;
    const { wall, pingEveryMs, deafMs } = options;
    const everyMs = pingEveryMs ?? deafMs;
    if (everyMs !== undefined) this.#cancels.push(wall.every(everyMs, () => this.#checkAll()));
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get clients(): ReadonlySet<Client> {
    return this.#clients;
  }

  /** What a client's text message does. */
  onText(listener: (client: Client, text: string) => void): void {
    this.#onText = listener;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, lane: string, joined?: (client: Client) => void): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const client = this.#join(webSocket, socket, lane);
      joined?.(client);
    });
  }

  hasSubscribers(stream: string): boolean {
    return (this.#subscribers.get(stream)?.size ?? 0) > 0;
  }

  subscribe(client: Client, stream: string): void {
    client.streams.add(stream);
    const subscribers = this.#subscribers.get(stream);
    if (subscribers === undefined) this.#subscribers.set(stream, new Set([client]));
    else subscribers.add(client);
  }

  unsubscribe(client: Client, stream: string): void {
    client.streams.delete(stream);
    client.newTo.delete(stream);
    this.#subscribers.get(stream)?.delete(client);
  }

  /** Sends one event to all who follow the stream and have its beginning. */
  publish(stream: string, frame: Frame): void {
    const subscribers = this.#subscribers.get(stream);
    if (subscribers === undefined || subscribers.size === 0) return;
    const { wrap } = this.#options;
    for (const client of subscribers) {
      if (client.newTo.size > 0 && client.newTo.has(stream)) continue;
      this.send(client, wrap === undefined ? frame : wrap(client, stream, frame));
    }
  }

  /** The clients that are owed the stream's book, once each. */
  takeNewcomers(stream: string): readonly Client[] {
    const found: Client[] = [];
    for (const client of this.#subscribers.get(stream) ?? []) if (client.newTo.delete(stream)) found.push(client);
    return found;
  }

  /** Sends to one client; nothing leaves while the venue is scripted to be silent. */
  send(client: Client, frame: Frame): void {
    if (client.closing || client.dead || this.#mute()) return;
    if (client.socket.bufferedAmount > SEND_BUFFER_BYTES_MAX) {
      this.close(client, POLICY_VIOLATION, `too slow: more than ${SEND_BUFFER_BYTES_MAX} bytes were waiting to be read`);
      return;
    }
    client.socket.send(frame);
    if (this.#closeAfter === undefined || ++client.sent < this.#closeAfter) return;
    this.#closeAfter = undefined;
    this.close(client, GOING_AWAY, 'scripted fault');
  }

  /** Runs `publishing` and lets what it sends to one client leave in one write. */
  batch(publishing: () => void): void {
    if (this.#frozen.length > 0) this.#endFrozen();
    if (this.#clients.size === 0) {
      publishing();
      return;
    }
    for (const client of this.#clients) client.raw.cork();
    try {
      publishing();
    } finally {
      for (const client of this.#clients) client.raw.uncork();
    }
  }

  closeAll(reason: string): void {
    for (const client of this.#clients) this.close(client, GOING_AWAY, reason);
  }

  /** The next connection that gets this many messages from now on is closed. */
  closeAfter(messages: number): void {
    this.#closeAfter = messages;
    for (const client of this.#clients) client.sent = 0;
  }

  /** From now on the open connections are neither read nor written; they end at market time `until`. */
  freeze(until: number): void {
    for (const client of this.#clients) {
      if (client.dead) continue;
      client.dead = true;
      client.raw.pause();
      this.#frozen.push({ client, until });
    }
  }

  /** Ends every connection at once; none is accepted afterwards. */
  shutdown(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    for (const client of this.#clients) client.socket.terminate();
    this.#server.close();
  }

  close(client: Client, code: number, reason: string): void {
    if (client.closing) return;
    client.closing = true;
    client.socket.close(code, reason);
  }

  #endFrozen(): void {
    const now = this.#options.time();
    const over = this.#frozen.filter(({ until }) => until <= now);
    this.#frozen = this.#frozen.filter(({ until }) => until > now);
    for (const { client } of over) {
      client.socket.terminate();
      client.raw.resume();
    }
  }

  #mute(): boolean {
    const { faults, time } = this.#options;
    return faults.active('silent', time()) !== undefined;
  }

  #join(socket: WebSocket, raw: Duplex, lane: string): Client {
    const { wall } = this.#options;
    const now = wall.now();
    const client: Client = {
      socket,
      raw,
      lane,
      streams: new Set(),
      newTo: new Set(),
      closing: false,
      dead: false,
      lastHeardMs: now,
      windowStartMs: now,
      incoming: 0,
      sent: 0,
    };
    this.#clients.add(client);
    socket.on('pong', () => {
      client.lastHeardMs = wall.now();
    });
    socket.on('message', (data) => this.#onMessage(client, data));
    // What a broken socket says is told by 'close', which follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#leave(client));
    return client;
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    for (const stream of client.streams) this.#subscribers.get(stream)?.delete(client);
  }

  #onMessage(client: Client, data: RawData): void {
    if (client.dead) return;
    const now = this.#options.wall.now();
    client.lastHeardMs = now;
    if (now - client.windowStartMs >= 1_000) {
      client.windowStartMs = now;
      client.incoming = 0;
    }
    if (++client.incoming > this.#options.incomingPerSecond) this.close(client, POLICY_VIOLATION, 'Too many requests');
    else this.#onText(client, String(data));
  }

  #checkAll(): void {
    const { wall, pingEveryMs, deafMs = Number.POSITIVE_INFINITY } = this.#options;
    const now = wall.now();
    const pings = pingEveryMs !== undefined && !this.#mute();
    for (const client of this.#clients) {
      if (client.dead) continue;
      if (now - client.lastHeardMs > deafMs) client.socket.terminate();
      else if (!client.closing && pings) client.socket.ping(String(Math.floor(now)));
    }
  }
}

/** Ends an upgrade that no stream server takes. */
export function refuseUpgrade(socket: Duplex, status: string, reason: string, headers = ''): void {
  const body = JSON.stringify({ code: -1000, msg: reason });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}Connection: close\r\n\r\n${body}`,
  );
}
