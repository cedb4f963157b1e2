import type { FaultScript } from '../faults.ts';
import type { BookDiff } from '../simulation/book.ts';
import type { Kline } from '../simulation/kline.ts';
import type { MarketSink, SymbolMarket, TradeEvent } from '../simulation/symbol-market.ts';
import type { StreamHub } from './stream-hub.ts';
import type { BinanceWire } from './wire.ts';

/** Ticks by which a `crossed` fault lifts a bid over the best ask. */
const CROSSED_TICKS = 10;

/** The streams of one symbol. Binance names them in lower case. */
export function streamsOf(symbol: string): { readonly depth: string; readonly trade: string; readonly kline: string } {
  const name = symbol.toLowerCase();
  return { depth: `${name}@depth@100ms`, trade: `${name}@trade`, kline: `${name}@kline_1s` };
}

/** Turns what the market tells into stream events, and applies the scripted faults on the way. */
export class Broadcast implements MarketSink {
  readonly #hub: StreamHub;
  readonly #wires: ReadonlyMap<string, BinanceWire>;
  readonly #faults: FaultScript;
  readonly #streams = new Map<string, ReturnType<typeof streamsOf>>();
  /** Symbols whose next depth update is to be lost, or to be crossed. */
  readonly #gapNext = new Set<string>();
  readonly #crossNext = new Set<string>();

  constructor(hub: StreamHub, wires: ReadonlyMap<string, BinanceWire>, faults: FaultScript) {
    this.#hub = hub;
    this.#wires = wires;
    this.#faults = faults;
    for (const symbol of wires.keys()) this.#streams.set(symbol, streamsOf(symbol));
  }

  onTrade(market: SymbolMarket, trade: TradeEvent): void {
    const { stream, wire } = this.#channel(market, 'trade');
    if (this.#quiet(trade.time) || !this.#hub.hasSubscribers(stream)) return;
    this.#hub.publish(stream, wire.trade(trade.time, trade));
  }

  onDepth(market: SymbolMarket, time: number, diff: BookDiff): void {
    const quiet = this.#quiet(time);
    const { stream, wire } = this.#channel(market, 'depth');
    if (this.#gapNext.delete(market.symbol) || quiet || !this.#hub.hasSubscribers(stream)) return;
    const told = this.#crossNext.delete(market.symbol) ? crossed(market, diff) : diff;
    this.#hub.publish(stream, wire.depthUpdate(time, told));
  }

  onSecond(market: SymbolMarket, time: number, kline: Kline): void {
    const { stream, wire } = this.#channel(market, 'kline');
    if (this.#quiet(time) || !this.#hub.hasSubscribers(stream)) return;
    this.#hub.publish(stream, wire.klineEvent(time, '1s', kline, true));
  }

  /** Starts the faults that are due, and says whether the streams are silent. */
  #quiet(time: number): boolean {
    for (const fault of this.#faults.due(time)) {
      if (fault.kind === 'close') this.#hub.closeAll('scripted fault');
      else if (fault.kind === 'gap') for (const symbol of this.#streams.keys()) this.#gapNext.add(symbol);
      else if (fault.kind === 'crossed') for (const symbol of this.#streams.keys()) this.#crossNext.add(symbol);
    }
    return this.#faults.silent(time);
  }

  #channel(market: SymbolMarket, kind: 'depth' | 'trade' | 'kline'): { readonly stream: string; readonly wire: BinanceWire } {
    const stream = this.#streams.get(market.symbol)?.[kind];
    const wire = this.#wires.get(market.symbol);
    if (stream === undefined || wire === undefined) throw new Error(`${market.symbol} has no streams`);
    return { stream, wire };
  }
}

function crossed(market: SymbolMarket, diff: BookDiff): BookDiff {
  const ask = market.book.asks.best;
  return ask === undefined ? diff : { ...diff, bids: [[ask + CROSSED_TICKS, 1_000] as const, ...diff.bids] };
}
