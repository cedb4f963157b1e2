import { FaultEvents } from '../protocol/fault-events.ts';
import type { ListedMarket, ProtocolSetup } from '../protocol/protocol.ts';
import { runningMinute } from '../protocol/running-minute.ts';
import type { Client } from '../protocol/stream-server.ts';
import { type MarketSink, STEP_MS, type SymbolMarket, type TradeEvent } from '../simulation/symbol-market.ts';
import type { BookDiff } from '../simulation/book.ts';
import { type BybitHub, streamOf } from './stream-hub.ts';
import { BybitWire } from './wire.ts';

/** The depth that is served; books are no deeper, so that no level enters or leaves the view. */
const DEPTH = 200;

interface Channel {
  readonly market: ListedMarket;
  readonly wire: BybitWire;
  readonly topics: { readonly book: string; readonly trade: string; readonly kline: string };
  readonly streams: { readonly book: string; readonly trade: string; readonly kline: string };
  /** Bybit's `u`: counts the deltas. Begins with the time, so that a market that begins anew goes on above. */
  update: number;
  /** The market that `update` counts for. */
  counted: SymbolMarket | undefined;
}

/** The streams of Bybit's listings: books as snapshot and deltas, trades, one-minute candles. */
export class BybitBroadcast implements MarketSink {
  readonly #channels = new Map<string, Channel>();
  readonly #bookStreams = new Map<string, Channel>();
  readonly #faults: FaultEvents;
  readonly hub: BybitHub;

  constructor(setup: ProtocolSetup, hub: (broadcast: BybitBroadcast) => BybitHub) {
    for (const market of setup.markets) {
      const { kind, venueSymbol, instrument } = market.listing;
      const topics = {
        book: `orderbook.${DEPTH}.${venueSymbol}`,
        trade: `publicTrade.${venueSymbol}`,
        kline: `kline.1.${venueSymbol}`,
      };
      const streams = {
        book: streamOf(kind, topics.book),
        trade: streamOf(kind, topics.trade),
        kline: streamOf(kind, topics.kline),
      };
      const channel = { market, wire: new BybitWire(market.listing), topics, streams, update: 0, counted: undefined };
      this.#channels.set(instrument.symbol, channel);
      this.#bookStreams.set(streams.book, channel);
    }
    this.hub = hub(this);
    this.#faults = new FaultEvents(setup.faults, this.hub, [...this.#channels.keys()]);
  }

  get streams(): readonly string[] {
    return [...this.#channels.values()].flatMap(({ streams }) => Object.values(streams));
  }

  follows(symbol: string): boolean {
    const { streams } = this.#channel(symbol);
    return (
      this.hub.hasSubscribers(streams.book) || this.hub.hasSubscribers(streams.trade) || this.hub.hasSubscribers(streams.kline)
    );
  }

  wire(symbol: string): BybitWire {
    return this.#channel(symbol).wire;
  }

  /** The update that a book which is read now has. */
  updateOf(market: SymbolMarket): number {
    const channel = this.#channel(market.symbol);
    if (channel.counted !== market) {
      channel.counted = market;
      channel.update = Math.max(channel.update + 1, Math.floor(market.now / STEP_MS));
    }
    return channel.update;
  }

  /** A client came to a stream; a book is told whole, at once where nothing has moved since the last delta. */
  onSubscribed(client: Client, stream: string): void {
    const channel = this.#bookStreams.get(stream);
    if (channel === undefined) return;
    client.newTo.add(stream);
    const market = channel.market.present();
    if (this.#faults.silent(market.now) || !market.book.isDrained) return;
    if (client.newTo.delete(stream)) this.hub.send(client, this.#snapshot(channel, market, market.now));
  }

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    const { streams, topics, wire } = this.#channel(market.symbol);
    if (this.#faults.quiet(trade.time) || !this.hub.hasSubscribers(streams.trade)) return;
    this.hub.publish(streams.trade, wire.trade(topics.trade, this.#faults.stamp(trade.time), trade));
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    const faults = this.#faults;
    const channel = this.#channel(market.symbol);
    const { streams, topics, wire } = channel;
    const quiet = faults.quiet(time);
    const update = this.updateOf(market) + 1;
    channel.update = update;
    if (quiet || !this.hub.hasSubscribers(streams.book)) {
      faults.skip(market.symbol);
      return;
    }
    const stamp = faults.depthTime(time);
    const seq = diff.lastUpdateId;
    const { bids, asks } = faults.told(market, diff);
    const frame = wire.book('delta', topics.book, stamp, update, seq, bids, asks);
    faults.publish(market.symbol, streams.book, frame, (price, size) =>
      wire.bookLevel(topics.book, stamp, update, seq, price, size),
    );
    const newcomers = this.hub.takeNewcomers(streams.book);
    if (newcomers.length === 0) return;
    const snapshot = this.#snapshot(channel, market, time);
    for (const client of newcomers) this.hub.send(client, snapshot);
  }

  onSecond(market: SymbolMarket, time: number): void {
    const { streams, topics, wire } = this.#channel(market.symbol);
    if (this.#faults.quiet(time) || !this.hub.hasSubscribers(streams.kline)) return;
    const running = runningMinute(market, time);
    if (running === undefined) return;
    this.hub.publish(streams.kline, wire.kline(topics.kline, this.#faults.stamp(time), '1', running.kline, running.closed));
  }

  #snapshot(channel: Channel, market: SymbolMarket, time: number): string {
    const { book } = market;
    const update = this.updateOf(market);
    const stamp = this.#faults.depthTime(time);
    return channel.wire.book(
      'snapshot',
      channel.topics.book,
      stamp,
      update,
      book.lastUpdateId,
      book.bids.top(DEPTH),
      book.asks.top(DEPTH),
    );
  }

  #channel(symbol: string): Channel {
    const channel = this.#channels.get(symbol);
    if (channel === undefined) throw new Error(`${symbol} has no streams`);
    return channel;
  }
}
