import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isId, isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { HtxHttp } from './http.ts';
import { candleFromJson, depthFromJson, tradeFromJson } from './parse.ts';
import { RecentUpdates } from './recent-updates.ts';
import { DEPTH, HTX_RULE } from './sync.ts';
import { unpack } from './unpack.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: ChannelKind;
  /** Of a book. */
  readonly recent: RecentUpdates | undefined;
}

const INSTRUMENTS_PER_CONNECTION = 30;
/** HTX takes 50 subscriptions a second. */
const SUBSCRIBE_INTERVAL_MS = 25;
/**
 * Books send changes only; HTX pings every five seconds and answers pings (HTX spot docs, "Heartbeat": either side may). A book
 * that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;

const depthTopic = ({ venueSymbol }: Instrument): string => `market.${venueSymbol}.mbp.${DEPTH}`;
const tradeTopic = ({ venueSymbol }: Instrument): string => `market.${venueSymbol}.trade.detail`;
/** HTX streams no candle shorter than a minute. */
const klineTopic = ({ venueSymbol }: Instrument): string => `market.${venueSymbol}.kline.1min`;

/** HTX's incremental books are on `/feed`, everything else on `/ws`. */
const BOOK_LANE = 'feed';
const OTHER_LANE = 'ws';

/** Reads one connection's messages, each of which is packed with gzip. */
class HtxWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #candles: KlineCloser;
  readonly #snapshot = emptyDelta(DEPTH);

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) {
      const { instrument } = track;
      const recent = link.lane === BOOK_LANE ? new RecentUpdates() : undefined;
      this.#routes.set(depthTopic(instrument), { track, kind: 'depth', recent });
      this.#routes.set(tradeTopic(instrument), { track, kind: 'trade', recent: undefined });
      this.#routes.set(klineTopic(instrument), { track, kind: 'kline', recent: undefined });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    const text = isBinary ? unpack(message) : message.toString();
    const parsed = text === undefined ? undefined : parseJson(text);
    if (!isObject(parsed)) {
      this.#onGarbage(text);
      return;
    }
    if (isId(parsed.ping)) this.#link.send(`{"pong":${parsed.ping}}`);
    else if (parsed.pong !== undefined) return;
    else if (typeof parsed.ch === 'string') this.#onUpdate(parsed.ch, parsed);
    else if (typeof parsed.rep === 'string' && parsed.status === 'ok') this.#onAnswer(parsed.rep, parsed);
    else this.#onOther(parsed, text ?? '');
  }

  #onUpdate(topic: string, { tick, ts }: JsonObject): void {
    const route = this.#routes.get(topic);
    if (route === undefined) return;
    const { track, kind, recent } = route;
    const link = this.#link;
    link.onHeard(track);
    if (kind === 'trade') {
      this.#onTrades(track, tick);
    } else if (kind === 'kline') {
      const parsed = candleFromJson(tick);
      if (parsed.ok) this.#candles.onCandle(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (recent !== undefined) {
      const delta = recent.slot;
      const parsed = depthFromJson(tick, ts, false, track.tick, track.lot, delta);
      if (parsed.ok) {
        recent.keep();
        link.onDelta(track, delta);
      } else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  /** The whole book, and then what is newer but came before it. */
  #onAnswer(topic: string, { data, ts }: JsonObject): void {
    const route = this.#routes.get(topic);
    if (route?.recent === undefined) return;
    const { track, recent } = route;
    const link = this.#link;
    link.onHeard(track);
    const parsed = depthFromJson(data, ts, true, track.tick, track.lot, this.#snapshot);
    if (!parsed.ok) {
      link.onUnreadable(track, 'depth', parsed.error.message);
      return;
    }
    link.onDelta(track, this.#snapshot);
    recent.forEachAfter(this.#snapshot.finalId, (delta) => link.onDelta(track, delta));
  }

  #onTrades(track: Track, tick: unknown): void {
    const link = this.#link;
    if (!isObject(tick) || !Array.isArray(tick.data)) {
      link.onUnreadable(track, 'trade', 'no list of trades');
      return;
    }
    const trades: Trade[] = [];
    for (const entry of tick.data as readonly unknown[]) {
      const parsed = tradeFromJson(entry, link.tsReceived);
      if (parsed.ok) trades.push(parsed.value);
      else link.onUnreadable(track, 'trade', parsed.error.message);
    }
    // Answers list the newest first; how messages list them is not said.
    if (trades.length > 1) trades.sort((a, b) => a.id - b.id);
    for (const trade of trades) link.onTrade(track, trade);
  }

  #onOther(parsed: JsonObject, text: string): void {
    if (parsed.status === 'error') {
      this.#link.onOdd(`HTX refused a request (${String(parsed['err-code'])}): ${String(parsed['err-msg'])}`);
    } else if (parsed.status !== 'ok' || (parsed.subbed === undefined && parsed.unsubbed === undefined)) {
      this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
    }
  }

  /** What it was cannot be seen: on the connection of the books it may have been an update of any. */
  #onGarbage(text: string | undefined): void {
    if (this.#link.lane === BOOK_LANE) this.#link.invalidateAll('an unreadable message');
    this.#link.onOdd(text === undefined ? 'a frame that cannot be unpacked' : `unknown message: ${text.slice(0, 200)}`);
  }
}

const subscription = (topic: string): string => JSON.stringify({ sub: topic, id: topic });
const bookRequest = (instrument: Instrument): string => {
  const topic = depthTopic(instrument);
  return JSON.stringify({ req: topic, id: topic });
};

/** HTX spot's streams; a lane is the last part of its address (`wss://api.huobi.pro`, to which `/feed` and `/ws` are added). */
export function htxProtocol(streamUrl: string, http: HtxHttp, lifetimeMs?: number): StreamProtocol {
  return {
    venue: 'htx',
    name: 'HTX',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // HTX names no limit to a connection's life.
    lifetimeMs,
    // HTX pings and we answer.
    keepAlive: undefined,
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => `{"ping":${http.wallMs}}`,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: () => [BOOK_LANE, OTHER_LANE],
    address: (lane) => `${streamUrl.replace(/\/+$/, '')}/${lane}`,
    subscribe: (lane, instruments) =>
      instruments.flatMap((instrument) =>
        lane === BOOK_LANE
          ? [subscription(depthTopic(instrument)), bookRequest(instrument)]
          : [subscription(tradeTopic(instrument)), subscription(klineTopic(instrument))],
      ),
    // Updates go on; what is missing is the whole book.
    resubscribe: (instrument) => [bookRequest(instrument)],
    wire: (link) => new HtxWire(link),
    rule: () => HTX_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    tradeIds: () => 'increasing',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
