import type { Instrument } from '../../../core/market/instrument.ts';
import { bookLotOf } from '../session/steps.ts';
import type { StreamProtocol } from '../session/stream-protocol.ts';
import { MexcFuturesWire } from './futures-wire.ts';
import type { MexcHttp } from './http.ts';
import { MexcSpotWire, spotChannels } from './spot-wire.ts';
import { MEXC_RULE } from './sync.ts';

/** MEXC allows 30 subscriptions a connection; an instrument needs three. Source: MEXC spot v3 docs, "Websocket market streams". */
const INSTRUMENTS_PER_CONNECTION = 10;
/** MEXC closes a connection after 24 h; an hour is left for trying again. */
const LIFETIME_MS = 23 * 3_600_000;
/** MEXC closes a connection on which nothing was said for a minute, and advises 10 to 20 s. */
const PING_MS = 15_000;
/**
 * Books send changes only (MEXC spot v3 docs, "Diff. Depth Stream"; contract v1 docs, "Depth"), and pings are answered at once. A
 * book that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;
const SUBSCRIBE_INTERVAL_MS = 50;

const SPOT = 'spot';
const FUTURES = 'futures';

const pingOf = (lane: string): string => (lane === SPOT ? '{"method":"PING"}' : '{"method":"ping"}');

export interface MexcStreams {
  /** Spot: `wss://wbs-api.mexc.com/ws`. */
  readonly spot: string;
  /** Futures: `wss://contract.mexc.com/edge`. */
  readonly futures: string;
}

/**
 * Depth joins the versions of 200 ms by default, which is taken: by itself each version of a busy contract makes thousands of
 * messages a second. Deals are joined by default too; each of them is wanted. Neither shall be packed.
 */
function futuresRequests(instrument: Instrument): readonly string[] {
  const { venueSymbol: symbol } = instrument;
  return [
    { method: 'sub.depth', param: { symbol }, gzip: false },
    { method: 'sub.deal', param: { symbol, compress: false }, gzip: false },
    { method: 'sub.kline', param: { symbol, interval: 'Min1' }, gzip: false },
  ].map((request) => JSON.stringify(request));
}

/** MEXC's public streams: a lane for spot, in protobuf, and one for futures, in JSON. */
export function mexcProtocol(streams: MexcStreams, http: MexcHttp, lifetimeMs = LIFETIME_MS): StreamProtocol {
  return {
    venue: 'mexc',
    name: 'MEXC',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    lifetimeMs,
    keepAlive: { everyMs: PING_MS, message: pingOf },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: pingOf,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: ({ kind }) => [kind === 'spot' ? SPOT : FUTURES],
    address: (lane) => (lane === SPOT ? streams.spot : streams.futures),
    subscribe(lane, instruments) {
      if (lane === FUTURES) return instruments.flatMap(futuresRequests);
      const params = instruments.flatMap((instrument) => spotChannels(instrument).map(([channel]) => channel));
      return [JSON.stringify({ method: 'SUBSCRIPTION', params })];
    },
    // Books begin with REST.
    resubscribe: () => [],
    wire: (link) => (link.lane === SPOT ? new MexcSpotWire(link) : new MexcFuturesWire(link)),
    rule: () => MEXC_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    fetchSnapshot: (track, closed) => http.depth(track, closed),
    tradeIds: () => 'unordered',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
