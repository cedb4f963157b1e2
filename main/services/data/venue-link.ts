import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { Result } from '../../../core/base/result.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketListener, MarketSession, SessionHealth, VenueFailure, VenueMarketData } from '../../ports/venue.ts';

const RETRY_WALL_MS = [3_000, 6_000, 15_000, 30_000, 60_000] as const;
const OFFSET_EVERY_WALL_MS = 60_000;
/** An answer slower than this tells too little about the moment at which it was given. */
const SLOWEST_ROUND_TRIP_MS = 1_000;
const OFFSET_SAMPLES = 5;
/** The start is busy: measured then, the round trip is not the network's. */
const FIRST_OFFSET_AFTER_WALL_MS = 5_000;

/** Instrument metadata of named symbols: from the venue, or as it was last time. */
export type LoadInstruments = (venue: VenueMarketData, symbols: readonly string[]) => Promise<Result<Instrument[], VenueFailure>>;

export interface VenueLinkDeps {
  readonly venue: VenueMarketData;
  readonly load: LoadInstruments;
  readonly listener: MarketListener;
  /** Told when an instrument became known, or why it cannot be had. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly log: Log;
}

/**
 * One venue as the desk follows it: one session over all wanted instruments. What the venue does not tell at once is
 * asked for again with growing pauses; what it does not list is left out and said so. A venue out of reach holds up nobody.
 */
export class VenueLink {
  readonly venue: VenueMarketData;
  readonly #deps: VenueLinkDeps;
  readonly #instruments = new Map<string, Instrument>();
  readonly #failures = new Map<string, VenueFailure>();
  #wanted: ReadonlySet<string> = new Set();
  #session: MarketSession | undefined;
  #cancelRetry: Cancel | undefined;
  #retries = 0;
  /** Counts the questions for instruments: only the newest is repeated. */
  #round = 0;
  #loading: Promise<void> = Promise.resolve();
  #cancelOffset: Cancel | undefined;
  #clockOffset: number | undefined;
  #closed = false;

  constructor(deps: VenueLinkDeps) {
    this.#deps = deps;
    this.venue = deps.venue;
  }

  get id(): VenueId {
    return this.venue.venue;
  }

  /** The venue's clock minus the market's, in market milliseconds; undefined until it was measured. */
  get clockOffset(): number | undefined {
    return this.#clockOffset;
  }

  /** Undefined while the venue has not told it. */
  instrument(symbol: string): Instrument | undefined {
    return this.#instruments.get(symbol);
  }

  failure(symbol: string): VenueFailure | undefined {
    return this.#failures.get(symbol);
  }

  health(instrument: Instrument): SessionHealth | undefined {
    return this.#instruments.has(instrument.symbol) ? this.#session?.health(instrument) : undefined;
  }

  forgetLatencies(): void {
    this.#session?.forgetLatencies?.();
  }

  book(instrument: Instrument): L2Book | undefined {
    return this.#instruments.has(instrument.symbol) ? this.#session?.book(instrument) : undefined;
  }

