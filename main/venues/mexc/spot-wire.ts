import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import type { Link, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, parseJson } from '../session/wire-values.ts';
import { AGGRE_DEALS, AGGRE_DEPTHS, emptyHead, FrameParser, SPOT_KLINE } from './frame-parser.ts';
import { candleFromKline, DealIds, tradeFromDeal } from './parse.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: ChannelKind;
}

const BODIES: Readonly<Record<ChannelKind, number>> = { depth: AGGRE_DEPTHS, trade: AGGRE_DEALS, kline: SPOT_KLINE };

export const spotDepthChannel = ({ venueSymbol }: Instrument): string => `spot@public.aggre.depth.v3.api.pb@100ms@${venueSymbol}`;

/** MEXC streams no candle shorter than a minute. */
export function spotChannels(instrument: Instrument): readonly (readonly [channel: string, kind: ChannelKind])[] {
  const { venueSymbol } = instrument;
  return [
    [spotDepthChannel(instrument), 'depth'],
    [`spot@public.aggre.deals.v3.api.pb@100ms@${venueSymbol}`, 'trade'],
    [`spot@public.kline.v3.api.pb@${venueSymbol}@Min1`, 'kline'],
  ];
}

/** Reads one spot connection: market data in protobuf frames, answers to requests in JSON. */
export class MexcSpotWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #parser = new FrameParser();
  readonly #head = emptyHead();
  readonly #delta = emptyDelta();
  readonly #deals = new DealIds();
  readonly #candles: KlineCloser;

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) {
      for (const [channel, kind] of spotChannels(track.instrument)) this.#routes.set(channel, { track, kind });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.#onAnswer(message);
      return;
    }
    const head = this.#head;
    const isWhole = this.#parser.readHead(message, head);
    const route = this.#routes.get(head.channel);
    if (route === undefined) {
      if (!isWhole || head.channel === '') this.#link.onOdd(`unreadable frame of ${message.length} bytes`);
      return;
    }
    this.#link.onHeard(route.track);
    if (!isWhole) this.#link.onUnreadable(route.track, route.kind, `damaged frame of ${message.length} bytes`);
    // A frame without a body says that the channel is alive.
    else if (head.body === BODIES[route.kind]) this.#onBody(route, message);
    else if (head.body !== 0) this.#link.onUnreadable(route.track, route.kind, `body of kind ${head.body}`);
  }

  #onBody({ track, kind }: Route, message: Buffer): void {
    const link = this.#link;
    if (kind === 'depth') {
      const parsed = this.#parser.depth(message, this.#head, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      const parsed = this.#parser.deals(message, this.#head);
      if (!parsed.ok) {
        link.onUnreadable(track, kind, parsed.error.message);
        return;
      }
      this.#deals.restart();
      for (const deal of parsed.value) {
        const trade = tradeFromDeal(deal, this.#deals, link.tsReceived);
        if (trade.ok) link.onTrade(track, trade.value);
        else link.onUnreadable(track, kind, trade.error.message);
      }
    } else {
      const parsed = this.#parser.kline(message, this.#head);
      const candle = parsed.ok ? candleFromKline(parsed.value) : parsed;
      if (candle.ok) this.#candles.onCandle(track, candle.value);
      else link.onUnreadable(track, kind, candle.error.message);
    }
  }

  /** `{"id":0,"code":0,"msg":"PONG"}`; refused subscriptions have code 0 too and say so in words. */
  #onAnswer(message: Buffer): void {
    const parsed = parseJson(message.toString());
    if (isObject(parsed) && typeof parsed.msg === 'string' && typeof parsed.code === 'number') {
      const { code, msg } = parsed;
      if (code !== 0 || /^not subscribed/i.test(msg)) this.#link.onOdd(`MEXC refused a request (${code}): ${msg.slice(0, 200)}`);
      return;
    }
    this.#link.onOdd(`unknown message: ${message.toString('utf8', 0, Math.min(200, message.length))}`);
  }
}
