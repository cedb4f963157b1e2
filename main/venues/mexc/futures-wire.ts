import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import type { Link, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import {
  type Contract,
  contractDepthFromJson,
  contractKlineFromJson,
  contractOf,
  contractTradeFromJson,
  DealIds,
} from './parse.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly contract: Contract;
}

const KINDS: Readonly<Record<string, ChannelKind>> = { 'push.depth': 'depth', 'push.deal': 'trade', 'push.kline': 'kline' };
/** For damaged messages. Other channels' names go on behind these. */
const CHANNEL = /"channel":"(push\.\w+)"/;
const SYMBOL = /"symbol":"(\w+)"/;

/** Reads one futures connection, which is JSON throughout. */
export class MexcFuturesWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #delta = emptyDelta();
  readonly #deals = new DealIds();
  readonly #candles: KlineCloser;

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) {
      const { instrument } = track;
      this.#routes.set(instrument.venueSymbol, { track, contract: contractOf(instrument) });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (!isObject(parsed) || typeof parsed.channel !== 'string') {
      this.#onGarbage(text);
      return;
    }
    const { channel } = parsed;
    const kind = KINDS[channel];
    if (kind === undefined) {
      // `pong`, and `rs.sub.depth` for an accepted subscription.
      if (channel === 'rs.error') this.#link.onOdd(`MEXC refused a request: ${String(parsed.data).slice(0, 200)}`);
      else if (channel !== 'pong' && !channel.startsWith('rs.')) this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
      return;
    }
    const route = typeof parsed.symbol === 'string' ? this.#routes.get(parsed.symbol) : undefined;
    if (route === undefined) return;
    this.#link.onHeard(route.track);
    this.#onPush(route, kind, parsed);
  }

  #onPush({ track, contract }: Route, kind: ChannelKind, message: JsonObject): void {
    const link = this.#link;
    if (kind === 'depth') {
      const parsed = contractDepthFromJson(message, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      // One deal before 2025, a list since.
      const entries: readonly unknown[] = Array.isArray(message.data) ? message.data : [message.data];
      this.#deals.restart();
      for (const entry of entries) {
        const parsed = contractTradeFromJson(entry, contract, this.#deals, link.tsReceived);
        if (parsed.ok) link.onTrade(track, parsed.value);
        else link.onUnreadable(track, kind, parsed.error.message);
      }
    } else {
      const parsed = contractKlineFromJson(message.data, contract);
      if (parsed.ok) this.#candles.onCandle(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  /** If it still shows where it belongs, that instrument has lost something. */
  #onGarbage(text: string): void {
    const kind = KINDS[CHANNEL.exec(text)?.[1] ?? ''];
    const route = this.#routes.get(SYMBOL.exec(text)?.[1] ?? '');
    if (route === undefined || kind === undefined) this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
    else {
      this.#link.onHeard(route.track);
      this.#link.onUnreadable(route.track, kind, 'not JSON');
    }
  }
}
