import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { ok } from '../../core/base/result.ts';
import { Connection } from '../host/connection.ts';
import type { Desk } from '../host/desk.ts';
import { silentLog } from '../host/log.ts';
import type { Log } from '../ports/log.ts';
import { type Access, createAccess } from './access.ts';
import { startHttpServer } from './http-server.ts';

let folder: string;
let server: { url: string; close(): Promise<void> };
let port: number;
let access: Access;
let token: string;
const sockets: WebSocket[] = [];
/** Windows that are connected now, and what was received from them. */
let windows: Set<Connection>;
let error: ReturnType<typeof vi.fn<Log['error']>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-http-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html>desk');
  writeFileSync(join(folder, 'page', 'assets', 'app.js'), 'app()');
  writeFileSync(join(folder, 'secret.json'), 'secret');
  access = createAccess(undefined);
  access.onLink((next) => {
    token = next;
  });
  windows = new Set();
  error = vi.fn<Log['error']>();
  const log = { ...silentLog, error };
  const desk: Desk = {
    connect(send) {
      const connection: Connection = new Connection({
        reach: () => ({ commands: { cancelAllOrders: () => ok({ cancelled: 4 }) }, streams: {} }),
        send,
        wall: new ManualClock(0),
        log,
        onClose: () => windows.delete(connection),
      });
      windows.add(connection);
      return connection;
    },
    headlessAddress: async () => ({ host: '127.0.0.1', port: 0 }),
    mode: () => 'SIM',
    describe: () => '',
    close: async () => {},
  };
  server = await startHttpServer({ host: '127.0.0.1', port: 0, pageFolder: join(folder, 'page'), access, desk, log });
  port = Number(new URL(server.url).port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request exactly as written: nothing normalises its path. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function signIn(): Promise<string> {
  const answer = await get(`/?token=${token}`);
  return (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] as string;
}

function open(headers: Record<string, string>, path = '/api/socket', origin: string | undefined = server.url): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, ...(origin === undefined ? {} : { origin }) });
  sockets.push(socket);
  return socket;
}

/** The status with which the handshake was refused, or 101. */
function handshake(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

async function openWindow(): Promise<WebSocket> {
  const socket = open({ Cookie: await signIn() });
  expect(await handshake(socket)).toBe(101);
  return socket;
}

describe('the page', () => {
  it('is shown to nobody without a session, and no file either', async () => {
    for (const path of ['/', '/index.html', '/assets/app.js', '/?token=', '/?token=wrong', '/nothing']) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers['content-security-policy']).toBeDefined();
    }
  });

  it('is reached by the link once; the browser stays signed in', async () => {
    const link = `/?token=${token}`;
    const first = await get(link);
    expect([first.status, first.headers.location, first.headers['cache-control']]).toEqual([303, '/', 'no-store']);
    const cookie = first.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toContain('HttpOnly');
    const session = { Cookie: cookie.split(';')[0] as string };
    expect(await get('/', session)).toMatchObject({ status: 200, body: '<!doctype html>desk' });
    expect(await get('/assets/app.js', session)).toMatchObject({ status: 200, body: 'app()' });
    expect((await get(link)).status).toBe(401);
    // Whoever is signed in may reload the used link.
    expect((await get(link, session)).status).toBe(303);
  });

  it('refuses a page of another site that resolves to this machine', async () => {
    const Cookie = await signIn();
    for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, `localhost.:${port}`]) {
      expect([host, (await get('/', { Cookie, Host: host })).status]).toEqual([host, 403]);
      expect((await get(`/?token=${token}`, { Host: host })).status).toBe(403);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost', `[::1]:${port}`]) {
      expect([host, (await get('/', { Cookie, Host: host })).status]).toEqual([host, 200]);
    }
  });

  it('serves nothing from outside its folder', async () => {
    const Cookie = await signIn();
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '/assets/..%5c..%5csecret.json',
      '/%252e%252e/secret.json',
    ]) {
      const answer = await get(path, { Cookie });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).not.toContain('secret');
    }
  });

  it('answers odd requests without harm', async () => {
    const Cookie = await signIn();
    expect((await get('//', { Cookie })).status).toBe(400);
    expect((await get('/', { Cookie }, 'POST')).status).toBe(405);
    expect((await get('http://[', { Cookie })).status).toBe(400);
    expect((await get('/', { Cookie })).status).toBe(200);
  });
});

