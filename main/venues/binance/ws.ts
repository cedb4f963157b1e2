import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, parseJson } from '../session/wire-values.ts';
import { DepthParser, readEnvelope, type StreamEnvelope } from './depth-parser.ts';
import type { BinanceHttp } from './http.ts';
import { depthFromJson, klineFromEvent, tradeFromJson } from './parse.ts';
import { SPOT_RULE } from './sync.ts';

type StreamKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: StreamKind;
}

const STREAMS: readonly (readonly [suffix: string, kind: StreamKind])[] = [
  ['depth@100ms', 'depth'],
  ['trade', 'trade'],
  ['kline_1s', 'kline'],
];

/** Binance allows 1,024 streams a connection; the address, which names them all, stays below 8 KB. */
const INSTRUMENTS_PER_CONNECTION = 100;
/** Binance closes a connection after 24 h; an hour is left for trying again. */
const LIFETIME_MS = 23 * 3_600_000;

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
      for (const [suffix, kind] of STREAMS) this.#routes.set(`${name}@${suffix}`, { track, kind });
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
      const parsed = tradeFromJson(event, link.tsReceived);
      if (parsed.ok) link.onTrade(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else {
      const parsed = klineFromEvent(event);
      if (parsed.ok) link.onKline(track, parsed.value.candle, parsed.value.closed, '1s');
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }
}

/** Binance spot's combined streams. `lifetimeMs` is for tests. */
export function binanceProtocol(streamUrl: string, http: BinanceHttp, lifetimeMs = LIFETIME_MS): StreamProtocol {
  return {
    venue: 'binance',
    name: 'Binance',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    lifetimeMs,
    // Binance pings; the client library answers.
    keepAlive: undefined,
    // No `bookSilenceMs`: a diff comes every 100 ms in which anything changed, and nothing else would tell a dead stream from a quiet one.
    subscribeIntervalMs: 0,
    lanes: () => ['spot'],
    address: (_lane, instruments) =>
      combinedStreamUrl(
        streamUrl,
        instruments.flatMap(({ venueSymbol }) => STREAMS.map(([suffix]) => `${venueSymbol.toLowerCase()}@${suffix}`)),
      ),
    // The address says it all, and books begin with REST.
    subscribe: () => [],
    resubscribe: () => [],
    wire: (link) => new BinanceWire(link),
    rule: () => SPOT_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    fetchSnapshot: (track, closed) => http.depth(track, closed),
    tradeIds: () => 'contiguous',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
