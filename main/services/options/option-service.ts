import { z } from 'zod';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import {
  FOLLOWED_OPTIONS_MAX,
  type OptionChain,
  type OptionListing,
  optionNameSchema,
  type OptionQuote,
  type OptionSide,
  OPTION_UNDERLYINGS,
  type OptionUnderlying,
} from '../../../core/contracts/options.ts';
import type { Log } from '../../ports/log.ts';
import type { OptionSide as VenueSide, OptionTop, OptionVenue } from '../../ports/options.ts';
import type { SettingsRepository } from '../../ports/store.ts';
import { listingOf } from './option-listing.ts';

const KEY = 'options.followed';
/** Wall milliseconds between two reports of what changed, and between two where nothing did: ages and expiries move by themselves. */
const TELL_MS = 250;
const TELL_UNCHANGED_MS = 2_000;

const namesSchema = z.array(optionNameSchema).max(FOLLOWED_OPTIONS_MAX);

interface OptionServiceDeps {
  /** Absent where the market has no venue that lists options. */
  readonly venue: OptionVenue | undefined;
  readonly settings: SettingsRepository;
  /** Market time. */
  readonly clock: Clock;
  readonly wall: Clock;
  readonly log: Log;
}

/** A followed option. */
interface Entry {
  readonly name: string;
  readonly underlying: OptionUnderlying;
  readonly expiresAt: number;
  readonly strike: number;
  readonly right: 'call' | 'put';
  top: OptionTop | undefined;
  state: 'live' | 'stale';
  reason: string;
}

/** Lists the options of a venue, and keeps the newest quotes of those that the trader follows. */
export class OptionService {
  /** The whole chain, at most four times a second. */
  readonly events = new Emitter<OptionChain>();
  readonly #deps: OptionServiceDeps;
  readonly #cancelTelling: Cancel;
  #entries: ReadonlyMap<string, Entry> = new Map();
  readonly #mids = new Map<OptionUnderlying, number>();
  #session: { close(): Promise<void> } | undefined;
  #changed = false;
  #toldWallMs: number;

  constructor(deps: OptionServiceDeps) {
    this.#deps = deps;
    this.#toldWallMs = deps.wall.now();
    this.#cancelTelling = deps.wall.every(TELL_MS, () => this.#tell());
  }

  /** Follows what was followed before, less what has expired. */
  async start(): Promise<void> {
    const { venue, settings, clock, log } = this.#deps;
    if (venue === undefined) return;
    const stored = await settings.get(KEY);
    if (!stored.ok || stored.value === undefined || stored.value === null) return;
    const parsed = namesSchema.safeParse(stored.value);
    if (!parsed.success) {
      log.warn({ reason: z.prettifyError(parsed.error) }, 'the saved list of options cannot be read; none is followed');
      return;
    }
    const names = parsed.data.filter((name) => (venue.nameOf(name)?.expiresAt ?? 0) > clock.now());
    const followed = this.#open(venue, names);
    if (!followed.ok) log.warn({ reason: followed.error.message }, 'the saved options cannot be followed');
  }

  async list(underlying: OptionUnderlying): Promise<Result<OptionListing>> {
    const { venue } = this.#deps;
    if (venue === undefined) return noOptions();
    const listed = await venue.list(underlying);
    return listed.ok ? ok(listingOf(underlying, listed.value, venue)) : listed;
  }

  /** Follows exactly these from now on. What is followed already keeps its last quote, stale until it is quoted anew. */
  async follow(names: readonly string[]): Promise<Result<void>> {
    const { venue, settings } = this.#deps;
    if (venue === undefined) return noOptions();
    const wanted = [...new Set(names)];
    const same = wanted.length === this.#entries.size && wanted.every((name) => this.#entries.has(name));
    if (!same) {
      const followed = this.#open(venue, wanted);
      if (!followed.ok) return followed;
    }
    return settings.set(KEY, wanted);
  }

