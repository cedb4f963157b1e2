import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cancel, Clock } from '../core/base/clock.ts';
import { fail, ok, type Result } from '../core/base/result.ts';
import type { FromLab } from '../core/contracts/worker-protocol.ts';
import { BinanceVenue } from './binance/venue.ts';
import { type Fault, parseFault } from './faults/fault.ts';
import { LAB_VENUES, type LabVenue } from './listings.ts';
import { MarketClock } from './market-clock.ts';
import type { RestAnswer } from './protocol/protocol.ts';
import { refusal, slowness } from './protocol/rest-faults.ts';
import { refuseUpgrade } from './protocol/stream-server.ts';
import type { Recording } from './recording/recording.ts';
import { Market } from './simulation/market.ts';
import { type LabVenueServer, OnDemandVenue } from './venue.ts';

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
  /** All when absent. */
  readonly venues?: readonly LabVenue[];
  /** Monotonic wall time; its zero does not matter. */
  readonly wall: Clock;
  readonly notify: (message: FromLab) => void;
}

/**
 * The practice market: venues on loopback whose prices come from a recording, each below a path of its name.
 * What names no venue belongs to Binance, which has the recorded market itself.
 */
export class Lab {
  readonly market: Market;
  readonly #clock: MarketClock;
  readonly #wall: Clock;
  readonly #notify: (message: FromLab) => void;
  readonly #venues: readonly LabVenueServer[];
  readonly #server: Server;
  #cancelPump: Cancel = () => undefined;
  #now: number;
  #saidEnd = false;
  #closed = false;

  constructor(setup: LabSetup) {
    this.market = new Market(setup.recordings, setup.seed, setup.startAt);
    this.#wall = setup.wall;
    this.#notify = setup.notify;
    this.#clock = new MarketClock(setup.wall, this.market.now, this.market.endTime, setup.speed);
    const venueSetup = {
      recordings: setup.recordings,
      seed: setup.seed,
      faults: setup.faults,
      wall: setup.wall,
      time: () => this.#now,
    };
    this.#now = this.market.now;
    this.#venues = (setup.venues ?? LAB_VENUES).map((name) =>
      name === 'binance' ? new BinanceVenue(this.market, venueSetup) : new OnDemandVenue(name, venueSetup),
    );
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (!isLoopbackHost(request)) return void socket.destroy();
      this.#pump();
      const { venue, url } = this.#addressed(request);
      if (venue === undefined) refuseUpgrade(socket, '404 Not Found', 'no such venue');
      else venue.upgrade(url, request, socket, head);
    });
  }

  get venues(): readonly string[] {
    return this.#venues.map(({ name }) => name);
  }

  get speed(): number {
    return this.#clock.speed;
  }

  get clientCount(): number {
    return this.#venues.reduce((count, venue) => count + venue.clientCount, 0);
  }

  /** The instruments of a venue whose market plays: all of Binance's, of others those that somebody follows or asked for lately. */
  playing(venue: string): readonly string[] {
    return this.#venues.find(({ name }) => name === venue)?.playing ?? [];
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
        venues: this.venues,
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
    for (const venue of this.#venues) venue.shutdown();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Plays the market up to the present and sees to it that it goes on. */
  #pump(): void {
    this.#cancelPump();
    if (this.#closed || this.#saidEnd) return;
    const { now, jumped } = this.#clock.read();
    if (jumped) this.#tellTime();
    this.#now = Math.max(this.#now, now);
    let next = Number.POSITIVE_INFINITY;
    for (const venue of this.#venues) {
      venue.advanceTo(now);
      next = Math.min(next, venue.nextEventTime);
    }
    if (now >= this.market.endTime) {
      this.#saidEnd = true;
      this.#notify({ kind: 'dataEnd', marketTime: now });
      return;
    }
    const wait = this.#clock.wallUntil(next);
    this.#cancelPump = this.#wall.after(Math.min(PUMP_MS_MAX, Math.max(PUMP_MS_MIN, wait)), () => this.#pump());
  }

  #tellTime(): void {
    this.#notify({ kind: 'speedChanged', marketTime: this.#clock.read().now, speed: this.speed });
  }

  /** The venue that a path names, and the path below it; what names none is Binance's. */
  #addressed(request: IncomingMessage): { readonly venue: LabVenueServer | undefined; readonly url: URL } {
    const url = new URL(request.url ?? '/', 'http://lab');
    const first = /^\/([a-z]+)(?=\/|$)/.exec(url.pathname)?.[1];
    const named = (LAB_VENUES as readonly string[]).includes(first ?? '') ? first : undefined;
    if (named !== undefined) url.pathname = url.pathname.slice(named.length + 1);
    return { venue: this.#venues.find(({ name }) => name === (named ?? LAB_VENUES[0])), url };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { venue, url } = this.#addressed(request);
    let answer: RestAnswer;
    if (!isLoopbackHost(request))
      answer = { status: 403, body: '{"code":-1000,"msg":"The practice market answers on loopback only."}' };
    else if (url.pathname.startsWith('/lab/')) answer = await this.#control(request, url.pathname);
    else if (request.method !== 'GET') answer = { status: 405, body: '{"code":-1000,"msg":"Only GET."}' };
    else if (venue === undefined) answer = { status: 404, body: '{"code":-1000,"msg":"No such venue."}' };
    else {
      this.#pump();
      await slowness(venue.faults, this.#now, this.#wall);
      answer = refusal(venue.faults, this.#now, this.speed) ?? venue.answer(url.pathname, url.searchParams);
    }
    response.writeHead(answer.status, {
      'content-type': answer.body.startsWith('<') ? 'text/html' : 'application/json;charset=UTF-8',
      'content-length': Buffer.byteLength(answer.body),
      ...answer.headers,
    });
    response.end(answer.body);
  }

  /**
   * The lab's own controls, which Binance does not have: POST /lab/speed {"speed":10}, POST /lab/fault {"fault":"gap@0s"}.
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
      const fault = parseFault(body['fault'], this.#now, this.venues);
      if (fault.ok)
        for (const venue of this.#venues) if ((fault.value.venue ?? venue.name) === venue.name) venue.faults.add(fault.value);
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
