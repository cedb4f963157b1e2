import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, parseJson } from '../session/wire-values.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import type { BinanceHttp } from './http.ts';
import { type BinanceLane, marketOf, type StreamKind } from './markets.ts';
import { depthFromJson, isMarketTrade, klineFromEvent, tradeFromJson } from './parse.ts';
import { FUTURES_RULE, SPOT_RULE } from './sync.ts';

interface Route {
  readonly track: Track;
  readonly kind: StreamKind;
}

/** Binance allows 1,024 streams a connection; the address, which names them all, stays below 8 KB. */
const INSTRUMENTS_PER_CONNECTION = 100;
/** Binance closes a connection after 24 h; an hour is left for trying again. */
const LIFETIME_MS = 23 * 3_600_000;
/** Binance answers it on every market. A connection with klines of quiet contracts only may rest for long. */
const PROBE = '{"method":"LIST_SUBSCRIPTIONS","id":1}';

/** Binance's combined-stream address for `streams`. */
export function combinedStreamUrl(streamUrl: string, streams: readonly string[]): string {
  return `${streamUrl.replace(/\/+$/, '')}/stream?streams=${streams.join('/')}`;
}

/** Reads combined-stream messages. Depth goes from bytes to ticks without an object in between. */
class BinanceWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #parser = new DepthParser();
  readonly #delta = emptyDelta();
  readonly #envelope: StreamEnvelope = { stream: '', dataStart: 0 };

  constructor(link: Link) {
    this.#link = link;
    for (const track of link.tracks) {
      const name = track.instrument.venueSymbol.toLowerCase();
      for (const { streams } of marketOf(track.instrument.kind).lanes) {
        for (const [suffix, kind] of streams) this.#routes.set(`${name}@${suffix}`, { track, kind });
      }
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const envelope = this.#envelope;
    if (!readEnvelope(message, envelope)) {
      this.#onOdd(message);
      return;
    }
    const route = this.#routes.get(envelope.stream);
    if (route === undefined) return;
    const { track, kind } = route;
    const link = this.#link;
    link.onHeard(track);
    if (kind === 'depth' && this.#parser.parse(message, envelope.dataStart, track.tick, track.lot, this.#delta)) {
      link.onDelta(track, this.#delta);
      return;
    }
    this.#onEvent(route, parseJson(message.toString('utf8', envelope.dataStart, message.length - 1)));
  }

  /** Not `{"stream":"…","data":…}` in this very order: an answer to a request, an error, or a changed envelope. */
  #onOdd(message: Buffer): void {
    const parsed = parseJson(message.toString());
    if (isObject(parsed)) {
      const route = typeof parsed.stream === 'string' ? this.#routes.get(parsed.stream) : undefined;
      if (route !== undefined) {
        this.#link.onHeard(route.track);
        this.#onEvent(route, parsed.data);
        return;
      }
      if (parsed.id !== undefined && parsed.result !== undefined) return;
      // Sent ten minutes before maintenance ends the connection.
      const event = isObject(parsed.data) ? parsed.data.e : parsed.e;
      if (event === 'serverShutdown') {
        this.#link.rotate('Binance announced a shutdown');
        return;
      }
    }
    this.#link.onOdd(`unknown message: ${message.toString('utf8', 0, Math.min(200, message.length))}`);
  }

  #onEvent({ track, kind }: Route, event: unknown): void {
    const link = this.#link;
    if (!isObject(event)) {
      link.onUnreadable(track, kind, 'not an event as JSON');
    } else if (kind === 'depth') {
      const parsed = depthFromJson(event, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      if (!isMarketTrade(event)) return;
      const parsed = tradeFromJson(event, link.tsReceived, track.instrument);
      if (parsed.ok) link.onTrade(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else {
      const parsed = klineFromEvent(event, track.instrument);
      const timeframe = track.instrument.kind === 'spot' ? '1s' : '1m';
      if (parsed.ok) link.onKline(track, parsed.value.candle, parsed.value.closed, timeframe);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }
}

/** Where a market is, and its endpoints. */
export interface BinanceEndpoint {
  readonly streamUrl: string;
  readonly http: BinanceHttp;
}

/**
 * Binance's combined streams: spot on one lane, USD-M on two (books and trades, klines), COIN-M on one. `lifetimeMs` is for tests.
 *
 * `endpointOf` answers for the kinds whose instruments are followed.
 */
export function binanceProtocol(endpointOf: (kind: InstrumentKind) => BinanceEndpoint, lifetimeMs = LIFETIME_MS): StreamProtocol {
  return {
    venue: 'binance',
    name: 'Binance',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    lifetimeMs,
    // Binance pings; the client library answers.
    keepAlive: undefined,
    // No `bookSilenceMs`: a diff comes every 100 ms in which anything changed, and nothing else would tell a dead stream from a quiet one.
    probe: (lane) => (lane === 'spot' ? undefined : PROBE),
    subscribeIntervalMs: 0,
    lanes: ({ kind }) => marketOf(kind).lanes.map(({ name }) => name),
    address(lane, instruments) {
      const { kind } = instruments[0] as Instrument;
      const { path, streams } = marketOf(kind).lanes.find(({ name }) => name === lane) as BinanceLane;
      return combinedStreamUrl(
        `${endpointOf(kind).streamUrl.replace(/\/+$/, '')}${path}`,
        instruments.flatMap(({ venueSymbol }) => streams.map(([suffix]) => `${venueSymbol.toLowerCase()}@${suffix}`)),
      );
    },
    // The address says it all, and books begin with REST.
    subscribe: () => [],
    resubscribe: () => [],
    wire: (link) => new BinanceWire(link),
    rule: ({ kind }) => (kind === 'spot' ? SPOT_RULE : FUTURES_RULE),
    bookLot: (_instrument, lot) => bookLotOf(lot),
    fetchSnapshot: (track, closed) => endpointOf(track.instrument.kind).http.depth(track, closed),
    // Contracts spend ids on what was not made in the book, too, and REST leaves those out.
    tradeIds: ({ kind }) => (kind === 'spot' ? 'contiguous' : 'increasing'),
    fetchTrades: (instrument, after, closed) => endpointOf(instrument.kind).http.trades(instrument, after, closed),
  };
}