  chain(): OptionChain {
    const t = this.#deps.clock.now();
    const quotes = [...this.#entries.values()].map((entry) => quoteOf(entry, t, this.#mids.get(entry.underlying)));
    return {
      t,
      available: this.#deps.venue !== undefined,
      underlyingMids: Object.fromEntries(this.#mids),
      quotes,
    };
  }

  async close(): Promise<void> {
    this.#cancelTelling();
    await this.#closeSession();
  }

  #open(venue: OptionVenue, names: readonly string[]): Result<void> {
    const entries = new Map<string, Entry>();
    for (const name of names) {
      const contract = venue.nameOf(name);
      const underlying = OPTION_UNDERLYINGS.find((known) => known === contract?.underlying);
      if (contract === undefined || underlying === undefined)
        return fail('UNKNOWN_OPTION', `${name} is no option on ${OPTION_UNDERLYINGS.join(' or ')}. Choose one that is listed.`);
      const before = this.#entries.get(name);
      entries.set(name, { ...contract, name, underlying, top: before?.top, state: 'stale', reason: 'waiting for its quote' });
    }
    const sorted = [...entries.values()].sort(
      (a, b) => a.expiresAt - b.expiresAt || a.strike - b.strike || a.right.localeCompare(b.right),
    );
    void this.#closeSession();
    this.#entries = new Map(sorted.map((entry) => [entry.name, entry]));
    this.#mids.clear();
    this.#changed = true;
    if (sorted.length === 0) return ok(undefined);
    // What an older connection still says is about entries that nobody looks at any more.
    const isCurrent = (): boolean => this.#entries.get(sorted[0]?.name ?? '') === sorted[0];
    const session = venue.follow([...entries.keys()], {
      onTop: (top) => {
        const entry = entries.get(top.venueSymbol);
        if (entry === undefined) return;
        entry.top = top;
        this.#changed = true;
      },
      onState: (name, state, reason) => {
        const entry = entries.get(name);
        if (entry === undefined) return;
        entry.state = state;
        entry.reason = reason;
        this.#changed = true;
      },
      onUnderlying: (name, mid) => {
        const underlying = OPTION_UNDERLYINGS.find((known) => known === name);
        if (underlying === undefined || !isCurrent()) return;
        if (mid === undefined) this.#mids.delete(underlying);
        else this.#mids.set(underlying, mid);
        this.#changed = true;
      },
    });
    if (!session.ok) {
      for (const entry of sorted) entry.reason = session.error.message;
      return session;
    }
    this.#session = session.value;
    return ok(undefined);
  }

  async #closeSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  #tell(): void {
    const now = this.#deps.wall.now();
    const due = this.#changed || (this.#entries.size > 0 && now - this.#toldWallMs >= TELL_UNCHANGED_MS);
    if (!due) return;
    this.#changed = false;
    this.#toldWallMs = now;
    this.events.emit(this.chain());
  }
}

function quoteOf(entry: Entry, now: number, mid: number | undefined): OptionQuote {
  const { name, underlying, expiresAt, strike, right, top } = entry;
  const expired = now >= expiresAt;
  return {
    name,
    underlying,
    expiresAt,
    strike,
    right,
    ...(top?.bid === undefined ? {} : { bid: sideOf(top.bid, mid) }),
    ...(top?.ask === undefined ? {} : { ask: sideOf(top.ask, mid) }),
    state: expired ? 'stale' : entry.state,
    reason: expired ? 'it has expired' : entry.reason,
    ...(top === undefined ? {} : { quotedAt: top.tsEvent, ageMs: Math.max(0, now - top.tsEvent) }),
  };
}

function sideOf({ price, amount }: VenueSide, mid: number | undefined): OptionSide {
  return mid === undefined ? { price, amount } : { price, amount, usd: price * mid };
}

function noOptions() {
  return fail('NO_OPTIONS', 'This market has no options: Deribit, which lists them, is not part of it.');
}
