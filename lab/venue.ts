import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/base/clock.ts';
import { BybitProtocol } from './bybit/rest.ts';
import { DeribitProtocol } from './deribit/rest.ts';
import type { Fault } from './faults/fault.ts';
import { FaultScript } from './faults/script.ts';
import { type LabVenue, LISTINGS, type Listing } from './listings.ts';
import { MexcProtocol } from './mexc/rest.ts';
import type { ListedMarket, Protocol, ProtocolSetup, RestAnswer } from './protocol/protocol.ts';
import { listedRecording } from './recording/listed-recording.ts';
import type { Recording } from './recording/recording.ts';
import { Market } from './simulation/market.ts';
import type { MarketSink } from './simulation/symbol-market.ts';

/** A market that nobody followed or asked for so long is put away; it begins anew, later, when somebody does. */
const IDLE_WALL_MS = 30_000;

const PROTOCOLS: Readonly<Record<Exclude<LabVenue, 'binance'>, (setup: ProtocolSetup) => Protocol>> = {
  bybit: (setup) => new BybitProtocol(setup),
  deribit: (setup) => new DeribitProtocol(setup),
  mexc: (setup) => new MexcProtocol(setup),
};

export interface VenueSetup {
  readonly recordings: readonly Recording[];
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly wall: Clock;
  /** Market time. */
  readonly time: () => number;
}

/** What the lab serves below one path: a venue's REST and streams over markets of its own, behind its scripted faults. */
export interface LabVenueServer {
  readonly name: string;
  readonly faults: FaultScript;
  readonly clientCount: number;
  /** The instruments whose market plays now. */
  readonly playing: readonly string[];
  /** Market time at which something is next due; infinite while nobody listens. */
  readonly nextEventTime: number;
  advanceTo(now: number): void;
  answer(path: string, params: URLSearchParams): RestAnswer;
  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  shutdown(): void;
}

/** One of a venue's listings; its recording is derived and its market played only while it is wanted. */
class LazyMarket implements ListedMarket {
  readonly listing: Listing;
  readonly #recorded: Recording;
  readonly #setup: VenueSetup;
  readonly #sink: () => MarketSink;
  #recording: Recording | undefined;
  #market: Market | undefined;
  #askedWallMs = 0;

  constructor(listing: Listing, recorded: Recording, setup: VenueSetup, sink: () => MarketSink) {
    this.listing = listing;
    this.#recorded = recorded;
    this.#setup = setup;
    this.#sink = sink;
  }

  get plays(): boolean {
    return this.#market !== undefined;
  }

  get nextEventTime(): number {
    return this.#market?.nextEventTime ?? Number.POSITIVE_INFINITY;
  }

  present(): Market['symbols'][number] {
    const { seed, wall, time } = this.#setup;
    this.#askedWallMs = wall.now();
    this.#recording ??= listedRecording(this.#recorded, this.listing, seed);
    this.#market ??= new Market([this.#recording], seed, Math.min(time(), this.#recording.endTime - 1));
    this.#market.advanceTo(time(), this.#sink());
    return this.#market.symbols[0] as Market['symbols'][number];
  }

  /** Plays on while it is `followed` or was asked for lately. */
  advanceTo(now: number, followed: boolean): void {
    if (followed) this.present();
    else if (this.#market === undefined) return;
    else if (this.#setup.wall.now() - this.#askedWallMs > IDLE_WALL_MS) this.#market = undefined;
    else this.#market.advanceTo(now, this.#sink());
  }
}

/** A venue whose markets play on demand. */
export class OnDemandVenue implements LabVenueServer {
  readonly name: Exclude<LabVenue, 'binance'>;
  readonly faults: FaultScript;
  readonly #markets: readonly LazyMarket[];
  readonly #protocol: Protocol;

  constructor(name: Exclude<LabVenue, 'binance'>, setup: VenueSetup) {
    this.name = name;
    this.faults = new FaultScript(setup.faults.filter(({ venue }) => venue === undefined || venue === name));
    const sink = (): MarketSink => this.#protocol.sink;
    this.#markets = LISTINGS.filter(({ venue }) => venue === name).flatMap((listing) => {
      const recorded = setup.recordings.find(({ instrument }) => instrument.symbol === listing.follows);
      return recorded === undefined ? [] : [new LazyMarket(listing, recorded, setup, sink)];
    });
    this.#protocol = PROTOCOLS[name]({ markets: this.#markets, faults: this.faults, wall: setup.wall, time: setup.time });
  }

  get clientCount(): number {
    return this.#protocol.hub.clientCount;
  }

  get playing(): readonly string[] {
    return this.#markets.filter(({ plays }) => plays).map(({ listing }) => listing.instrument.symbol);
  }

  get nextEventTime(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const market of this.#markets) next = Math.min(next, market.nextEventTime);
    return next;
  }

  advanceTo(now: number): void {
    const protocol = this.#protocol;
    protocol.hub.batch(() => {
      for (const market of this.#markets) market.advanceTo(now, protocol.follows(market.listing));
      protocol.flush?.();
    });
  }

  answer(path: string, params: URLSearchParams): RestAnswer {
    return this.#protocol.answer(path, params);
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#protocol.upgrade(url, request, socket, head);
  }

  shutdown(): void {
    this.#protocol.hub.shutdown();
  }
}
