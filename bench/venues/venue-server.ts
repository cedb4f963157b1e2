import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BookText, Frame } from '../../main/venues/conformance/venue-conformance.ts';
import { after, type DepthFlow, type FlowBook } from '../depth/depth-flow.ts';
import { tellParent } from '../role-process.ts';
import { CAST, flowOf, instrumentOf, MESSAGES, MESSAGES_PER_SECOND, type Player, renameIn, SYMBOLS } from './cast.ts';

export type FromServer =
  | { readonly kind: 'listening'; readonly ports: readonly number[] }
  /** How many messages of each symbol were sent, once all were asked to stop. */
  | { readonly kind: 'stopped'; readonly sent: readonly (readonly number[])[] };
export type ToServer = { readonly kind: 'stop' };

const START = 1_750_000_000_000;
const TICK_MS = 5;
/** Stands in a rendered frame for a number over the whole connection. */
const NUMBER = 7_007_007_007;
/** Kraken's messages are summed over ten levels; more of the book is not needed to write one. */
const TOLD_AFTER = 30;

/** Messages of one symbol: whole frames, or both parts around the connection's number. */
interface Reel {
  readonly frames: readonly (Frame | readonly [string, string])[];
  readonly flow: DepthFlow;
  sent: number;
}

/** Every venue of the cast on a port of its own, in its own protocol, with the books' messages written before the first is sent. */
export async function serveVenues(): Promise<void> {
  const servers = CAST.map((player) => new Venue(player));
  const ports: number[] = [];
  for (const server of servers) ports.push(await server.listen());
  tellParent<FromServer>({ kind: 'listening', ports });
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    const due = (performance.now() - startedAt) / 1000;
    for (const server of servers) server.play(due);
  }, TICK_MS);
  process.on('message', () => {
    clearInterval(ticker);
    tellParent<FromServer>({ kind: 'stopped', sent: servers.map(({ sent }) => sent) });
  });
}

class Venue {
  readonly #player: Player;
  readonly #reels: readonly Reel[];
  /** By connection: which symbols it follows, and the number of its last message. */
  readonly #clients = new Map<WebSocket, { readonly follows: Set<number>; number: number }>();
  #origin = '';

  constructor(player: Player) {
    this.#player = player;
    this.#reels = Array.from({ length: SYMBOLS }, (_, symbol) => this.#reel(symbol));
  }

  get sent(): readonly number[] {
    return this.#reels.map(({ sent }) => sent);
  }

