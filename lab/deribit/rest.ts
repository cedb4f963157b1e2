import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../core/market/timeframe.ts';
import type { Listing } from '../listings.ts';
import type { ListedMarket, Protocol, ProtocolSetup, RestAnswer } from '../protocol/protocol.ts';
import { DeribitBroadcast } from './broadcast.ts';
import { listedOptions, optionInstrument } from './options.ts';
import { DeribitHub, invalid, type RpcAnswer, rpcText } from './stream-hub.ts';

const CANDLES_MAX = 5_000;
const TRADES = { usual: 10, most: 1_000 };
const BOOK = { usual: 5, most: 10_000 };
const PATH = '/api/v2/';

type Params = (name: string) => string | undefined;

/** A parameter that Deribit refuses. */
class Refused extends Error {}

/** Deribit's public methods, over HTTP and over the stream, of its inverse perpetuals and of options on them. */
export class DeribitProtocol implements Protocol {
  readonly hub: DeribitHub;
  readonly sink: DeribitBroadcast;
  readonly #setup: ProtocolSetup;

  constructor(setup: ProtocolSetup) {
    this.#setup = setup;
    this.sink = new DeribitBroadcast(
      setup,
      (broadcast) =>
        new DeribitHub(setup, {
          isChannel: (name) => broadcast.has(name),
          call: (method, params) => this.#call(method, params),
          onSubscribed: (client, channel) => broadcast.onSubscribed(client, channel),
        }),
    );
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
    const method = path.startsWith(PATH) ? path.slice(PATH.length) : '';
    const answer = this.#call(method, (name) => params.get(name) ?? undefined);
    if (answer === undefined) return { status: 404, body: rpcText(undefined, invalid('no such method')) };
    return { status: 'result' in answer ? 200 : 400, body: rpcText(undefined, answer) };
  }

  #call(method: string, params: Params): RpcAnswer | undefined {
    try {
      const result = this.#route(method, params);
      return result === undefined ? undefined : { result };
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return invalid(thrown.message);
    }
  }

  #route(method: string, params: Params): string | undefined {
    switch (method) {
      case 'public/test':
      case 'public/hello':
        return '{"version":"1.2.26"}';
      case 'public/get_time':
        return String(this.#time());
      case 'public/get_instruments':
        return this.#instruments(params);
      case 'public/get_tradingview_chart_data':
        return this.#chart(params);
      case 'public/get_last_trades_by_instrument':
        return this.#trades(params);
      case 'public/get_order_book':
        return this.#book(params);
      default:
        return undefined;
    }
  }

  #time(): number {
    return this.#setup.faults.clock(this.#setup.time());
  }

  #instruments(params: Params): string {
    const currency = params('currency') ?? 'any';
    const kind = params('kind') ?? 'future';
    const known = this.#setup.markets.some(({ listing }) => listing.instrument.base === currency) || currency === 'any';
    // Currencies that Deribit lists, but the practice market has nothing of.
    if (!known && currency !== 'USDC' && currency !== 'USDT') throw new Refused('wrong currency');
    const entries = this.#setup.markets.filter(({ listing }) => currency === 'any' || listing.instrument.base === currency);
    if (kind === 'option') return JSON.stringify(entries.flatMap((market) => this.#options(market)));
    if (kind !== 'future') return '[]';
    return JSON.stringify(entries.map(({ listing }) => this.sink.wire(listing.instrument.symbol).instrument()));
  }

  #options(market: ListedMarket): object[] {
    const { book, now } = market.present();
    const spot = this.#wire(market).mid(book);
    return spot === undefined ? [] : listedOptions(market.listing.instrument.base, now, spot).map(optionInstrument);
  }

  #chart(params: Params): string {
    const market = this.#named(params);
    const from = integerOf(params, 'start_timestamp');
    const to = integerOf(params, 'end_timestamp');
    if (from === undefined || to === undefined) throw new Refused('start_timestamp and end_timestamp are required');
    const timeframe = timeframeOf(params('resolution'));
    const klines = market.present().klines({ timeframe, startTime: from, endTime: to, limit: CANDLES_MAX });
    return this.#wire(market).chart(klines);
  }

  #trades(params: Params): string {
    const listed = this.#named(params);
    const market = listed.present();
    const count = Math.max(1, Math.min(integerOf(params, 'count') ?? TRADES.usual, TRADES.most));
    const start = integerOf(params, 'start_seq');
    const end = integerOf(params, 'end_seq') ?? Number.POSITIVE_INFINITY;
    const ascending = params('sorting') === 'asc' || (params('sorting') !== 'desc' && start !== undefined);
    // One more than asked for tells whether there are more.
    const found = (start === undefined ? market.recentTrades(count + 1) : market.tradesFrom(start, count + 1)).filter(
      ({ id }) => id <= end,
    );
    const kept = start === undefined ? found.slice(-count) : found.slice(0, count);
    const wire = this.#wire(listed);
    const rows = kept.map((trade) => wire.trade(trade.time, trade));
    return `{"trades":[${(ascending ? rows : rows.reverse()).join(',')}],"has_more":${found.length > count}}`;
  }

  #book(params: Params): string {
    const listed = this.#named(params);
    const { book } = listed.present();
    const depth = Math.max(1, Math.min(integerOf(params, 'depth') ?? BOOK.usual, BOOK.most));
    return this.#wire(listed).orderBook(this.#time(), book.lastUpdateId, book.bids.top(depth), book.asks.top(depth));
  }

  #named(params: Params): ListedMarket {
    const name = params('instrument_name');
    const market = this.#setup.markets.find(({ listing }) => listing.venueSymbol === name);
    if (market === undefined) throw new Refused('instrument_name is not a listed instrument');
    return market;
  }

  #wire({ listing }: ListedMarket): ReturnType<DeribitBroadcast['wire']> {
    return this.sink.wire(listing.instrument.symbol);
  }
}

/** Minutes, or `1D`. */
function timeframeOf(resolution: string | undefined): Timeframe {
  const minutes = resolution === '1D' ? 1_440 : Number(resolution);
  const timeframe = TIMEFRAMES.find((name) => TIMEFRAME_MS[name] === minutes * 60_000);
  if (timeframe === undefined) throw new Refused('resolution is not one that is served');
  return timeframe;
}

function integerOf(params: Params, name: string): number | undefined {
  const text = params(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refused(`${name} must be an integer`);
  return Number(text);
}
