import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TIMEFRAMES, type Timeframe } from '../../core/market/timeframe.ts';
import type { Listing } from '../listings.ts';
import type { ListedMarket, Protocol, ProtocolSetup, RestAnswer } from '../protocol/protocol.ts';
import type { KlineQuery } from '../simulation/kline.ts';
import { MexcBroadcast } from './broadcast.ts';
import type { MexcHub } from './stream-hub.ts';
import type { MexcWire } from './wire.ts';

/** A request that MEXC refuses. Source: MEXC spot v3 docs, "Error codes". */
class Refused extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const BAD_SYMBOL = -1121;
const BAD_PARAMETER = 700003;
const DEPTH = { usual: 100, most: 5_000 };
/** By the documents 1,000; 500 come. */
const KLINES = { usual: 500, most: 500 };
const TRADES = { usual: 500, most: 1_000 };

/** MEXC spot v3's public market data. */
export class MexcProtocol implements Protocol {
  readonly hub: MexcHub;
  readonly sink: MexcBroadcast;
  readonly #setup: ProtocolSetup;

  constructor(setup: ProtocolSetup) {
    this.#setup = setup;
    this.sink = new MexcBroadcast(setup);
    this.hub = this.sink.hub;
  }

  follows({ instrument }: Listing): boolean {
    return this.sink.follows(instrument.symbol);
  }

  flush(): void {
    this.sink.flush();
  }

  upgrade(url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.hub.upgrade(url, request, socket, head);
  }

  answer(path: string, params: URLSearchParams): RestAnswer {
    try {
      const body = this.#route(path, params);
      return body === undefined ? { status: 404, body: '{"code":404,"msg":"no such endpoint"}' } : { status: 200, body };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { status: 400, body: JSON.stringify({ code: thrown.code, msg: thrown.message }) };
    }
  }

  #route(path: string, params: URLSearchParams): string | undefined {
    const time = this.#setup.faults.clock(this.#setup.time());
    switch (path) {
      case '/api/v3/ping':
        return '{}';
      case '/api/v3/time':
        return `{"serverTime":${time}}`;
      case '/api/v3/exchangeInfo':
        return this.#exchangeInfo(params, time);
      case '/api/v3/depth':
        return this.#depth(params, time);
      case '/api/v3/klines':
        return this.#klines(params);
      case '/api/v3/trades':
        return this.#trades(params);
      default:
        return undefined;
    }
  }

  #exchangeInfo(params: URLSearchParams, serverTime: number): string {
    const names = params.get('symbol') ?? params.get('symbols');
    const markets = this.#setup.markets.filter(({ listing }) => names === null || names.split(',').includes(listing.venueSymbol));
    const symbols = markets.map((market) => this.#wire(market).symbolInfo());
    return JSON.stringify({ timezone: 'CST', serverTime, rateLimits: [], exchangeFilters: [], symbols });
  }

  #depth(params: URLSearchParams, time: number): string {
    const market = this.#named(params);
    const limit = limitOf(params, DEPTH);
    const { book } = market.present();
    return this.#wire(market).depthAnswer(time, book.lastUpdateId, book.bids.top(limit), book.asks.top(limit));
  }

  #klines(params: URLSearchParams): string {
    const market = this.#named(params);
    const startTime = integerOf(params, 'startTime');
    const endTime = integerOf(params, 'endTime');
    const query: KlineQuery = {
      timeframe: timeframeOf(params.get('interval')),
      limit: limitOf(params, KLINES),
      ...(startTime !== undefined && { startTime }),
      ...(endTime !== undefined && { endTime }),
    };
    const wire = this.#wire(market);
    const rows = market
      .present()
      .klines(query)
      .map((kline) => wire.klineRow(kline));
    return `[${rows.join(',')}]`;
  }

  /** The newest first. */
  #trades(params: URLSearchParams): string {
    const market = this.#named(params);
    const wire = this.#wire(market);
    const rows = market
      .present()
      .recentTrades(limitOf(params, TRADES))
      .map((trade) => wire.tradeRow(trade));
    return `[${rows.reverse().join(',')}]`;
  }

  #named(params: URLSearchParams): ListedMarket {
    const symbol = params.get('symbol');
    const market = this.#setup.markets.find(({ listing }) => listing.venueSymbol === symbol);
    if (market === undefined) throw new Refused(BAD_SYMBOL, 'Invalid symbol.');
    return market;
  }

  #wire({ listing }: ListedMarket): MexcWire {
    return this.sink.wire(listing.instrument.symbol);
  }
}

/** MEXC calls an hour `60m`. */
function timeframeOf(interval: string | null): Timeframe {
  const name = interval === '60m' ? '1h' : interval;
  const timeframe = interval === '1h' || interval === '1s' ? undefined : TIMEFRAMES.find((known) => known === name);
  if (timeframe === undefined) throw new Refused(BAD_SYMBOL, 'Invalid interval.');
  return timeframe;
}

function integerOf(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refused(BAD_PARAMETER, `Parameter '${name}' is not an integer.`);
  return Number(text);
}

function limitOf(params: URLSearchParams, { usual, most }: { readonly usual: number; readonly most: number }): number {
  return Math.max(1, Math.min(integerOf(params, 'limit') ?? usual, most));
}
