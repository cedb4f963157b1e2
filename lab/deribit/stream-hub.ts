import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../../core/base/clock.ts';
import type { ProtocolSetup } from '../protocol/protocol.ts';
import { type Client, refuseUpgrade, StreamServer } from '../protocol/stream-server.ts';

const ADDRESS = '/ws/api/v2';
/** Deribit gives 20 requests a second without a login, with bursts of 100. Source: Deribit docs, "Rate limits". */
const INCOMING_PER_SECOND_MAX = 100;
const HEARTBEAT_S_MIN = 10;
const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;
const PARSE_ERROR = -32700;

export interface RpcRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `result` as JSON text, or the error that is told instead. */
export type RpcAnswer =
  | { readonly result: string }
  | { readonly code: number; readonly message: string; readonly reason: string };

export interface RpcHandlers {
  /** Methods that do not belong to the connection; undefined for one that Deribit does not have. */
  readonly call: (method: string, params: (name: string) => string | undefined) => RpcAnswer | undefined;
  readonly isChannel: (name: string) => boolean;
  readonly onSubscribed: (client: Client, channel: string) => void;
}

interface Heart {
  readonly cancel: Cancel;
  asked: boolean;
}

/** Deribit's JSON-RPC over one WebSocket address: public methods, subscriptions, and heartbeats with test requests. */
export class DeribitHub extends StreamServer {
  readonly #wall: Clock;
  readonly #handlers: RpcHandlers;
  readonly #hearts = new Map<Client, Heart>();

  constructor(setup: ProtocolSetup, handlers: RpcHandlers) {
    super({ wall: setup.wall, faults: setup.faults, time: setup.time, incomingPerSecond: INCOMING_PER_SECOND_MAX });
    this.#wall = setup.wall;
    this.#handlers = handlers;
    this.onText((client, text) => this.#onText(client, text));
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (url.pathname !== ADDRESS) return refuseUpgrade(socket, '404 Not Found', `the stream is at ${ADDRESS}`);
    this.accept(request, socket, head, 'public', (client) => client.socket.on('close', () => this.#stopHeart(client)));
  }

  override shutdown(): void {
    for (const client of this.#hearts.keys()) this.#stopHeart(client);
    super.shutdown();
  }

  #onText(client: Client, text: string): void {
    const request = parseRequest(text);
    if (request === undefined)
      this.send(client, rpcText(null, { code: PARSE_ERROR, message: 'Parse error', reason: 'invalid JSON' }));
    else this.#onRequest(client, request);
  }

  #onRequest(client: Client, { id, method, params }: RpcRequest): void {
    const say = (answer: RpcAnswer): void => this.send(client, rpcText(id, answer));
    switch (method) {
      case 'public/subscribe':
      case 'public/unsubscribe':
        return this.#subscribe(client, method === 'public/subscribe', params['channels'], say);
      case 'public/unsubscribe_all':
        for (const channel of client.streams) this.unsubscribe(client, channel);
        return say({ result: '"ok"' });
      case 'public/set_heartbeat': {
        const interval = params['interval'];
        if (typeof interval !== 'number' || !(interval >= HEARTBEAT_S_MIN && interval <= 3_600))
          return say(invalid(`interval must be ${HEARTBEAT_S_MIN} or more seconds`));
        this.#startHeart(client, interval * 1_000);
        return say({ result: '"ok"' });
      }
      case 'public/disable_heartbeat':
        this.#stopHeart(client);
        return say({ result: '"ok"' });
      default: {
        const heart = this.#hearts.get(client);
        if (method === 'public/test' && heart !== undefined) heart.asked = false;
        const read = (name: string): string | undefined => (params[name] === undefined ? undefined : String(params[name]));
        return say(
          this.#handlers.call(method, read) ?? { code: METHOD_NOT_FOUND, message: 'Method not found', reason: `no ${method}` },
        );
      }
    }
  }

  #subscribe(client: Client, wanted: boolean, channels: unknown, say: (answer: RpcAnswer) => void): void {
    if (!Array.isArray(channels) || !channels.every((channel) => typeof channel === 'string'))
      return say(invalid('channels must be a list'));
    // Deribit leaves out what it does not know, and refuses when nothing is left.
    const known = (channels as string[]).filter((channel) => this.#handlers.isChannel(channel));
    if (known.length === 0 && channels.length > 0) return say(invalid('unrecognized channel'));
    say({ result: JSON.stringify(known) });
    for (const channel of known) {
      if (!wanted) this.unsubscribe(client, channel);
      else if (!client.streams.has(channel)) {
        this.subscribe(client, channel);
        this.#handlers.onSubscribed(client, channel);
      }
    }
  }

  /** Asks every `everyMs`; who has not answered by the next time is cut off. */
  #startHeart(client: Client, everyMs: number): void {
    this.#stopHeart(client);
    const heart: Heart = {
      asked: false,
      cancel: this.#wall.every(everyMs, () => {
        if (heart.asked) return void client.socket.terminate();
        heart.asked = true;
        this.send(client, '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
      }),
    };
    this.#hearts.set(client, heart);
  }

  #stopHeart(client: Client): void {
    this.#hearts.get(client)?.cancel();
    this.#hearts.delete(client);
  }
}

export function invalid(reason: string): RpcAnswer {
  return { code: INVALID_PARAMS, message: 'Invalid params', reason };
}

/** A JSON-RPC answer as text. */
export function rpcText(id: unknown, answer: RpcAnswer): string {
  const head = `{"jsonrpc":"2.0",${id === undefined ? '' : `"id":${JSON.stringify(id)},`}`;
  if ('result' in answer) return `${head}"result":${answer.result},"usIn":0,"usOut":0,"usDiff":0,"testnet":false}`;
  const { code, message, reason } = answer;
  return `${head}"error":${JSON.stringify({ message, data: { reason }, code })},"testnet":false}`;
}

function parseRequest(text: string): RpcRequest | undefined {
  try {
    const request = JSON.parse(text) as { id?: unknown; method?: unknown; params?: unknown } | null;
    if (typeof request?.method !== 'string') return undefined;
    const { params = {} } = request;
    if (typeof params !== 'object' || params === null) return undefined;
    return { id: request.id, method: request.method, params: params as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
