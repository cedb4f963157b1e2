import type { Clock } from '../../../core/base/clock.ts';
import type { SymbolSearch } from '../../../core/contracts/watchlist.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { searchListed } from '../../../core/market/symbol-search.ts';
import type { VenueMarketData } from '../../ports/venue.ts';

/** New listings are rare, and the lists are long. */
const KEEP_WALL_MS = 600_000;
const RETRY_FAILED_WALL_MS = 10_000;
/** Who types does not wait longer than this for one of the venues. */
const PATIENCE_WALL_MS = 2_000;

interface Answer {
  readonly symbols: readonly string[];
  readonly failure?: string;
}

interface Listing {
  readonly askedWallMs: number;
  readonly answer: Promise<Answer>;
  failed: boolean;
}

/** What the venues of this market trade, asked for when somebody searches and kept for ten minutes. */
export class SymbolDirectory {
  readonly #venues: ReadonlyMap<VenueId, VenueMarketData>;
  readonly #wall: Clock;
  readonly #listings = new Map<VenueId, Listing>();

  constructor(venues: ReadonlyMap<VenueId, VenueMarketData>, wall: Clock) {
    this.#venues = venues;
    this.#wall = wall;
  }

  async search(query: string, limit: number, isFollowed: (symbol: string) => boolean): Promise<SymbolSearch> {
    const venuesOf = new Map<string, VenueId[]>();
    const failures: SymbolSearch['failures'] = [];
    const late = { symbols: [], failure: 'its list of symbols is still being asked for; search again in a moment' };
    let cancel = (): void => {};
    const patience = new Promise<Answer>((resolve) => {
      cancel = this.#wall.after(PATIENCE_WALL_MS, () => resolve(late));
    });
    const answers = await Promise.all(
      [...this.#venues].map(async ([id, venue]) => [id, await Promise.race([this.#list(id, venue), patience])] as const),
    );
    cancel();
    for (const [venue, { symbols, failure }] of answers) {
      if (failure !== undefined) failures.push({ venue, message: failure });
      for (const symbol of symbols) {
        const venues = venuesOf.get(symbol);
        if (venues === undefined) venuesOf.set(symbol, [venue]);
        else venues.push(venue);
      }
    }
    const found = searchListed(
      query,
      [...venuesOf].map(([symbol, venues]) => ({ symbol, venues })),
    );
    return {
      matches: found.slice(0, limit).map(({ symbol, venues }) => ({ symbol, venues: [...venues], followed: isFollowed(symbol) })),
      more: Math.max(0, found.length - limit),
      failures,
    };
  }

  #list(id: VenueId, venue: VenueMarketData): Promise<Answer> {
    const wallNow = this.#wall.now();
    const known = this.#listings.get(id);
    if (known !== undefined && wallNow - known.askedWallMs < (known.failed ? RETRY_FAILED_WALL_MS : KEEP_WALL_MS)) {
      return known.answer;
    }
    const listing: Listing = {
      askedWallMs: wallNow,
      failed: false,
      answer: venue.symbols().then((answer) => {
        if (answer.ok) return { symbols: answer.value };
        listing.failed = true;
        return { symbols: [], failure: answer.error.message };
      }),
    };
    this.#listings.set(id, listing);
    return listing.answer;
  }
}
