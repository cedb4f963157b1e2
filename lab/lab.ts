import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cancel, Clock } from '../core/base/clock.ts';
import { fail, ok, type Result } from '../core/base/result.ts';
import type { FromLab } from '../core/contracts/worker-protocol.ts';
import { Broadcast, streamsOf } from './binance/broadcast.ts';
import { BinanceRest, type RestAnswer } from './binance/rest.ts';
import { StreamHub } from './binance/stream-hub.ts';
import { BinanceWire } from './binance/wire.ts';
import { type Fault, FaultScript, parseFault } from './faults.ts';
import { MarketClock } from './market-clock.ts';
import type { Recording } from './recording/recording.ts';
import { Market } from './simulation/market.ts';

/** Wall milliseconds between two looks at the market: not so short that the lab does nothing else, not so long that trades come late. */
const PUMP_MS_MIN = 4;
const PUMP_MS_MAX = 50;
const CONTROL_BODY_BYTES_MAX = 4_096;
export const SPEED_MIN = 1;
export const SPEED_MAX = 60;

export interface LabSetup {
  readonly recordings: readonly Recording[];
  readonly seed: number;
  readonly speed: number;
  readonly startAt: number;
  readonly faults: readonly Fault[];
  /** Monotonic wall time; its zero does not matter. */
  readonly wall: Clock;
  readonly notify: (message: FromLab) => void;
}

/** The practice market: a venue on loopback whose prices come from a recording. */
export class Lab {
  readonly market: Market;
  readonly #clock: MarketClock;
  readonly #wall: Clock;
  readonly #notify: (message: FromLab) => void;
  readonly #hub: StreamHub;
  readonly #rest: BinanceRest;
  readonly #broadcast: Broadcast;
  readonly #faults = new FaultScript();
  readonly #server: Server;
  #cancelPump: Cancel = () => undefined;
  #saidEnd = false;
  #closed = false;

  constructor(setup: LabSetup) {
    this.market = new Market(setup.recordings, setup.seed, setup.startAt);
    this.#wall = setup.wall;
    this.#notify = setup.notify;
    this.#clock = new MarketClock(setup.wall, this.market.now, this.market.endTime, setup.speed);
    for (const fault of setup.faults) this.#faults.add(fault);
    const wires = new Map(setup.recordings.map(({ instrument }) => [instrument.symbol, new BinanceWire(instrument)]));
    this.#hub = new StreamHub(
      [...wires.keys()].flatMap((symbol) => Object.values(streamsOf(symbol))),
      setup.wall,
    );
    this.#rest = new BinanceRest(this.market, wires);
    this.#broadcast = new Broadcast(this.#hub, wires, this.#faults);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (!isLoopbackHost(request)) return void socket.destroy();
      this.#pump();
      this.#hub.upgrade(request, socket, head);
    });
  }

  get speed(): number {
    return this.#clock.speed;
  }

  get clientCount(): number {
    return this.#hub.clientCount;
  }

  /** Serves on 127.0.0.1 and starts playing; 0 picks a free port. Fails with LAB_PORT_TAKEN. */
  async listen(port: number): Promise<Result<number>> {
    const listening = await new Promise<Result<number>>((resolve) => {
      this.#server.once('error', (error) =>
        resolve(
          fail(
            'LAB_PORT_TAKEN',
            `The practice market cannot listen on 127.0.0.1:${port}: ${error.message}. Set practice.port to 0 or to a free port.`,
          ),
        ),
      );
      this.#server.listen(port, '127.0.0.1', () => resolve(ok((this.#server.address() as AddressInfo).port)));
    });
    if (listening.ok) {
      this.#notify({
        kind: 'listening',
        port: listening.value,
        marketTime: this.market.now,
        speed: this.speed,
        dataEnd: this.market.endTime,
      });
      this.#pump();
    }
    return listening;
  }

  /** Fails with LAB_SPEED_INVALID outside 1–60. */
  setSpeed(speed: number): Result<number> {
    if (!(speed >= SPEED_MIN && speed <= SPEED_MAX))
      return fail('LAB_SPEED_INVALID', `the speed must be ${SPEED_MIN} to ${SPEED_MAX} market seconds per second, got ${speed}`);
    this.#pump();
    this.#clock.setSpeed(speed);
    this.#tellTime();
    this.#pump();
    return ok(speed);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPump();
    this.#hub.shutdown();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Plays the market up to the present and sees to it that it goes on. */
  #pump(): void {
    this.#cancelPump();
    if (this.#closed || this.#saidEnd) return;
    const { now, jumped } = this.#clock.read();
    if (jumped) this.#tellTime();
    this.#hub.batch(() => this.market.advanceTo(now, this.#broadcast));
    if (this.market.ended) {
      this.#saidEnd = true;
      this.#notify({ kind: 'dataEnd', marketTime: this.market.now });
      return;
    }
    const wait = this.#clock.wallUntil(this.market.nextEventTime);
    this.#cancelPump = this.#wall.after(Math.min(PUMP_MS_MAX, Math.max(PUMP_MS_MIN, wait)), () => this.#pump());
  }

  #tellTime(): void {
    this.#notify({ kind: 'speedChanged', marketTime: this.#clock.read().now, speed: this.speed });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://lab');
    let answer: RestAnswer;
    if (!isLoopbackHost(request))
      answer = { status: 403, body: '{"code":-1000,"msg":"The practice market answers on loopback only."}' };
    else if (url.pathname.startsWith('/lab/')) answer = await this.#control(request, url.pathname);
    else if (request.method !== 'GET') answer = { status: 405, body: '{"code":-1000,"msg":"Only GET."}' };
    else {
      this.#pump();
      answer = this.#rest.answer(url.pathname, url.searchParams);
    }
    response.writeHead(answer.status, {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': Buffer.byteLength(answer.body),
    });
    response.end(answer.body);
  }

  /**
   * The lab's own controls, which Binance does not have: POST /lab/speed {"speed":10}, POST /lab/fault {"fault":"gap@+0s"}.
   * They want a JSON content type, so that no web page can send them without a preflight, which is never granted.
   */
  async #control(request: IncomingMessage, path: string): Promise<RestAnswer> {
    if (request.method !== 'POST' || !/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      return { status: 405, body: '{"code":-1000,"msg":"POST with content-type application/json."}' };
    }
    const body = await readJson(request);
    if (path === '/lab/speed' && typeof body?.['speed'] === 'number') return controlAnswer(this.setSpeed(body['speed']));
    if (path === '/lab/fault' && typeof body?.['fault'] === 'string') {
      this.#pump();
      const fault = parseFault(body['fault'], this.market.now);
      if (fault.ok) this.#faults.add(fault.value);
      return controlAnswer(fault);
    }
    return {
      status: 400,
      body: '{"code":-1000,"msg":"Expected /lab/speed {\\"speed\\":number} or /lab/fault {\\"fault\\":text}."}',
    };
  }
}

function controlAnswer(result: Result<unknown>): RestAnswer {
  return result.ok
    ? { status: 200, body: JSON.stringify({ done: result.value }) }
    : { status: 400, body: JSON.stringify({ code: -1000, msg: result.error.message }) };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  let text = '';
  try {
    for await (const chunk of request) {
      text += String(chunk);
      if (text.length > CONTROL_BODY_BYTES_MAX) return undefined;
    }
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Only requests addressed to loopback are answered, so that no foreign host name can be pointed at the lab (DNS rebinding). */
function isLoopbackHost(request: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
}
