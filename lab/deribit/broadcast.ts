import { FaultEvents } from '../protocol/fault-events.ts';
import type { ListedMarket, ProtocolSetup } from '../protocol/protocol.ts';
import { runningMinute } from '../protocol/running-minute.ts';
import type { Client } from '../protocol/stream-server.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from '../simulation/symbol-market.ts';
import { type LabOption, optionNamed, optionQuote } from './options.ts';
import type { DeribitHub } from './stream-hub.ts';
import { DeribitWire } from './wire.ts';

/** More than a side ever has. */
const WHOLE = 10_000;
const QUOTE = 'quote.';

interface Channel {
  readonly market: ListedMarket;
  readonly wire: DeribitWire;
  readonly book: string;
  readonly trades: string;
  readonly chart: string;
  readonly quote: string;
  /** Options on it that somebody follows, by their channels. */
  readonly options: Map<string, LabOption>;
  /** Trades of this step that were not told yet, as text. */
  readonly collected: string[];
}

function notification(channel: string, data: string): string {
  return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
}

/** The channels of Deribit's perpetuals: `book.X.100ms`, `trades.X.100ms`, `chart.trades.X.1` and `quote.X`, the last for options too. */
export class DeribitBroadcast implements MarketSink {
  readonly hub: DeribitHub;
  readonly #channels = new Map<string, Channel>();
  readonly #books = new Map<string, Channel>();
  readonly #quotes = new Map<string, Channel>();
  readonly #names = new Set<string>();
  readonly #time: () => number;
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
        quote: `quote.${venueSymbol}`,
        options: new Map(),
        collected: [],
      };
      this.#channels.set(instrument.symbol, channel);
      this.#books.set(channel.book, channel);
      this.#quotes.set(channel.quote, channel);
      for (const name of [channel.book, channel.trades, channel.chart, channel.quote]) this.#names.add(name);
    }
    this.#time = setup.time;
    this.hub = hub(this);
    this.#faults = new FaultEvents(setup.faults, this.hub, [...this.#channels.keys()]);
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#optionOf(name) !== undefined;
  }

  follows(symbol: string): boolean {
    const { book, trades, chart, quote, options } = this.#channel(symbol);
    return [book, trades, chart, quote, ...options.keys()].some((name) => this.hub.hasSubscribers(name));
  }

  wire(symbol: string): DeribitWire {
    return this.#channel(symbol).wire;
  }

  /** A client came to a channel; a book is told whole, at once where nothing has moved since the last change. */
  onSubscribed(client: Client, name: string): void {
    const channel = this.#books.get(name);
    if (channel === undefined) return this.#onQuoteSubscribed(client, name);
    client.newTo.add(name);
    const market = channel.market.present();
    if (this.#faults.silent(market.now) || !market.book.isDrained) return;
    if (client.newTo.delete(name)) this.hub.send(client, this.#snapshot(channel, market, market.now));
  }

  #onQuoteSubscribed(client: Client, name: string): void {
    const option = this.#optionOf(name);
    const channel = option === undefined ? this.#quotes.get(name) : this.#onBase(option.base);
    if (channel === undefined) return;
    if (option !== undefined) channel.options.set(name, option);
    const market = channel.market.present();
    if (this.#faults.silent(market.now)) return;
    const quote = option === undefined ? this.#quote(channel, market, market.now) : this.#optionQuote(channel, market, option);
    if (quote !== undefined) this.hub.send(client, notification(name, quote));
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
    this.#tellQuote(channel, market, time);
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
    const channel = this.#channel(market.symbol);
    const { chart, wire } = channel;
    if (this.#faults.quiet(time)) return;
    this.#tellOptions(channel, market);
    if (!this.hub.hasSubscribers(chart)) return;
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

  #tellQuote(channel: Channel, market: SymbolMarket, time: number): void {
    const { quote } = channel;
    if (!this.hub.hasSubscribers(quote) || this.#faults.quiet(time)) return;
    const text = this.#quote(channel, market, time);
    if (text !== undefined) this.hub.publish(quote, notification(quote, text));
  }

  /** Once a second: more often than anybody reads, and dear at sixty times the speed. */
  #tellOptions(channel: Channel, market: SymbolMarket): void {
    for (const [name, option] of channel.options) {
      if (!this.hub.hasSubscribers(name) || option.expiresAt <= market.now) {
        channel.options.delete(name);
        continue;
      }
      const text = this.#optionQuote(channel, market, option);
      if (text !== undefined) this.hub.publish(name, notification(name, text));
    }
  }

  #quote({ wire }: Channel, { book }: SymbolMarket, time: number): string | undefined {
    const [bid] = book.bids.top(1);
    const [ask] = book.asks.top(1);
    return bid && ask && wire.quote(this.#faults.depthTime(time), bid, ask);
  }

  #optionQuote({ wire }: Channel, market: SymbolMarket, option: LabOption): string | undefined {
    const spot = wire.mid(market.book);
    return spot === undefined ? undefined : optionQuote(option, market.now, this.#faults.depthTime(market.now), spot);
  }

  #optionOf(channel: string): LabOption | undefined {
    if (!channel.startsWith(QUOTE)) return undefined;
    const option = optionNamed(channel.slice(QUOTE.length), this.#time());
    return option !== undefined && this.#onBase(option.base) !== undefined ? option : undefined;
  }

  #onBase(base: string): Channel | undefined {
    for (const channel of this.#channels.values()) if (channel.market.listing.instrument.base === base) return channel;
    return undefined;
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
