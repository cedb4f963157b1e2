import { FaultEvents } from '../protocol/fault-events.ts';
import type { ListedMarket, ProtocolSetup } from '../protocol/protocol.ts';
import { runningMinute } from '../protocol/running-minute.ts';
import type { Client } from '../protocol/stream-server.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from '../simulation/symbol-market.ts';
import type { DeribitHub } from './stream-hub.ts';
import { DeribitWire } from './wire.ts';

/** More than a side ever has. */
const WHOLE = 10_000;

interface Channel {
  readonly market: ListedMarket;
  readonly wire: DeribitWire;
  readonly book: string;
  readonly trades: string;
  readonly chart: string;
  /** Trades of this step that were not told yet, as text. */
  readonly collected: string[];
}

function notification(channel: string, data: string): string {
  return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
}

/** The channels of Deribit's perpetuals: `book.X.100ms`, `trades.X.100ms` and `chart.trades.X.1`. */
export class DeribitBroadcast implements MarketSink {
  readonly hub: DeribitHub;
  readonly #channels = new Map<string, Channel>();
  readonly #books = new Map<string, Channel>();
  readonly #faults: FaultEvents;

  constructor(setup: ProtocolSetup, hub: (broadcast: DeribitBroadcast) => DeribitHub) {
    for (const market of setup.markets) {
      const { venueSymbol, instrument } = market.listing;
      const channel: Channel = {
        market,
        wire: new DeribitWire(market.listing),
        book: `book.${venueSymbol}.100ms`,
        trades: `trades.${venueSymbol}.100ms`,
        chart: `chart.trades.${venueSymbol}.1`,
        collected: [],
      };
      this.#channels.set(instrument.symbol, channel);
      this.#books.set(channel.book, channel);
    }
    this.hub = hub(this);
    this.#faults = new FaultEvents(setup.faults, this.hub, [...this.#channels.keys()]);
  }

  get names(): readonly string[] {
    return [...this.#channels.values()].flatMap(({ book, trades, chart }) => [book, trades, chart]);
  }

  follows(symbol: string): boolean {
    const { book, trades, chart } = this.#channel(symbol);
    return this.hub.hasSubscribers(book) || this.hub.hasSubscribers(trades) || this.hub.hasSubscribers(chart);
  }

  wire(symbol: string): DeribitWire {
    return this.#channel(symbol).wire;
  }

  /** A client came to a channel; a book is told whole, at once where nothing has moved since the last change. */
  onSubscribed(client: Client, name: string): void {
    const channel = this.#books.get(name);
    if (channel === undefined) return;
    client.newTo.add(name);
    const market = channel.market.present();
    if (this.#faults.silent(market.now) || !market.book.isDrained) return;
    if (client.newTo.delete(name)) this.hub.send(client, this.#snapshot(channel, market, market.now));
  }

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    const channel = this.#channel(market.symbol);
    if (this.#faults.quiet(trade.time) || !this.hub.hasSubscribers(channel.trades)) return;
    channel.collected.push(channel.wire.trade(this.#faults.stamp(trade.time), trade));
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    const faults = this.#faults;
    const channel = this.#channel(market.symbol);
    this.#tellTrades(channel);
    const { book, wire } = channel;
    if (faults.quiet(time) || !this.hub.hasSubscribers(book)) {
      faults.skip(market.symbol);
      return;
    }
    const stamp = faults.depthTime(time);
    const frame = notification(book, wire.change(stamp, faults.told(market, diff)));
    faults.publish(market.symbol, book, frame, (price, amount) =>
      notification(book, wire.changeLevel(stamp, diff, price, amount)),
    );
    const newcomers = this.hub.takeNewcomers(book);
    if (newcomers.length === 0) return;
    const snapshot = this.#snapshot(channel, market, time);
    for (const client of newcomers) this.hub.send(client, snapshot);
  }

  onSecond(market: SymbolMarket, time: number): void {
    const { chart, wire } = this.#channel(market.symbol);
    if (this.#faults.quiet(time) || !this.hub.hasSubscribers(chart)) return;
    const running = runningMinute(market, time);
    if (running !== undefined) this.hub.publish(chart, notification(chart, wire.candle(running.kline)));
  }

  /** Tells the trades of the running step. */
  flush(): void {
    for (const channel of this.#channels.values()) this.#tellTrades(channel);
  }

  #tellTrades({ trades, collected }: Channel): void {
    if (collected.length === 0) return;
    this.hub.publish(trades, notification(trades, `[${collected.join(',')}]`));
    collected.length = 0;
  }

  #snapshot({ wire, book: name }: Channel, market: SymbolMarket, time: number): string {
    const { book } = market;
    const stamp = this.#faults.depthTime(time);
    return notification(name, wire.snapshot(stamp, book.lastUpdateId, book.bids.top(WHOLE), book.asks.top(WHOLE)));
  }

  #channel(symbol: string): Channel {
    const channel = this.#channels.get(symbol);
    if (channel === undefined) throw new Error(`${symbol} has no channels`);
    return channel;
  }
}