describe('the socket', () => {
  it('carries commands and their answers for a signed-in window, and closes with it', async () => {
    const socket = await openWindow();
    expect(windows.size).toBe(1);
    socket.send(JSON.stringify({ kind: 'command', id: 5, name: 'cancelAllOrders', input: {} }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toEqual({ kind: 'answer', id: 5, ok: true, value: { cancelled: 4 } });
    socket.close();
    await vi.waitFor(() => expect(windows.size).toBe(0), { timeout: 60_000 });
  });

  it('is refused without a session, from another origin, under another name, and at another path', async () => {
    const Cookie = await signIn();
    const refused: [string, WebSocket][] = [
      ['no cookie', open({})],
      ['wrong cookie', open({ Cookie: 'cobalt-desk=guess' })],
      ['other origin', open({ Cookie }, '/api/socket', 'http://evil.example')],
      ['other port', open({ Cookie }, '/api/socket', `http://127.0.0.1:${port + 1}`)],
      ['https origin', open({ Cookie }, '/api/socket', `https://127.0.0.1:${port}`)],
      ['null origin', open({ Cookie }, '/api/socket', 'null')],
      ['no origin', open({ Cookie }, '/api/socket', '')],
      ['other host', open({ Cookie, Host: 'evil.example' }, '/api/socket', 'http://evil.example')],
      ['other path', open({ Cookie }, '/api/other')],
    ];
    for (const [why, socket] of refused) expect([why, await handshake(socket)]).toEqual([why, 403]);
    expect(windows.size).toBe(0);
  });

  it('survives an upgrade whose address is none, and one that is torn off', async () => {
    for (const path of ['//', 'http://[']) {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toContain('403');
      socket.destroy();
    }
    for (let i = 0; i < 5; i++) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /api/socket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      socket.resetAndDestroy();
    }
    const window = await openWindow();
    expect(window.readyState).toBe(WebSocket.OPEN);
  });

  it('closes on what is not JSON, and on a message beyond a mebibyte, and leaves other windows alone', async () => {
    const bystander = await openWindow();
    const closedWith = async (message: string | Buffer): Promise<number> => {
      const socket = await openWindow();
      socket.send(message);
      const [code] = (await once(socket, 'close')) as [number];
      return code;
    };
    expect(await closedWith('{"kind":')).toBe(1007);
    expect(await closedWith(Buffer.from([0, 1, 2]))).toBe(1007);
    expect(await closedWith(JSON.stringify({ kind: 'command', id: 1, name: 'x'.repeat(1 << 20), input: {} }))).toBe(1009);
    await vi.waitFor(() => expect(windows.size).toBe(1), { timeout: 60_000 });
    expect(bystander.readyState).toBe(WebSocket.OPEN);
    expect(error).not.toHaveBeenCalled();
  });

  it('ignores JSON that is no message', async () => {
    const socket = await openWindow();
    for (const odd of ['null', '[]', '{"kind":"launch"}', '"text"']) socket.send(odd);
    socket.send(JSON.stringify({ kind: 'command', id: 6, name: 'cancelAllOrders', input: {} }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toMatchObject({ id: 6, ok: true });
  });
});

describe('the server', () => {
  it('says which port is taken and how to choose another', async () => {
    const again = startHttpServer({ host: '127.0.0.1', port, pageFolder: folder, access, desk: {} as Desk, log: silentLog });
    await expect(again).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken. Set another with COBALT_HEADLESS_PORT`);
  });

  it('closes although a client holds a refused connection or an idle one', async () => {
    const holders = [
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
    ];
    for (const holder of holders) {
      holder.on('error', () => {});
      await once(holder, 'connect');
    }
    holders[0]?.write(`GET /api/socket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    holders[1]?.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await Promise.all(holders.map((holder) => once(holder, 'data')));
    const window = await openWindow();
    await server.close();
    await vi.waitFor(() => expect(window.readyState).toBe(WebSocket.CLOSED), { timeout: 60_000 });
    for (const holder of holders) holder.destroy();
  });
});
