import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Cancel } from '../../../core/base/clock.ts';
import type { ManualClock } from '../../../core/base/manual-clock.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import { passTime } from './loopback-time.ts';
import { MarketScript } from './market-script.ts';
import type { Frame, VenueConformance } from './venue-conformance.ts';

/** Of an update each, and the step in which time passes. */
const UPDATE_MS = 10;

/** A venue on loopback: its REST answers, one book and its sockets. What it does by itself goes by `time`. */
export class LoopbackVenue {
  readonly script: MarketScript;
  readonly clients = new Set<WebSocket>();
  /** Messages that clients sent, newest last. */
  readonly received: string[] = [];
  connections = 0;
  /** Signs of life that were sent. */
  signs = 0;
  /** Says nothing more, whatever it is asked. */
  mute = false;
  paths: string[] = [];
  origin = '';
  readonly #venue: VenueConformance;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #rng = new SplitMix32(1);
  readonly #time: ManualClock;
  #stop: Cancel | undefined;

  constructor(venue: VenueConformance, time: ManualClock) {
    this.#venue = venue;
    this.#time = time;
    this.script = new MarketScript(venue.instrument, venue.book);
    this.#http = createServer((request, response) => {
      const url = new URL(request.url ?? '/', this.origin);
      this.paths.push(url.pathname);
      const answer = url.pathname === venue.rest.snapshotPath ? this.script.restSnapshot() : venue.rest.answer(url, this.origin);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on('connection', (socket) => {
      this.connections++;
      this.clients.add(socket);
      socket.on('close', () => this.clients.delete(socket));
      // Every subscription is answered with the whole book, where the venue does so; one more does no harm.
      socket.on('message', (data) => {
        this.received.push(String(data));
        const { frame, probe } = venue.alive ?? {};
        if (frame === undefined || probe === undefined || !String(data).includes(probe)) this.#greet(socket);
        else this.sign(frame, socket);
      });
      this.#greet(socket);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get streamUrl(): string {
    return this.origin.replace('http', 'ws');
  }

  /** One update; a lost one never reaches the stream. */
  update(lost = false): void {
    this.script.change(nextInt(this.#rng, 2) === 0 ? 'bid' : 'ask', 1 + nextInt(this.#rng, 12), 1 + nextInt(this.#rng, 300));
    if (!lost) this.send(this.script.delta());
  }

  send(frame: Frame): void {
    for (const client of this.clients) client.send(frame, { binary: typeof frame !== 'string' });
  }

  sign(frame: Frame, ...clients: readonly WebSocket[]): void {
    if (this.mute) return;
    this.signs++;
    for (const client of clients.length > 0 ? clients : this.clients) client.send(frame, { binary: typeof frame !== 'string' });
  }

  run(): void {
    this.#stop ??= this.#time.every(UPDATE_MS, () => this.update());
  }

  pause(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** See `passTime`. */
  passing(condition: () => boolean): Promise<void> {
    return passTime(this.#time, UPDATE_MS, this.clients, condition);
  }

  async close(): Promise<void> {
    this.pause();
    for (const client of this.clients) client.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #greet(socket: WebSocket): void {
    if (this.mute) return;
    const snapshot = this.script.snapshot();
    for (const frame of [...(this.#venue.book.opening ?? []), ...(snapshot === undefined ? [] : [snapshot])]) {
      socket.send(frame, { binary: typeof frame !== 'string' });
    }
  }
}
