import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/base/clock.ts';
import type { FaultScript } from '../faults/script.ts';
import type { MarketSink, SymbolMarket } from '../simulation/symbol-market.ts';
import type { Listing } from '../listings.ts';
import type { StreamServer } from './stream-server.ts';

export interface RestAnswer {
  readonly status: number;
  /** JSON text, or what a proxy in between says. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An instrument of a venue, whose market plays only while somebody asks for it. */
export interface ListedMarket {
  readonly listing: Listing;
  /** The market brought to the present. */
  present(): SymbolMarket;
}

/** What a venue's protocol is made over. */
export interface ProtocolSetup {
  readonly markets: readonly ListedMarket[];
  readonly faults: FaultScript;
  /** The machine's monotonic time: pings, limits. */
  readonly wall: Clock;
  /** Market time. */
  readonly time: () => number;
}

/** A venue's language: REST, streams, and what the market's events look like on the wire. */
export interface Protocol {
  readonly hub: StreamServer;
  /** What the playing markets tell becomes frames here. */
  readonly sink: MarketSink;
  /** Answers a GET below the venue's address. */
  answer(path: string, params: URLSearchParams): RestAnswer;
  /** Takes over an upgrade of a path below the venue's address, or refuses it with an HTTP status. */
  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether a client follows this instrument. */
  follows(listing: Listing): boolean;
  /** After each round of events: what was collected goes out. */
  flush?(): void;
}
