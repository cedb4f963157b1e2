import type { Cancel } from '../../../core/base/clock.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import type { OptionListener, OptionName, OptionTop } from '../../ports/options.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import { StreamSocket } from '../session/stream-socket.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { optionOf, quoteFromJson } from './option-quote.ts';

/** Without `onUnderlying`, perpetuals are not followed. */
export type OptionTopsListener = Omit<OptionListener, 'onUnderlying'> & Partial<Pick<OptionListener, 'onUnderlying'>>;

/** Best bid and ask of named options. They take no part in any consolidated book. */
export interface OptionTops {
  /** The newest quote; undefined while it is stale. */
  top(venueSymbol: string): OptionTop | undefined;
  close(): Promise<void>;
}

export type OptionTopsOptions = Pick<
  MarketDataOptions,
  'streamUrl' | 'requestTimeoutMs' | 'silenceMs' | 'clock' | 'wall' | 'rng' | 'log'
>;

/** Deribit takes 500 channels a request. */
const MAX_OPTIONS = 500;
/** The least that Deribit takes. */
const HEARTBEAT_S = 10;
const REQUESTS = { heartbeat: 1, subscribe: 2, test: 3 } as const;

const channelOf = (venueSymbol: string): string => `quote.${venueSymbol}`;

function request(id: number, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: `public/${method}`, params });
}

const TEST = request(REQUESTS.test, 'test', {});

/**
 * Follows the tops of `venueSymbols` (`BTC-27DEC24-100000-C`) over one connection. A quote is the whole state of an option, so that
 * none can be missed for good; options rest for long, and the answered `public/test` proves the connection meanwhile.
 * VENUE_UNKNOWN_SYMBOL names what is no option's name; one that Deribit does not list stays stale, with the reason.
 */
export function followOptionTops(
  venueSymbols: readonly string[],
  listener: OptionTopsListener,
  options: OptionTopsOptions,
): Result<OptionTops, VenueFailure> {
  const unknown = venueSymbols.filter((name) => optionOf(name) === undefined);
  if (unknown.length > 0) return ERRORS.unknownSymbol(unknown);
  const names = [...new Set(venueSymbols)];
  if (names.length > MAX_OPTIONS) throw new RangeError(`at most ${MAX_OPTIONS} options a connection, got ${names.length}`);
  return ok(new Follower(names, listener, options));
}

class Follower implements OptionTops {
  readonly #names: readonly string[];
  readonly #nameOf: ReadonlyMap<unknown, string>;
  /** By the channel of its perpetual. */
  readonly #underlyingOf: ReadonlyMap<unknown, string>;
  readonly #listener: OptionTopsListener;
  readonly #options: OptionTopsOptions;
  readonly #socket: StreamSocket;
  readonly #cancelCheck: Cancel;
  /** Live ones only. */
  readonly #tops = new Map<string, OptionTop>();
  #heardWallMs = 0;
  #isProbed = false;

