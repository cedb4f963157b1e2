import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { FaultScript } from '../faults/script.ts';
import type { RestAnswer } from '../protocol/protocol.ts';
import type { Market } from '../simulation/market.ts';
import type { LabVenueServer, VenueSetup } from '../venue.ts';
import { Broadcast, streamsOf } from './broadcast.ts';
import { BinanceRest } from './rest.ts';
import { StreamHub } from './stream-hub.ts';
import { BinanceWire } from './wire.ts';

/** Binance spot over the recorded market itself, which always plays: its book is the same whenever somebody looks at it. */
export class BinanceVenue implements LabVenueServer {
  readonly name = 'binance';
  readonly faults: FaultScript;
  readonly #market: Market;
  readonly #hub: StreamHub;
  readonly #rest: BinanceRest;
  readonly #broadcast: Broadcast;

  constructor(market: Market, { recordings, faults, wall, time }: VenueSetup) {
    this.#market = market;
    this.faults = new FaultScript(faults.filter(({ venue }) => venue === undefined || venue === this.name));
    const wires = new Map(recordings.map(({ instrument }) => [instrument.symbol, new BinanceWire(instrument)]));
    const streams = [...wires.keys()].flatMap((symbol) => Object.values(streamsOf(symbol)));
    this.#hub = new StreamHub(streams, wall, this.faults, time);
    this.#rest = new BinanceRest(market, wires, () => this.faults.clock(market.now));
    this.#broadcast = new Broadcast(this.#hub, wires, this.faults);
  }

  get clientCount(): number {
    return this.#hub.clientCount;
  }

  get playing(): readonly string[] {
    return this.#market.symbols.map(({ symbol }) => symbol);
  }

  get nextEventTime(): number {
    return this.#market.nextEventTime;
  }

  advanceTo(now: number): void {
    this.#hub.batch(() => this.#market.advanceTo(now, this.#broadcast));
  }

  answer(path: string, params: URLSearchParams): RestAnswer {
    return this.#rest.answer(path, params);
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#hub.upgrade(url, request, socket, head);
  }

  shutdown(): void {
    this.#hub.shutdown();
  }
}
