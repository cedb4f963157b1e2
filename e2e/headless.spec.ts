import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { _electron } from 'playwright/test';
import WebSocket from 'ws';
import type { CandleUpdate } from '../core/contracts/market-views.ts';
import type { SystemStatus } from '../core/contracts/system.ts';
import type { HostMessage } from '../core/contracts/wire.ts';
import { ChartPanel } from './panels/chart.ts';
import { OrdersPanel } from './panels/orders.ts';
import { StatusBar } from './panels/status-bar.ts';
import { DataFolder } from './fixtures/data-folder.ts';
import { HeadlessHost } from './fixtures/headless.ts';
import { isRunning } from './fixtures/processes.ts';
import { HAS_SANDBOX, leadToElectron, ROOT } from './fixtures/runtime.ts';
import { expect, test } from './fixtures/test.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

test('the headless host serves the same desk to whoever has its link', async ({ folder }) => {
  let host = new HeadlessHost(folder);
  const browserFolder = new DataFolder();
  try {
    await expect.poll(() => host.links(), { message: 'it prints its link', timeout: 60_000 }).toHaveLength(1);
    const [link] = host.links() as [string];
    const { origin, search } = new URL(link);

    const cookie = await test.step('the link works once and leaves a session', async () => {
      expect((await get(origin, '/')).status).toBe(401);
      expect((await get(origin, '/?token=wrong')).status).toBe(401);
      const admitted = await get(origin, `/${search}`);
      expect(admitted.status).toBe(303);
      const set = admitted.headers['set-cookie']?.[0] ?? '';
      expect(set).toContain('HttpOnly');
      expect(set).toContain('SameSite=Strict');
      expect((await get(origin, `/${search}`)).status, 'used up').toBe(401);
      await expect.poll(() => host.links(), 'it prints the next link').toHaveLength(2);
      return set.split(';')[0] as string;
    });

    await test.step('a session gets the page and nothing outside it', async () => {
      const page = await get(origin, '/', { cookie });
      expect(page.status).toBe(200);
      expect(page.body).toContain('<div id="root">');
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
      for (const path of [
        '/../package.json',
        '/../../package.json',
        '/%2e%2e/%2e%2e/package.json',
        '/..%2f..%2fpackage.json',
        '/%00',
        '/none',
      ]) {
        expect((await get(origin, path, { cookie })).status, path).toBe(404);
      }
      expect((await get(origin, '/', { cookie, host: 'evil.example' })).status, 'another host name').toBe(403);
      expect((await get(origin, '/', { cookie }, 'POST')).status).toBe(405);
    });

    await test.step('sockets are for its own pages only', async () => {
      const address = `${origin.replace('http', 'ws')}/api/socket`;
      expect(await refusalOf(new WebSocket(address, { origin })), 'no session').toBe(403);
      expect(await refusalOf(new WebSocket(address, { headers: { cookie } })), 'no origin').toBe(403);
      expect(await refusalOf(new WebSocket(address, { headers: { cookie }, origin: 'https://evil.example' }))).toBe(403);
      expect(await refusalOf(new WebSocket(`${origin.replace('http', 'ws')}/other`, { headers: { cookie }, origin }))).toBe(403);
    });

    const status = await test.step('commands and streams over the socket', async () => {
      const desk = await Conversation.open(`${origin.replace('http', 'ws')}/api/socket`, origin, cookie);
      const bootstrap = await desk.answer({ kind: 'command', id: 1, name: 'getBootstrap', input: {} });
      expect(bootstrap).toMatchObject({ ok: true, value: { state: 'ready', mode: 'SIM', primarySymbol: 'ETH/USDT' } });
      const refused = await desk.answer({ kind: 'command', id: 2, name: 'getCandles', input: { symbol: 1 } });
      expect(refused).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } });
      const candle = await desk.event<CandleUpdate>({
        kind: 'subscribe',
        id: 3,
        stream: 'candles',
        params: { symbol: 'ETH/USDT', timeframe: '1m' },
      });
      expect(candle).toMatchObject({ symbol: 'ETH/USDT', timeframe: '1m' });
      expect(candle.candle.high).toBeGreaterThanOrEqual(candle.candle.low);
      const reported = await desk.event<SystemStatus>({ kind: 'subscribe', id: 4, stream: 'status', params: {} });
      expect(await desk.closedBy('not JSON')).toBe(1007);
      return reported;
    });

    await test.step('a browser shows the whole desk and trades', async () => {
      leadToElectron();
      const browser = await _electron.launch({
        args: [join(ROOT, 'e2e', 'fixtures', 'plain-browser.mjs'), `--user-data-dir=${browserFolder.path}`],
        chromiumSandbox: HAS_SANDBOX,
        timeout: 60_000,
      });
      try {
        const page = await browser.firstWindow();
        await page.goto(host.links().at(-1) as string);
        expect(page.url(), 'the token leaves the address').toBe(`${origin}/`);
        await new ChartPanel(page).ready();
        await new StatusBar(page).live();
        await expect(page.getByTestId('mode-badge')).toHaveText('SIM');
        const orders = new OrdersPanel(page);
        await page.keyboard.press('Shift+B');
        await orders.type('market').click();
        await orders.quantity.fill('0.5');
        await page.keyboard.press('Enter');
        await orders.show('all');
        await expect(orders.inState('filled')).toHaveCount(1);
        await page.reload();
        await orders.show('positions');
        await expect(orders.positionQuantity, 'the session outlives the page').toHaveText('0.5');
      } finally {
        await browser.close();
      }
    });

    await test.step('stopped, it takes its processes with it', async () => {
      const workers = workersOf(status);
      expect(await host.stop('SIGTERM'), host.said).toBe(0);
      await expect.poll(() => workers.filter(isRunning)).toEqual([]);
    });

    await test.step('killed, its processes end by themselves', async () => {
      host = new HeadlessHost(folder);
      await expect.poll(() => host.links(), { timeout: 60_000 }).toHaveLength(1);
      const next = new URL(host.links()[0] as string);
      const admitted = await get(next.origin, `/${next.search}`);
      const session = admitted.headers['set-cookie']?.[0]?.split(';')[0] as string;
      const desk = await Conversation.open(`${next.origin.replace('http', 'ws')}/api/socket`, next.origin, session);
      await desk.answer({ kind: 'command', id: 1, name: 'getBootstrap', input: {} });
      const again = await desk.event<SystemStatus>({ kind: 'subscribe', id: 2, stream: 'status', params: {} });
      const workers = workersOf(again);
      await host.stop('SIGKILL');
      await expect.poll(() => workers.filter(isRunning)).toEqual([]);
    });
  } finally {
    await host.stop('SIGKILL');
    browserFolder.remove();
  }
});