  constructor(names: readonly string[], listener: OptionTopsListener, options: OptionTopsOptions) {
    const { wall, rng, silenceMs } = options;
    this.#names = names;
    this.#nameOf = new Map(names.map((name) => [channelOf(name), name]));
    const underlyings = listener.onUnderlying === undefined ? [] : names.map((name) => (optionOf(name) as OptionName).underlying);
    this.#underlyingOf = new Map(underlyings.map((underlying) => [channelOf(`${underlying}-PERPETUAL`), underlying]));
    this.#listener = listener;
    this.#options = options;
    this.#socket = new StreamSocket({
      address: () => options.streamUrl,
      wall,
      rng,
      connectTimeoutMs: options.requestTimeoutMs,
      onOpen: () => this.#onOpen(),
      onMessage: (message, isBinary) => this.#onMessage(message, isBinary),
      onLost: (reason) => this.#onLost(reason),
    });
    this.#cancelCheck = wall.every(Math.max(50, silenceMs / 5), () => this.#checkSilence());
  }

  top(venueSymbol: string): OptionTop | undefined {
    return this.#tops.get(venueSymbol);
  }

  async close(): Promise<void> {
    this.#cancelCheck();
    this.#setAllStale('closed');
    await this.#socket.close();
  }

  #onOpen(): void {
    this.#heardWallMs = this.#options.wall.now();
    this.#isProbed = false;
    this.#socket.send(request(REQUESTS.heartbeat, 'set_heartbeat', { interval: HEARTBEAT_S }));
    this.#socket.send(
      request(REQUESTS.subscribe, 'subscribe', { channels: [...this.#nameOf.keys(), ...this.#underlyingOf.keys()] }),
    );
  }

  #onLost(reason: string): void {
    this.#options.log.warn({ venue: 'deribit', reason }, 'option quotes lost');
    this.#setAllStale(reason);
  }

  #checkSilence(): void {
    if (this.#socket.state !== 'open') return;
    const { wall, silenceMs } = this.#options;
    const quietMs = wall.now() - this.#heardWallMs;
    if (quietMs > silenceMs) this.#socket.drop(`nothing received for ${quietMs} ms`);
    else if (quietMs > silenceMs / 2 && !this.#isProbed) this.#isProbed = this.#socket.send(TEST);
  }

  #onMessage(message: Buffer, isBinary: boolean): void {
    this.#heardWallMs = this.#options.wall.now();
    this.#isProbed = false;
    const parsed = isBinary ? undefined : parseJson(message.toString());
    if (!isObject(parsed)) {
      // It may have been a quote of any of them, and the next may be long in coming.
      this.#socket.drop('an unreadable message');
      return;
    }
    const { method, params } = parsed;
    if (method === 'subscription' && isObject(params)) this.#onQuote(params);
    else if (method === 'heartbeat' && isObject(params) && params.type === 'test_request') this.#socket.send(TEST);
    else if (parsed.id === REQUESTS.subscribe) this.#onSubscribed(parsed);
  }

  #onQuote({ channel, data }: JsonObject): void {
    const underlying = this.#underlyingOf.get(channel);
    if (underlying !== undefined) return this.#onPerpetual(underlying, data);
    const name = this.#nameOf.get(channel);
    if (name === undefined) return;
    const parsed = quoteFromJson(data, this.#options.clock.now());
    if (!parsed.ok || parsed.value.venueSymbol !== name) {
      this.#setStale(name, parsed.ok ? `a quote of ${parsed.value.venueSymbol}` : parsed.error.message);
      return;
    }
    const before = this.#tops.get(name);
    if (before !== undefined && parsed.value.tsEvent < before.tsEvent) return;
    this.#tops.set(name, parsed.value);
    if (before === undefined) this.#listener.onState(name, 'live', 'quoted');
    this.#listener.onTop(parsed.value);
  }

  #onPerpetual(underlying: string, data: unknown): void {
    const parsed = quoteFromJson(data, this.#options.clock.now());
    const { bid, ask } = parsed.ok ? parsed.value : { bid: undefined, ask: undefined };
    this.#listener.onUnderlying?.(underlying, bid && ask && (bid.price + ask.price) / 2);
  }

  /** Deribit answers with the channels that there are. */
  #onSubscribed({ result, error }: JsonObject): void {
    if (!Array.isArray(result)) {
      const reason = isObject(error) ? `${String(error.code)} ${String(error.message)}` : 'no list of channels';
      this.#setAllStale(`Deribit refused the quotes: ${reason}`);
      return;
    }
    for (const name of this.#names) {
      if (!(result as readonly unknown[]).includes(channelOf(name))) this.#setStale(name, `Deribit does not list ${name}`);
    }
  }

  #setAllStale(reason: string): void {
    for (const name of this.#names) this.#setStale(name, reason);
    for (const underlying of this.#underlyingOf.values()) this.#listener.onUnderlying?.(underlying, undefined);
  }

  #setStale(name: string, reason: string): void {
    this.#tops.delete(name);
    this.#listener.onState(name, 'stale', reason);
  }
}
