import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../core/market/timeframe.ts';
import type { FaultScript } from '../faults/script.ts';
import type { Listing } from '../listings.ts';
import type { ListedMarket, Protocol, ProtocolSetup, RestAnswer } from '../protocol/protocol.ts';
import { BybitBroadcast } from './broadcast.ts';
import { BybitHub } from './stream-hub.ts';

/** A request that Bybit refuses, with HTTP status 200. Source: Bybit v5 docs, "Error codes". */
class Refused extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const INVALID = 10001;
const KLINES = { usual: 200, most: 1_000 };
const BOOK = { usual: 25, most: 200 };
/** Spot gives fewer recent trades than contracts. */
const TRADES = { spot: { usual: 60, most: 60 }, contract: { usual: 500, most: 1_000 } };

/** Bybit v5's public market data: spot, linear and inverse. */
export class BybitProtocol implements Protocol {
  readonly hub: BybitHub;
  readonly sink: BybitBroadcast;
  readonly #markets: readonly ListedMarket[];
  readonly #time: () => number;
  readonly #faults: FaultScript;

  constructor(setup: ProtocolSetup) {
    this.#markets = setup.markets;
    this.#time = setup.time;
    this.#faults = setup.faults;
    this.sink = new BybitBroadcast(
      setup,
      (broadcast) => new BybitHub(broadcast.streams, setup, (client, stream) => broadcast.onSubscribed(client, stream)),
    );
    this.hub = this.sink.hub;
  }

  follows({ instrument }: Listing): boolean {
    return this.sink.follows(instrument.symbol);
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.hub.upgrade(url, request, socket, head);
  }

  answer(path: string, params: URLSearchParams): RestAnswer {
    const time = this.#faults.clock(this.#time());
    const body = (code: number, text: string, result: string): string =>
      `{"retCode":${code},"retMsg":${JSON.stringify(text)},"result":${result},"retExtInfo":{},"time":${time}}`;
    try {
      const result = this.#route(path, params, time);
      return result === undefined ? { status: 404, body: '' } : { status: 200, body: body(0, 'OK', result) };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { status: 200, body: body(thrown.code, thrown.message, '{}') };
    }
  }

  #route(path: string, params: URLSearchParams, time: number): string | undefined {
    switch (path) {
      case '/v5/market/time':
        return `{"timeSecond":"${Math.floor(time / 1_000)}","timeNano":"${time}000000"}`;
      case '/v5/market/instruments-info':
        return this.#instruments(params);
      case '/v5/market/kline':
        return this.#klines(params);
      case '/v5/market/recent-trade':
        return this.#trades(params);
      case '/v5/market/orderbook':
        return this.#book(params, time);
      default:
        return undefined;
    }
  }

  #instruments(params: URLSearchParams): string {
    const category = categoryOf(params);
    const listings = params.has('symbol')
      ? [this.#listed(params)]
      : this.#markets.filter(({ listing }) => listing.kind === category);
    const list = listings.map(({ listing }) => this.sink.wire(listing.instrument.symbol).instrument());
    return JSON.stringify({ category, list, nextPageCursor: '' });
  }

  #klines(params: URLSearchParams): string {
    const { listing, present } = this.#asked(params);
    const timeframe = timeframeOf(params.get('interval'));
    const start = integerOf(params, 'start') ?? 0;
    const end = integerOf(params, 'end') ?? this.#time();
    const limit = limitOf(params, KLINES);
    // Of too long a range the newest are given.
    const klines = present().klines({ timeframe, endTime: end, limit });
    const wire = this.sink.wire(listing.instrument.symbol);
    const rows = klines.filter(({ openTime }) => openTime >= start).map((kline) => wire.klineRow(kline));
    return `{"category":"${listing.kind}","symbol":"${listing.venueSymbol}","list":[${rows.reverse().join(',')}]}`;
  }

  #trades(params: URLSearchParams): string {
    const { listing, present } = this.#asked(params);
    const limit = limitOf(params, listing.kind === 'spot' ? TRADES.spot : TRADES.contract);
    const wire = this.sink.wire(listing.instrument.symbol);
    const rows = present()
      .recentTrades(limit)
      .map((trade) => wire.tradeRow(trade));
    return `{"category":"${listing.kind}","list":[${rows.reverse().join(',')}]}`;
  }

  #book(params: URLSearchParams, time: number): string {
    const { listing, present } = this.#asked(params);
    const market = present();
    const limit = limitOf(params, BOOK);
    const { book } = market;
    const wire = this.sink.wire(listing.instrument.symbol);
    return wire.bookResult(time, this.sink.updateOf(market), book.lastUpdateId, book.bids.top(limit), book.asks.top(limit));
  }

  #asked(params: URLSearchParams): { readonly listing: Listing; readonly present: () => ReturnType<ListedMarket['present']> } {
    const market = this.#listed(params);
    return { listing: market.listing, present: () => market.present() };
  }

  #listed(params: URLSearchParams): ListedMarket {
    const category = categoryOf(params);
    const symbol = params.get('symbol');
    const market = this.#markets.find(({ listing }) => listing.kind === category && listing.venueSymbol === symbol);
    if (market === undefined) throw new Refused(INVALID, 'Not supported symbols');
    return market;
  }
}

function categoryOf(params: URLSearchParams): string {
  const category = params.get('category') ?? '';
  if (category !== 'spot' && category !== 'linear' && category !== 'inverse') throw new Refused(INVALID, 'Illegal category');
  return category;
}

/** Minutes, or `D`. */
function timeframeOf(interval: string | null): Timeframe {
  const minutes = interval === 'D' ? 1_440 : Number(interval);
  const timeframe = TIMEFRAMES.find((name) => TIMEFRAME_MS[name] === minutes * 60_000);
  if (timeframe === undefined) throw new Refused(INVALID, 'Invalid period!');
  return timeframe;
}

function integerOf(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refused(INVALID, `params error: ${name} invalid`);
  return Number(text);
}

function limitOf(params: URLSearchParams, { usual, most }: { readonly usual: number; readonly most: number }): number {
  return Math.max(1, Math.min(integerOf(params, 'limit') ?? usual, most));
}
