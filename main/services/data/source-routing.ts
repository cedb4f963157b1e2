import { type Instrument, sourceText, type VenueId } from '../../../core/market/instrument.ts';
import { type Followed, Source } from './followed-symbol.ts';
import type { VenueLink } from './venue-link.ts';
import type { FollowRequest } from './watchlist-store.ts';

/** Whom an instrument's events concern. */
export interface Destination {
  readonly symbol: string;
  readonly source: Source;
  readonly primary: boolean;
}

/** Which source belongs to which followed symbol, and what each venue has to follow for it. */
export class SourceRouting {
  readonly #links: ReadonlyMap<VenueId, VenueLink>;
  readonly #bucketWidths: Map<string, number>;
  /** By venue and the venue's unified symbol: looked up for every event, so without making a key. */
  readonly #destinations: ReadonlyMap<VenueId, Map<string, Destination>>;

  constructor(links: ReadonlyMap<VenueId, VenueLink>, bucketWidths: Map<string, number>) {
    this.#links = links;
    this.#bucketWidths = bucketWidths;
    this.#destinations = new Map([...links.keys()].map((venue) => [venue, new Map()]));
  }

  of(instrument: Instrument): Destination | undefined {
    return this.#destinations.get(instrument.venue)?.get(instrument.symbol);
  }

  /** The sources of a request that this market has, the primary first; those that `old` has too are kept. */
  sourcesOf(request: FollowRequest, old: Followed | undefined): readonly Source[] {
    const sameBooks = old?.request.bucketWidth === request.bucketWidth;
    const sources = request.sources.flatMap((name) => {
      const link = this.#links.get(name.venue);
      if (link === undefined) return [];
      const known = sameBooks ? old.sources.find((source) => source.key === sourceText(name)) : undefined;
      return [known ?? new Source(name, link)];
    });
    // Where the market lacks the venue of the first source, the next one that trades the very symbol makes the candles.
    const primary = sources.find((source) => source.name.symbol === request.symbol);
    return primary === undefined ? [] : [primary, ...sources.filter((source) => source !== primary)];
  }

  /** Takes events of these sources and of no others from now on. Answers when every primary was asked for. */
  async want(
    sourcesOf: ReadonlyMap<string, readonly Source[]>,
    requests: readonly FollowRequest[],
    before: ReadonlyMap<string, Followed>,
  ): Promise<void> {
    for (const routes of this.#destinations.values()) routes.clear();
    const wanted = new Map<VenueLink, string[]>([...this.#links.values()].map((link) => [link, []]));
    const renewed = new Set<string>();
    const awaited = new Set<VenueLink>();
    for (const { symbol, bucketWidth } of requests) {
      (sourcesOf.get(symbol) ?? []).forEach((source, i) => {
        const { link, name, key } = source;
        // A book keeps the bucket width that it was made with: for another width it is made anew.
        const known = before.get(symbol)?.sources.find((old) => old.key === key);
        if (known !== undefined && known !== source) renewed.add(key);
        this.#bucketWidths.set(key, bucketWidth);
        this.#destinations.get(name.venue)?.set(name.symbol, { symbol, source, primary: i === 0 });
        wanted.get(link)?.push(name.symbol);
        if (i === 0) awaited.add(link);
      });
    }
    const asked = [...wanted].map(([link, symbols]) => {
      const kept = symbols.filter((symbol) => !renewed.has(sourceText({ venue: link.id, symbol })));
      if (kept.length < symbols.length) void link.want(kept);
      return [link, link.want(symbols)] as const;
    });
    // Only primaries are waited for: another venue out of reach must not hold up the start.
    await Promise.all(asked.filter(([link]) => awaited.has(link)).map(([, done]) => done));
  }
}
