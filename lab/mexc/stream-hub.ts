import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProtocolSetup } from '../protocol/protocol.ts';
import { type Client, refuseUpgrade, StreamServer } from '../protocol/stream-server.ts';

/** Source for these: MEXC spot v3 docs, "Websocket market streams". */
const STREAMS_MAX = 30;
const DEAF_MS = 60_000;
const INCOMING_PER_SECOND_MAX = 100;

/** MEXC spot's stream server: requests and their answers in JSON, market data in protobuf frames. */
export class MexcHub extends StreamServer {
  readonly #known: ReadonlySet<string>;

  constructor(channels: Iterable<string>, { wall, faults, time }: ProtocolSetup) {
    super({ wall, faults, time, incomingPerSecond: INCOMING_PER_SECOND_MAX, deafMs: DEAF_MS });
    this.#known = new Set(channels);
    this.onText((client, text) => this.#answer(client, text));
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (url.pathname !== '/ws') refuseUpgrade(socket, '404 Not Found', 'the stream is at /ws');
    else this.accept(request, socket, head, 'spot');
  }

  #answer(client: Client, text: string): void {
    const request = parseRequest(text);
    if (request === undefined) return this.#say(client, 'msg is not json', 1);
    const { method, params } = request;
    if (method === 'PING') return this.#say(client, 'PONG');
    if (method === 'UNSUBSCRIPTION') {
      for (const channel of params) this.unsubscribe(client, channel);
      return this.#say(client, params.join(','));
    }
    if (method !== 'SUBSCRIPTION') return this.#say(client, 'wrong method', 1);
    // MEXC takes what it can, and tells the rest in words, with code 0.
    const taken = params.filter(
      (channel) => this.#known.has(channel) && client.streams.size < STREAMS_MAX && this.#take(client, channel),
    );
    const refused = params.filter((channel) => !taken.includes(channel));
    if (refused.length === 0) this.#say(client, taken.join(','));
    else this.#say(client, `Not Subscribed successfully! [${refused.join(',')}].  Reason： Blocked! `);
  }

  #take(client: Client, channel: string): boolean {
    this.subscribe(client, channel);
    return true;
  }

  #say(client: Client, msg: string, code = 0): void {
    this.send(client, JSON.stringify({ id: 0, code, msg }));
  }
}

function parseRequest(text: string): { readonly method: string; readonly params: readonly string[] } | undefined {
  try {
    const request = JSON.parse(text) as { method?: unknown; params?: unknown } | null;
    if (typeof request?.method !== 'string') return undefined;
    const { params = [] } = request;
    if (!Array.isArray(params) || !params.every((name) => typeof name === 'string')) return undefined;
    return { method: request.method, params };
  } catch {
    return undefined;
  }
}