  /**
   * Follows exactly these symbols from now on. Resolves when each is known, or was asked for once in vain.
   * @param again asks at once for those too that were asked for in vain before
   */
  async want(symbols: readonly string[], again = false): Promise<void> {
    if (this.#closed) return;
    const isNew = symbols.some((symbol) => !this.#wanted.has(symbol));
    this.#wanted = new Set(symbols);
    for (const symbol of this.#instruments.keys()) if (!this.#wanted.has(symbol)) this.#instruments.delete(symbol);
    for (const symbol of this.#failures.keys()) if (!this.#wanted.has(symbol)) this.#failures.delete(symbol);
    this.#apply();
    if (isNew || again || this.#missing().length === 0) this.#loading = this.#load();
    await this.#loading;
  }

  /** Makes the books of these symbols anew, by what the venues read now of their bucket widths. */
  renew(symbols: ReadonlySet<string>): void {
    if (this.#closed || this.#session === undefined) return;
    const instruments = this.#known();
    this.#session.change(instruments.filter(({ symbol }) => !symbols.has(symbol)));
    this.#session.change(instruments);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelOffset?.();
    await this.#session?.close();
  }

  async #load(): Promise<void> {
    this.#cancelRetry?.();
    const round = ++this.#round;
    const missing = this.#missing();
    if (missing.length === 0) {
      this.#retries = 0;
      return;
    }
    const { load, log } = this.#deps;
    const together = await load(this.venue, missing);
    // One symbol that the venue does not list must not cost the others.
    const answers =
      together.ok || together.error.code !== 'VENUE_UNKNOWN_SYMBOL' || missing.length === 1
        ? missing.map((symbol) => [symbol, together] as const)
        : await Promise.all(missing.map(async (symbol) => [symbol, await load(this.venue, [symbol])] as const));
    if (this.#closed) return;
    let again = false;
    for (const [symbol, answer] of answers) {
      // Not wanted any more, or told in answer to another question meanwhile.
      if (!this.#wanted.has(symbol) || this.#instruments.has(symbol)) continue;
      const instrument = answer.ok ? answer.value.find((candidate) => candidate.symbol === symbol) : undefined;
      if (instrument !== undefined) {
        this.#instruments.set(symbol, instrument);
        this.#failures.delete(symbol);
      } else if (!answer.ok) {
        const known = this.#failures.get(symbol);
        if (known?.message !== answer.error.message) {
          log.warn({ venue: this.id, symbol, reason: answer.error.message }, 'an instrument cannot be followed');
        }
        this.#failures.set(symbol, answer.error);
        again ||= answer.error.code !== 'VENUE_UNKNOWN_SYMBOL';
      }
    }
    this.#apply();
    if (round !== this.#round) return;
    if (again) {
      const delayMs = RETRY_WALL_MS[Math.min(this.#retries++, RETRY_WALL_MS.length - 1)] as number;
      this.#cancelRetry = this.#deps.wall.after(delayMs, () => {
        this.#loading = this.#load();
      });
    } else this.#retries = 0;
  }

  #apply(): void {
    const instruments = this.#known();
    if (this.#session !== undefined) this.#session.change(instruments);
    else if (instruments.length > 0) this.#session = this.venue.open(instruments, this.#deps.listener);
    if (instruments.length > 0 && this.#cancelOffset === undefined) {
      const { wall } = this.#deps;
      const measure = (): void => void this.#measureOffset();
      const cancels = [wall.after(FIRST_OFFSET_AFTER_WALL_MS, measure), wall.every(OFFSET_EVERY_WALL_MS, measure)];
      this.#cancelOffset = () => {
        for (const cancel of cancels) cancel();
      };
    } else if (instruments.length === 0) {
      this.#cancelOffset?.();
      this.#cancelOffset = undefined;
    }
    this.#deps.onChange();
  }

  #missing(): string[] {
    return [...this.#wanted].filter((symbol) => !this.#instruments.has(symbol));
  }

  #known(): Instrument[] {
    return [...this.#wanted].flatMap((symbol) => this.#instruments.get(symbol) ?? []);
  }

  /**
   * The venue is taken to have answered half-way between question and answer; of several answers the quickest is believed,
   * since a busy moment on either side is all on one half (as in `clock-sync`).
   */
  async #measureOffset(): Promise<void> {
    const { wall, clock } = this.#deps;
    let best: { readonly tookWallMs: number; readonly offset: number } | undefined;
    for (let i = 0; i < OFFSET_SAMPLES && !this.#closed; i++) {
      const askedWallMs = wall.now();
      const asked = clock.now();
      const answer = await this.venue.serverTime();
      if (!answer.ok) break;
      const tookWallMs = wall.now() - askedWallMs;
      if (tookWallMs > SLOWEST_ROUND_TRIP_MS || (best !== undefined && tookWallMs >= best.tookWallMs)) continue;
      best = { tookWallMs, offset: answer.value - (asked + clock.now()) / 2 };
    }
    if (best !== undefined) this.#clockOffset = best.offset;
  }
}