  async listen(): Promise<number> {
    const { venue } = this.#player;
    const http = createServer((request, response) => {
      const url = new URL(request.url ?? '/', this.#origin);
      const symbol = this.#named(url.href).at(0);
      const isBook = url.pathname.startsWith(renameIn(venue.rest.snapshotPath ?? '\u0000', venue.instrument, symbol ?? 0));
      const answer = isBook && symbol !== undefined ? this.#restSnapshot(symbol) : venue.rest.answer(url, this.#origin);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
    new WebSocketServer({ server: http }).on('connection', (socket, request) => {
      this.#clients.set(socket, { follows: new Set(), number: 0 });
      socket.on('close', () => this.#clients.delete(socket));
      // What is subscribed is in the address, or in messages.
      this.#subscribe(socket, request.url ?? '');
      socket.on('message', (data) => {
        const { frame, probe } = venue.alive ?? {};
        if (frame !== undefined && probe !== undefined && String(data).includes(probe)) send(socket, frame);
        else this.#subscribe(socket, String(data));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    this.#origin = `http://127.0.0.1:${port}`;
    return port;
  }

  /** Sends what is due so many seconds after the start; the symbols take turns. */
  play(seconds: number): void {
    this.#reels.forEach((reel, symbol) => {
      const due = Math.min(MESSAGES, Math.floor(seconds * MESSAGES_PER_SECOND - symbol / SYMBOLS));
      for (; reel.sent < due; reel.sent++) {
        const frame = reel.frames[reel.sent] as Reel['frames'][number];
        for (const [socket, client] of this.#clients) {
          if (!client.follows.has(symbol)) continue;
          if (typeof frame === 'string' || Buffer.isBuffer(frame)) send(socket, frame);
          else send(socket, `${frame[0]}${++client.number}${frame[1]}`);
        }
      }
    });
  }

  #subscribe(socket: WebSocket, text: string): void {
    const client = this.#clients.get(socket);
    const { venue } = this.#player;
    for (const symbol of this.#named(text)) {
      if (client === undefined || client.follows.has(symbol)) continue;
      client.follows.add(symbol);
      for (const frame of venue.book.opening ?? []) send(socket, this.#render(frame, symbol));
      const { sent } = this.#reels[symbol] as Reel;
      const frame = venue.book.snapshot?.(this.#ordinal(sent), START + 100 * sent, this.#bookAt(symbol));
      if (frame === undefined) continue;
      const rendered = this.#render(frame, symbol);
      send(socket, typeof rendered === 'string' ? rendered.replace(String(NUMBER), () => String(++client.number)) : rendered);
    }
  }

  /** Symbols that a request speaks of. */
  #named(text: string): number[] {
    const lower = decodeURIComponent(text).toLowerCase();
    return [...this.#reels.keys()].filter((symbol) =>
      lower.includes(instrumentOf(this.#player, symbol).venueSymbol.toLowerCase()),
    );
  }

  #restSnapshot(symbol: number): unknown {
    const { sent } = this.#reels[symbol] as Reel;
    return this.#player.venue.book.restSnapshot?.(this.#ordinal(sent), this.#bookAt(symbol));
  }

  #bookAt(symbol: number): BookText {
    const { flow, sent } = this.#reels[symbol] as Reel;
    return this.#text(after(flow, sent));
  }

  /** The first message is update 2, as a script's is. */
  #ordinal(sent: number): number {
    return this.#player.venue.book.elsewhere === undefined ? sent + 1 : NUMBER;
  }

  #reel(symbol: number): Reel {
    const { venue } = this.#player;
    const flow = flowOf(this.#player, symbol);
    const bids = new Map(flow.start.bids);
    const asks = new Map(flow.start.asks);
    const needsAfter = venue.book.wrongChecksum !== undefined && venue.book.elsewhere === undefined;
    const frames = flow.messages.map((message, sent) => {
      change(bids, message.bids);
      change(asks, message.asks);
      const top: FlowBook = needsAfter
        ? {
            bids: [...bids].sort(([a], [b]) => b - a).slice(0, TOLD_AFTER),
            asks: [...asks].sort(([a], [b]) => a - b).slice(0, TOLD_AFTER),
          }
        : { bids: [], asks: [] };
      const frame = this.#render(
        venue.book.delta(this.#ordinal(sent + 1), START + 100 * (sent + 1), this.#text(message), this.#text(top)),
        symbol,
      );
      if (venue.book.elsewhere === undefined || typeof frame !== 'string') return frame;
      const [head = '', tail = ''] = frame.split(String(NUMBER));
      return [head, tail] as const;
    });
    return { frames, flow, sent: 0 };
  }

  #text({ bids, asks }: FlowBook): BookText {
    const decimals = this.#player.venue.instrument.kind === 'inverse' ? 0 : 4;
    const side = (levels: FlowBook['bids']): BookText['bids'] =>
      levels.map(([ticks, lots]) => [
        (ticks / 100).toFixed(2),
        lots === 0 ? '0' : (decimals === 0 ? lots : lots / 10_000).toFixed(decimals),
      ]);
    return { bids: side(bids), asks: side(asks) };
  }

  #render(frame: Frame, symbol: number): Frame {
    const { instrument } = this.#player.venue;
    if (typeof frame === 'string') return renameIn(frame, instrument, symbol);
    if (frame[0] === 0x1f && frame[1] === 0x8b)
      return gzipSync(renameIn(gunzipSync(frame).toString(), instrument, symbol), { level: 1 });
    return Buffer.from(renameIn(frame.toString('latin1'), instrument, symbol), 'latin1');
  }
}

function change(book: Map<number, number>, levels: FlowBook['bids']): void {
  for (const [ticks, lots] of levels) {
    if (lots === 0) book.delete(ticks);
    else book.set(ticks, lots);
  }
}

function send(socket: WebSocket, frame: Frame): void {
  socket.send(frame, { binary: typeof frame !== 'string' });
}
