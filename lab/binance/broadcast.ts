import type { FaultScript } from '../faults/script.ts';
import { FaultEvents } from '../protocol/fault-events.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { Kline } from '../simulation/kline.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from '../simulation/symbol-market.ts';
import type { StreamHub } from './stream-hub.ts';
import type { BinanceWire } from './wire.ts';

/** The streams of one symbol. Binance names them in lower case. */
export function streamsOf(symbol: string): { readonly depth: string; readonly trade: string; readonly kline: string } {
  const name = symbol.toLowerCase();
  return { depth: `${name}@depth@100ms`, trade: `${name}@trade`, kline: `${name}@kline_1s` };
}

/** Turns what the market tells into stream events, and applies the scripted faults on the way. */
export class Broadcast implements MarketSink {
  readonly #hub: StreamHub;
  readonly #wires: ReadonlyMap<string, BinanceWire>;
  readonly #faults: FaultEvents;
  readonly #streams = new Map<string, ReturnType<typeof streamsOf>>();

  constructor(hub: StreamHub, wires: ReadonlyMap<string, BinanceWire>, faults: FaultScript) {
    this.#hub = hub;
    this.#wires = wires;
    this.#faults = new FaultEvents(faults, hub, [...wires.keys()]);
    for (const symbol of wires.keys()) this.#streams.set(symbol, streamsOf(symbol));
  }

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    const { stream, wire } = this.#channel(market, 'trade');
    if (this.#faults.quiet(trade.time) || !this.#hub.hasSubscribers(stream)) return;
    this.#hub.publish(stream, wire.trade(this.#faults.stamp(trade.time), trade));
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    const faults = this.#faults;
    const { stream, wire } = this.#channel(market, 'depth');
    if (faults.quiet(time) || !this.#hub.hasSubscribers(stream)) {
      faults.skip(market.symbol);
      return;
    }
    const stamp = faults.depthTime(time);
    const frame = wire.depthUpdate(stamp, faults.told(market, diff));
    faults.publish(market.symbol, stream, frame, (price, size) => wire.depthLevel(stamp, diff, price, size));
  }

  onSecond(market: SymbolMarket, time: number, kline: Kline): void {
    const { stream, wire } = this.#channel(market, 'kline');
    if (this.#faults.quiet(time) || !this.#hub.hasSubscribers(stream)) return;
    this.#hub.publish(stream, wire.klineEvent(this.#faults.stamp(time), '1s', kline, true));
  }

  #channel(market: SymbolMarket, kind: 'depth' | 'trade' | 'kline'): { readonly stream: string; readonly wire: BinanceWire } {
    const stream = this.#streams.get(market.symbol)?.[kind];
    const wire = this.#wires.get(market.symbol);
    if (stream === undefined || wire === undefined) throw new Error(`${market.symbol} has no streams`);
    return { stream, wire };
  }
}
