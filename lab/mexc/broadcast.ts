import { FaultEvents } from '../protocol/fault-events.ts';
import type { ProtocolSetup } from '../protocol/protocol.ts';
import { runningMinute } from '../protocol/running-minute.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from '../simulation/symbol-market.ts';
import { MexcHub } from './stream-hub.ts';
import { MexcWire } from './wire.ts';

interface Channel {
  readonly wire: MexcWire;
  readonly depth: string;
  readonly deals: string;
  readonly kline: string;
  /** Deals of this step that were not told yet, with the times that they are told to have. */
  readonly collected: [time: number, trade: TradeEvent][];
}

/** The streams of MEXC's listings: depth by versions (the book's own update ids), deals of a step together, one-minute candles. */
export class MexcBroadcast implements MarketSink {
  readonly hub: MexcHub;
  readonly #channels = new Map<string, Channel>();
  readonly #faults: FaultEvents;

  constructor(setup: ProtocolSetup) {
    for (const { listing } of setup.markets) {
      const { venueSymbol, instrument } = listing;
      this.#channels.set(instrument.symbol, {
        wire: new MexcWire(listing),
        depth: `spot@public.aggre.depth.v3.api.pb@100ms@${venueSymbol}`,
        deals: `spot@public.aggre.deals.v3.api.pb@100ms@${venueSymbol}`,
        kline: `spot@public.kline.v3.api.pb@${venueSymbol}@Min1`,
        collected: [],
      });
    }
    const names = [...this.#channels.values()].flatMap(({ depth, deals, kline }) => [depth, deals, kline]);
    this.hub = new MexcHub(names, setup);
    this.#faults = new FaultEvents(setup.faults, this.hub, [...this.#channels.keys()]);
  }

  follows(symbol: string): boolean {
    const { depth, deals, kline } = this.#channel(symbol);
    return this.hub.hasSubscribers(depth) || this.hub.hasSubscribers(deals) || this.hub.hasSubscribers(kline);
  }

  wire(symbol: string): MexcWire {
    return this.#channel(symbol).wire;
  }

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    const { deals, collected } = this.#channel(market.symbol);
    if (this.#faults.quiet(trade.time) || !this.hub.hasSubscribers(deals)) return;
    collected.push([this.#faults.stamp(trade.time), trade]);
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    const faults = this.#faults;
    const channel = this.#channel(market.symbol);
    this.#tellDeals(channel);
    const { depth, wire } = channel;
    if (faults.quiet(time) || !this.hub.hasSubscribers(depth)) {
      faults.skip(market.symbol);
      return;
    }
    const stamp = faults.depthTime(time);
    const frame = wire.depths(depth, stamp, faults.told(market, diff));
    faults.publish(market.symbol, depth, frame, (price, quantity) => wire.depthLevel(depth, stamp, diff, price, quantity));
  }

  onSecond(market: SymbolMarket, time: number): void {
    const { kline, wire } = this.#channel(market.symbol);
    if (this.#faults.quiet(time) || !this.hub.hasSubscribers(kline)) return;
    const running = runningMinute(market, time);
    if (running !== undefined) this.hub.publish(kline, wire.kline(kline, this.#faults.stamp(time), 'Min1', running.kline));
  }

  /** Tells the deals of the running step. */
  flush(): void {
    for (const channel of this.#channels.values()) this.#tellDeals(channel);
  }

  #tellDeals({ deals, collected, wire }: Channel): void {
    const last = collected.at(-1);
    if (last === undefined) return;
    this.hub.publish(deals, wire.deals(deals, last[0], collected));
    collected.length = 0;
  }

  #channel(symbol: string): Channel {
    const channel = this.#channels.get(symbol);
    if (channel === undefined) throw new Error(`${symbol} has no streams`);
    return channel;
  }
}
