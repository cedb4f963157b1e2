import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProtocolSetup } from '../protocol/protocol.ts';
import { type Client, refuseUpgrade, StreamServer } from '../protocol/stream-server.ts';

const ADDRESS = /^\/v5\/public\/(spot|linear|inverse)$/;
/** Bybit limits connections, not messages; this keeps a client that has gone wild from taking the lab's time. */
const INCOMING_PER_SECOND_MAX = 100;
/** Spot takes ten topics a request. Source: Bybit v5 docs, "Connect". */
const SPOT_TOPICS_PER_REQUEST = 10;

/** Streams of all categories by one name. */
export function streamOf(category: string, topic: string): string {
  return `${category}/${topic}`;
}

/** Bybit v5's public streams, one address a category: `{"op":"subscribe","args":[…]}`, unsubscribe and ping. */
export class BybitHub extends StreamServer {
  readonly #known: ReadonlySet<string>;
  readonly #onSubscribed: (client: Client, stream: string) => void;
  #connections = 0;

  constructor(streams: Iterable<string>, setup: ProtocolSetup, onSubscribed: (client: Client, stream: string) => void) {
    super({ wall: setup.wall, faults: setup.faults, time: setup.time, incomingPerSecond: INCOMING_PER_SECOND_MAX });
    this.#known = new Set(streams);
    this.#onSubscribed = onSubscribed;
    this.onText((client, text) => this.#answer(client, text));
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const category = ADDRESS.exec(url.pathname)?.[1];
    if (category === undefined)
      return refuseUpgrade(socket, '404 Not Found', 'streams are at /v5/public/spot, linear and inverse');
    this.#connections++;
    this.accept(request, socket, head, category);
  }

  #answer(client: Client, text: string): void {
    const request = parseRequest(text);
    if (request === undefined) return this.#say(client, false, 'Request parameter is invalid', '', 'subscribe');
    const { op, args, id } = request;
    if (op === 'ping') return this.#say(client, true, 'pong', id, 'ping');
    if (op !== 'subscribe' && op !== 'unsubscribe') return this.#say(client, false, `Invalid op: ${op}`, id, op);
    if (client.lane === 'spot' && args.length > SPOT_TOPICS_PER_REQUEST)
      return this.#say(client, false, `args size >${SPOT_TOPICS_PER_REQUEST}`, id, op);
    const unknown = args.find((topic) => !this.#known.has(streamOf(client.lane, topic)));
    if (unknown !== undefined) return this.#say(client, false, `error:handler not found,topic:${unknown}`, id, op);
    this.#say(client, true, op === 'subscribe' ? 'subscribe' : '', id, op);
    for (const topic of args) {
      const stream = streamOf(client.lane, topic);
      if (op === 'unsubscribe') this.unsubscribe(client, stream);
      else if (!client.streams.has(stream)) {
        this.subscribe(client, stream);
        this.#onSubscribed(client, stream);
      }
    }
  }

  #say(client: Client, success: boolean, text: string, id: string, op: string): void {
    this.send(client, JSON.stringify({ success, ret_msg: text, conn_id: `lab-${this.#connections}`, req_id: id, op }));
  }
}

function parseRequest(text: string): { readonly op: string; readonly args: readonly string[]; readonly id: string } | undefined {
  try {
    const request = JSON.parse(text) as { op?: unknown; args?: unknown; req_id?: unknown } | null;
    if (typeof request?.op !== 'string') return undefined;
    const { args = [], req_id: id = '' } = request;
    if (!Array.isArray(args) || !args.every((topic) => typeof topic === 'string')) return undefined;
    return { op: request.op, args, id: String(id) };
  } catch {
    return undefined;
  }
}
