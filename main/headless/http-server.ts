import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Desk } from '../host/desk.ts';
import type { Log } from '../ports/log.ts';
import { SECURITY_HEADERS, serveAsset } from '../host/static-files.ts';
import type { Access } from './access.ts';

const LARGEST_MESSAGE_BYTES = 1 << 20;
/** A browser that stops reading is cut off here; it reconnects and asks for snapshots. */
const MOST_BUFFERED_BYTES = 16 << 20;

interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly pageFolder: string;
  readonly access: Access;
  readonly desk: Desk;
  readonly log: Log;
}

/** Serves the page and one WebSocket per window, to signed-in browsers of this machine's own origin only. */
export async function startHttpServer(options: HttpServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { access, desk, log } = options;
  const server = createServer((request, response) => {
    handle(request, response).catch((thrown: unknown) => {
      log.error({ detail: String(thrown) }, 'a page request failed');
      if (response.headersSent) response.destroy();
      else deny(response, 500, 'The desk could not answer; its log says why.');
    });
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = urlOf(request);
    if (!isOurHost(request)) return deny(response, 403, 'Open the desk by the address that it printed.');
    if (url === undefined) return deny(response, 400, 'This is not an address of the desk.');
    if (request.method !== 'GET') return deny(response, 405, 'Only GET is served here.');
    const token = url.searchParams.get('token');
    if (token !== null) {
      const cookie = access.redeem(token);
      if (cookie === undefined && !access.admits(request.headers.cookie)) {
        return deny(response, 401, 'This link was used already or is wrong. The terminal shows the link that works now.');
      }
      response
        .writeHead(303, { Location: '/', ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }), 'Cache-Control': 'no-store' })
        .end();
      return;
    }
    if (!access.admits(request.headers.cookie))
      return deny(response, 401, 'Open the link that the desk printed in its terminal.');
    const file = await serveAsset(options.pageFolder, url.pathname);
    response.writeHead(file.status, { ...file.headers }).end(file.body);
  };

  server.on('upgrade', (request, socket, head) => {
    // Nobody else listens to this socket now, and an error without a listener would end the desk.
    socket.on('error', () => socket.destroy());
    const origin = request.headers.origin;
    const sameOrigin = origin !== undefined && origin === `http://${request.headers.host ?? ''}`;
    if (
      urlOf(request)?.pathname !== '/api/socket' ||
      !isOurHost(request) ||
      !sameOrigin ||
      !access.admits(request.headers.cookie)
    ) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n', () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => attach(webSocket));
  });

  const attach = (socket: WebSocket): void => {
    const connection = desk.connect((message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MOST_BUFFERED_BYTES) {
        socket.close(1013, 'the page does not keep up');
        return;
      }
      socket.send(JSON.stringify(message));
    });
    socket.on('message', (data) => {
      let message: unknown;
      try {
        message = JSON.parse(data.toString());
      } catch {
        socket.close(1007, 'messages are JSON');
        return;
      }
      connection.receive(message);
    });
    socket.on('close', () => connection.close());
    socket.on('error', (thrown) => log.warn({ reason: thrown.message }, 'a window connection failed'));
  };

  /** A page on another site that resolves to this address (DNS rebinding) arrives with that site's name. */
  const isOurHost = (request: IncomingMessage): boolean => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    return (
      name === options.host || name === `[${options.host}]` || name === '127.0.0.1' || name === 'localhost' || name === '[::1]'
    );
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => {
      reject(
        thrown.code === 'EADDRINUSE'
          ? new Error(
              `Port ${options.port} on ${options.host} is taken. Set another with COBALT_HEADLESS_PORT=8081 or headless.port in config.yaml.`,
            )
          : thrown,
      );
    });
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Undefined for what no browser asks for, such as `//`. */
function urlOf(request: IncomingMessage): URL | undefined {
  try {
    return new URL(request.url ?? '/', 'http://desk');
  } catch {
    return undefined;
  }
}

function deny(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...SECURITY_HEADERS }).end(text);
}
