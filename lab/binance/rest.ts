import { TIMEFRAMES, type Timeframe } from '../../core/market/timeframe.ts';
import type { RestAnswer } from '../protocol/protocol.ts';
import type { KlineQuery } from '../simulation/kline.ts';
import type { Market } from '../simulation/market.ts';
import type { SymbolMarket } from '../simulation/symbol-market.ts';
import { exchangeInfo } from './exchange-info.ts';
import type { BinanceWire } from './wire.ts';

/** A request that Binance refuses; the codes are from its spot API docs, "errors". */
class Refused extends Error {
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const DEPTH_LIMIT = { usual: 100, most: 5_000 };
const KLINES_LIMIT = { usual: 500, most: 1_000 };
const TRADES_LIMIT = { usual: 500, most: 1_000 };

/** Binance spot's public REST endpoints over a playing market. The caller brings the market to the present first. */
export class BinanceRest {
  readonly #market: Market;
  readonly #wires: ReadonlyMap<string, BinanceWire>;
  readonly #clock: () => number;

  /** `clock`: the time that Binance says it is. */
  constructor(market: Market, wires: ReadonlyMap<string, BinanceWire>, clock: () => number) {
    this.#market = market;
    this.#wires = wires;
    this.#clock = clock;
  }

  answer(path: string, params: URLSearchParams): RestAnswer {
    try {
      const body = this.#route(path, params);
      return body === undefined ? { status: 404, body: '{"code":-1000,"msg":"No such endpoint."}' } : { status: 200, body };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return { status: thrown.status, body: JSON.stringify({ code: thrown.code, msg: thrown.message }) };
    }
  }

  #route(path: string, params: URLSearchParams): string | undefined {
    switch (path) {
      case '/api/v3/ping':
        return '{}';
      case '/api/v3/time':
        return `{"serverTime":${this.#clock()}}`;
      case '/api/v3/exchangeInfo':
        return JSON.stringify(
          exchangeInfo(
            this.#clock(),
            this.#namedSymbols(params).map((market) => market.recording.instrument),
          ),
        );
      case '/api/v3/depth':
        return this.#depth(params);
      case '/api/v3/klines':
        return this.#klines(params);
      case '/api/v3/trades':
        return this.#trades(params);
      case '/api/v3/historicalTrades':
        return this.#historicalTrades(params);
      default:
        return undefined;
    }
  }

  #depth(params: URLSearchParams): string {
    const market = this.#symbol(params);
    const limit = limitOf(params, DEPTH_LIMIT);
    const { book } = market;
    return this.#wire(market).depthSnapshot(book.lastUpdateId, book.bids.top(limit), book.asks.top(limit));
  }

  #klines(params: URLSearchParams): string {
    const market = this.#symbol(params);
    const interval = params.get('interval');
    if (interval === null || interval === '') throw missing('interval');
    if (!isTimeframe(interval)) throw new Refused(-1120, 'Invalid interval.');
    const startTime = integerOf(params, 'startTime');
    const endTime = integerOf(params, 'endTime');
    const limit = limitOf(params, KLINES_LIMIT);
    const query: KlineQuery = {
      timeframe: interval,
      limit,
      ...(startTime !== undefined && { startTime }),
      ...(endTime !== undefined && { endTime }),
    };
    const wire = this.#wire(market);
    return `[${market
      .klines(query)
      .map((kline) => wire.klineRow(kline))
      .join(',')}]`;
  }

  #trades(params: URLSearchParams): string {
    const market = this.#symbol(params);
    const wire = this.#wire(market);
    return `[${market
      .recentTrades(limitOf(params, TRADES_LIMIT))
      .map((trade) => wire.tradeRow(trade))
      .join(',')}]`;
  }

  #historicalTrades(params: URLSearchParams): string {
    const market = this.#symbol(params);
    const fromId = integerOf(params, 'fromId');
    if (fromId === undefined) return this.#trades(params);
    const wire = this.#wire(market);
    return `[${market
      .tradesFrom(fromId, limitOf(params, TRADES_LIMIT))
      .map((trade) => wire.tradeRow(trade))
      .join(',')}]`;
  }

  #symbol(params: URLSearchParams): SymbolMarket {
    const name = params.get('symbol');
    if (name === null || name === '') throw missing('symbol');
    return this.#known(name);
  }

  #known(name: string): SymbolMarket {
    if (!/^[A-Z0-9-_.]{1,20}$/.test(name))
      throw new Refused(-1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
    const market = this.#market.symbol(name);
    if (market === undefined) throw new Refused(-1121, 'Invalid symbol.');
    return market;
  }

  /** The symbols that `symbol` or `symbols` names; all of them without either. */
  #namedSymbols(params: URLSearchParams): readonly SymbolMarket[] {
    const one = params.get('symbol');
    const several = params.get('symbols');
    if (one !== null && several !== null) throw new Refused(-1128, 'Combination of optional parameters invalid.');
    if (one !== null) return [this.#known(one)];
    if (several === null) return this.#market.symbols;
    const names = parsed(several);
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
      throw new Refused(
        -1100,
        'Illegal characters found in parameter \'symbols\'; legal range is \'^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$\'.',
      );
    }
    return names.map((name) => this.#known(name));
  }

  #wire(market: SymbolMarket): BinanceWire {
    return this.#wires.get(market.symbol) as BinanceWire;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(name: string): Refused {
  return new Refused(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

function integerOf(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^[0-9]{1,20}$/.test(text))
    throw new Refused(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`);
  return Number(text);
}

/** Binance cuts a limit that is too large down without a word, and refuses zero. */
function limitOf(params: URLSearchParams, limits: { readonly usual: number; readonly most: number }): number {
  const limit = integerOf(params, 'limit') ?? limits.usual;
  if (limit === 0) throw new Refused(-1130, "Data sent for parameter 'limit' is not valid.");
  return Math.min(limit, limits.most);
}

function isTimeframe(text: string): text is Timeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}
