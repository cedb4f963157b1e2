import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { exchangeInfo } from '../../lab/binance/exchange-info.ts';
import { LAB_INSTRUMENTS } from '../../lab/instruments.ts';
import { tellParent } from '../role-process.ts';
import { after, type DepthFlow, depthFlow, type DepthFlowOptions } from './depth-flow.ts';
import { snapshotText, timeOf, WireFrames, type WireForm } from './wire.ts';

export type ToServer =
  /** Sends the rest of the pass in progress and then so many passes, as fast as the client reads. */
  | { readonly kind: 'burst'; readonly passes: number }
  /** The same, one message after another at this rate. */
  | { readonly kind: 'paced'; readonly passes: number; readonly perSecond: number };

export type FromServer =
  | { readonly kind: 'listening'; readonly port: number }
  /** Said before sending: how many messages will come, and the event time of the last. */
  | { readonly kind: 'target'; readonly messages: number; readonly time: number };

/** While a client gets in step with the stream it is sent a message this often. */
const SETUP_PERIOD_MS = 5;
const BATCH_BYTES = 128 * 1024;

/**
 * Binance spot's depth stream and the REST calls that a client needs to follow it, on loopback, for one client at a time.
 * Update ids are contiguous; a snapshot is the book right before the next message.
 */
export async function serveDepth(options: DepthFlowOptions): Promise<void> {
  const flow = depthFlow(options);
  const frames: Record<WireForm, WireFrames> = { combined: new WireFrames(flow, 'combined'), raw: new WireFrames(flow, 'raw') };
  const count = flow.messages.length;
  let sequence = 0;
  let client: { readonly socket: Duplex; readonly frames: WireFrames } | undefined;
  let setup: NodeJS.Timeout | undefined;

  const sendOne = (): void => {
    if (client === undefined) return;
    const { start, end } = client.frames.renumber(sequence++);
    client.socket.write(client.frames.bytes.subarray(start, end));
  };

  /** Awaiting each batch keeps its bytes untouched until they are in the kernel. */
  const burst = async (upTo: number): Promise<void> => {
    while (sequence < upTo && client !== undefined) {
      const { bytes } = client.frames;
      const first = client.frames.renumber(sequence++);
      let last = first;
      while (sequence < upTo && sequence % count !== 0 && last.end - first.start < BATCH_BYTES)
        last = client.frames.renumber(sequence++);
      const { socket } = client;
      await new Promise<void>((resolve) => socket.write(bytes.subarray(first.start, last.end), () => resolve()));
    }
  };

  const paced = (upTo: number, perSecond: number): void => {
    const startedAt = performance.now();
    const first = sequence;
    const timer = setInterval(() => {
      const due = first + ((performance.now() - startedAt) * perSecond) / 1000;
      while (sequence < Math.min(upTo, due)) sendOne();
      if (sequence >= upTo) clearInterval(timer);
    }, 1);
  };

  const server = createServer((request, response) => answer(request, response, flow, frames.raw, sequence));
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const form: WireForm = request.url?.startsWith('/stream?') ? 'combined' : 'raw';
      const start = (): void => {
        client = { socket, frames: frames[form] };
        setup ??= setInterval(sendOne, SETUP_PERIOD_MS);
      };
      webSocket.on('message', (data) => {
        const { id } = JSON.parse(data.toString()) as { id: number };
        webSocket.send(JSON.stringify({ result: null, id }));
        start();
      });
      webSocket.on('close', () => {
        clearInterval(setup);
        setup = undefined;
        client = undefined;
      });
      webSocket.on('error', () => webSocket.terminate());
      // A stream that is named in the address needs no subscription.
      if (request.url?.includes('@depth')) start();
    });
  });
  process.on('message', (message: ToServer) => {
    clearInterval(setup);
    setup = undefined;
    const rest = (count - (sequence % count)) % count;
    const messages = rest + message.passes * count;
    const upTo = sequence + messages;
    tellParent<FromServer>({ kind: 'target', messages, time: timeOf(upTo - 1) });
    if (message.kind === 'burst') void burst(upTo);
    else paced(upTo, message.perSecond);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  tellParent<FromServer>({ kind: 'listening', port });
}

function answer(request: IncomingMessage, response: ServerResponse, flow: DepthFlow, frames: WireFrames, sequence: number): void {
  const url = new URL(request.url ?? '/', 'http://venue');
  const send = (body: string): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  switch (url.pathname) {
    case '/api/v3/ping':
      return send('{}');
    case '/api/v3/time':
      return send(JSON.stringify({ serverTime: timeOf(sequence) }));
    case '/api/v3/exchangeInfo':
      return send(JSON.stringify(exchangeInfo(timeOf(sequence), LAB_INSTRUMENTS)));
    case '/api/v3/depth': {
      const limit = Number(url.searchParams.get('limit') ?? 100);
      const passed = sequence >= flow.messages.length;
      const book = after({ start: passed ? flow.end : flow.start, messages: flow.messages }, sequence % flow.messages.length);
      return send(snapshotText(frames.lastUpdateId(sequence), book.bids.slice(0, limit), book.asks.slice(0, limit)));
    }
    default:
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":-1,"msg":"not served here"}');
  }
}