function workersOf({ workers }: SystemStatus): number[] {
  const pids = workers.flatMap(({ pid }) => pid ?? []);
  expect(pids).toHaveLength(3);
  return pids;
}

/** Paths go out as they are written: `fetch` would tidy them up first. */
function get(origin: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });
}

/** The HTTP status with which a socket is refused; 101 when it is not. */
function refusalOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => resolve(101));
    socket.on('error', reject);
  });
}

class Conversation {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (message: HostMessage) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as HostMessage;
      this.#waiting.get(`${message.kind} ${message.id}`)?.(message);
    });
  }

  static open(address: string, origin: string, cookie: string): Promise<Conversation> {
    const socket = new WebSocket(address, { origin, headers: { cookie } });
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(new Conversation(socket)));
      socket.on('error', reject);
    });
  }

  answer(message: { readonly id: number; readonly [field: string]: unknown }): Promise<HostMessage> {
    return this.#exchange('answer', message);
  }

  async event<E>(message: { readonly id: number; readonly [field: string]: unknown }): Promise<E> {
    const reply = await this.#exchange('event', message);
    if (reply.kind !== 'event') throw new Error(`an event was expected, got an ${reply.kind}`);
    return reply.event as E;
  }

  /** Sends text as it is and answers with the code that the socket is closed with. */
  closedBy(text: string): Promise<number> {
    return new Promise((resolve) => {
      this.#socket.on('close', (code) => resolve(code));
      this.#socket.send(text);
    });
  }

  #exchange(kind: HostMessage['kind'], message: { readonly id: number }): Promise<HostMessage> {
    return new Promise((resolve) => {
      this.#waiting.set(`${kind} ${message.id}`, resolve);
      this.#socket.send(JSON.stringify(message));
    });
  }
}
