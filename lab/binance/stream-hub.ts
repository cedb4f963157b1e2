import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../core/base/clock.ts';

/** A client that lets this much pile up does not read; it is closed, so that it cannot take the lab's memory. */
export const SEND_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** Source for these four: Binance spot docs, "WebSocket streams", general information. */
const STREAMS_MAX = 1_024;
const INCOMING_PER_SECOND_MAX = 5;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 60_000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

interface Client {
  readonly socket: WebSocket;
  readonly raw: Duplex;
  /** Combined connections get `{"stream":…,"data":…}`, raw ones the data alone. */
  readonly combined: boolean;
  readonly streams: Set<string>;
  closing: boolean;
  lastPongMs: number;
  windowStartMs: number;
  incoming: number;
}

/**
 * Binance spot's stream server: `/stream?streams=a/b`, `/ws/a/b` and `/ws`, SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS, pings.
 * Knows which streams exist, not what they carry.
 */
export class StreamHub {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  readonly #known: ReadonlySet<string>;
  readonly #wall: Clock;
  readonly #clients = new Set<Client>();
  readonly #subscribers = new Map<string, Set<Client>>();

  constructor(streams: Iterable<string>, wall: Clock) {
    this.#known = new Set(streams);
    this.#wall = wall;
    for (const stream of this.#known) this.#subscribers.set(stream, new Set());
    wall.every(PING_EVERY_MS, () => this.#pingAll());
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Takes over an HTTP upgrade; refuses with an HTTP status where Binance has no such endpoint or the lab has no such stream. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://lab');
    const combined = url.pathname === '/stream';
    if (!combined && url.pathname !== '/ws' && !url.pathname.startsWith('/ws/'))
      return refuse(socket, '404 Not Found', 'no such endpoint');
    const named = combined ? (url.searchParams.get('streams') ?? '') : url.pathname.slice('/ws/'.length);
    const streams = named.split('/').filter((name) => name !== '');
    const unknown = streams.find((name) => !this.#known.has(name));
    if (unknown !== undefined) return refuse(socket, '400 Bad Request', `the practice market has no stream ${unknown}`);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#join(webSocket, socket, combined, streams));
  }

  hasSubscribers(stream: string): boolean {
    return (this.#subscribers.get(stream)?.size ?? 0) > 0;
  }

  /** Sends one event's JSON to all who follow the stream. */
  publish(stream: string, data: string): void {
    const subscribers = this.#subscribers.get(stream);
    if (subscribers === undefined || subscribers.size === 0) return;
    let wrapped: string | undefined;
    for (const client of subscribers) {
      if (client.closing) continue;
      if (client.socket.bufferedAmount > SEND_BUFFER_BYTES_MAX) {
        this.#close(client, POLICY_VIOLATION, `too slow: more than ${SEND_BUFFER_BYTES_MAX} bytes were waiting to be read`);
        continue;
      }
      if (client.combined) wrapped ??= `{"stream":"${stream}","data":${data}}`;
      client.socket.send(client.combined ? (wrapped as string) : data);
    }
  }

  /** Runs `publishing` and lets what it sends to one client leave in one write. */
  batch(publishing: () => void): void {
    for (const client of this.#clients) client.raw.cork();
    try {
      publishing();
    } finally {
      for (const client of this.#clients) client.raw.uncork();
    }
  }

  closeAll(reason: string): void {
    for (const client of this.#clients) this.#close(client, GOING_AWAY, reason);
  }

  /** Ends every connection at once; none is accepted afterwards. */
  shutdown(): void {
    for (const client of this.#clients) client.socket.terminate();
    this.#server.close();
  }

  #join(socket: WebSocket, raw: Duplex, combined: boolean, streams: readonly string[]): void {
    const now = this.#wall.now();
    const client: Client = {
      socket,
      raw,
      combined,
      streams: new Set(),
      closing: false,
      lastPongMs: now,
      windowStartMs: now,
      incoming: 0,
    };
    this.#clients.add(client);
    for (const stream of streams) this.#subscribe(client, stream);
    socket.on('pong', () => {
      client.lastPongMs = this.#wall.now();
    });
    socket.on('message', (data) => this.#onMessage(client, data));
    // What a broken socket says is told by 'close', which follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#leave(client));
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    for (const stream of client.streams) this.#subscribers.get(stream)?.delete(client);
  }

  #close(client: Client, code: number, reason: string): void {
    if (client.closing) return;
    client.closing = true;
    client.socket.close(code, reason);
  }

  #subscribe(client: Client, stream: string): void {
    client.streams.add(stream);
    this.#subscribers.get(stream)?.add(client);
  }

  #onMessage(client: Client, data: RawData): void {
    const now = this.#wall.now();
    if (now - client.windowStartMs >= 1_000) {
      client.windowStartMs = now;
      client.incoming = 0;
    }
    if (++client.incoming > INCOMING_PER_SECOND_MAX) return this.#close(client, POLICY_VIOLATION, 'Too many requests');
    client.socket.send(JSON.stringify(this.#answer(client, String(data))));
  }

  #answer(client: Client, text: string): object {
    const request = parseRequest(text);
    if (request === undefined)
      return { error: { code: 3, msg: 'Invalid JSON: expected {"method":…,"params":[…],"id":…}' }, id: null };
    const { method, params, id } = request;
    if (method === 'LIST_SUBSCRIPTIONS') return { result: [...client.streams], id };
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE')
      return { error: { code: 2, msg: `Invalid request: unknown method ${method}` }, id };
    const unknown = params.find((name) => !this.#known.has(name));
    if (unknown !== undefined)
      return { error: { code: 2, msg: `Invalid request: the practice market has no stream ${unknown}` }, id };
    if (method === 'SUBSCRIBE' && client.streams.size + params.length > STREAMS_MAX)
      return { error: { code: 2, msg: `Invalid request: more than ${STREAMS_MAX} streams` }, id };
    for (const stream of params) {
      if (method === 'SUBSCRIBE') this.#subscribe(client, stream);
      else {
        client.streams.delete(stream);
        this.#subscribers.get(stream)?.delete(client);
      }
    }
    return { result: null, id };
  }

  #pingAll(): void {
    const now = this.#wall.now();
    for (const client of this.#clients) {
      if (now - client.lastPongMs > PONG_WITHIN_MS) client.socket.terminate();
      else if (!client.closing) client.socket.ping(String(Math.floor(now)));
    }
  }
}

interface StreamRequest {
  readonly method: string;
  readonly params: readonly string[];
  readonly id: string | number | null;
}

function parseRequest(text: string): StreamRequest | undefined {
  try {
    const request: unknown = JSON.parse(text);
    if (typeof request !== 'object' || request === null) return undefined;
    const { method, params = [], id = null } = request as { method?: unknown; params?: unknown; id?: unknown };
    if (typeof method !== 'string' || !Array.isArray(params) || !params.every((name) => typeof name === 'string'))
      return undefined;
    return { method, params, id: typeof id === 'string' || typeof id === 'number' ? id : null };
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: string, reason: string): void {
  const body = JSON.stringify({ code: -1000, msg: reason });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
