import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/base/clock.ts';
import { FaultScript } from '../faults/script.ts';
import { type Client, refuseUpgrade, StreamServer } from '../protocol/stream-server.ts';

/** Source for these four: Binance spot docs, "WebSocket streams", general information. */
const STREAMS_MAX = 1_024;
const INCOMING_PER_SECOND_MAX = 5;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 60_000;

/**
 * Binance spot's stream server: `/stream?streams=a/b`, `/ws/a/b` and `/ws`, SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS, pings.
 * Combined connections get `{"stream":…,"data":…}`, raw ones the data alone. Knows which streams exist, not what they carry.
 */
export class StreamHub extends StreamServer {
  readonly #known: ReadonlySet<string>;

  constructor(streams: Iterable<string>, wall: Clock, faults = new FaultScript(), time: () => number = () => 0) {
    super({
      wall,
      faults,
      time,
      incomingPerSecond: INCOMING_PER_SECOND_MAX,
      pingEveryMs: PING_EVERY_MS,
      deafMs: PONG_WITHIN_MS,
      wrap: ({ lane }, stream, frame) =>
        lane === 'combined' && typeof frame === 'string' ? `{"stream":"${stream}","data":${frame}}` : frame,
    });
    this.#known = new Set(streams);
    this.onText((client, text) => this.send(client, JSON.stringify(this.#answer(client, text))));
  }

  /** Takes over an HTTP upgrade; refuses with an HTTP status where Binance has no such endpoint or the lab has no such stream. */
  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const combined = url.pathname === '/stream';
    if (!combined && url.pathname !== '/ws' && !url.pathname.startsWith('/ws/'))
      return refuseUpgrade(socket, '404 Not Found', 'no such endpoint');
    const named = combined ? (url.searchParams.get('streams') ?? '') : url.pathname.slice('/ws/'.length);
    const streams = named.split('/').filter((name) => name !== '');
    const unknown = streams.find((name) => !this.#known.has(name));
    if (unknown !== undefined) return refuseUpgrade(socket, '400 Bad Request', `the practice market has no stream ${unknown}`);
    this.accept(request, socket, head, combined ? 'combined' : 'raw', (client) => {
      for (const stream of streams) this.subscribe(client, stream);
    });
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
      if (method === 'SUBSCRIBE') this.subscribe(client, stream);
      else this.unsubscribe(client, stream);
    }
    return { result: null, id };
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
