import { type Instrument, sourceText, type VenueId } from '../../../core/market/instrument.ts';
import { Source, type Waiting } from './followed-symbol.ts';
import type { VenueLink } from './venue-link.ts';
import type { FollowRequest } from './watchlist-store.ts';

/** Whom an instrument's events concern. */
export interface Destination {
  readonly symbol: string;
  readonly source: Source;
  readonly primary: boolean;
}

/** The sources of each symbol, the primary first. */
export type SourcesBySymbol = ReadonlyMap<string, readonly Source[]>;

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
  sourcesOf(request: FollowRequest, old: Waiting | undefined): readonly Source[] {
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

  /**
   * Asks for these sources beside those that run; what runs goes on as it is until `settle` says which it shall be.
   * Answers when every primary is known or was asked for in vain.
   * @param patience where another source may stand in for a primary: until then all are waited for, and longer only while none
   * at all is known
   */
  async ask(
    requests: readonly FollowRequest[],
    sourcesOf: SourcesBySymbol,
    running: SourcesBySymbol,
    patience?: Promise<void>,
  ): Promise<void> {
    const wanted = this.#symbolsByLink();
    for (const sources of running.values()) for (const { link, name } of sources) wanted.get(link)?.add(name.symbol);
    const urgent = new Set<VenueLink>();
    for (const { symbol, bucketWidth } of requests) {
      const sources = sourcesOf.get(symbol) ?? [];
      sources.forEach((source, i) => {
        const { link, name, key } = source;
        if (i === 0 && source.instrument === undefined) urgent.add(link);
        wanted.get(link)?.add(name.symbol);
        const routes = this.#destinations.get(name.venue);
        // Candles and orders of a symbol that is followed go by its primary of now until the change is made.
        if (routes?.has(name.symbol) === false) {
          this.#bucketWidths.set(key, bucketWidth);
          routes.set(name.symbol, { symbol, source, primary: i === 0 && !running.has(symbol) });
        }
      });
    }
    const asked = [...wanted].map(([link, symbols]) => [link, link.want([...symbols], urgent.has(link))] as const);
    // Only primaries are waited for: another venue out of reach must not hold up the start.
    const primaries = Promise.all(asked.map(([link, done]) => urgent.has(link) && done));
    if (patience === undefined) {
      await primaries;
      return;
    }
    const isKnown = ({ symbol }: FollowRequest): boolean => isKnownSource(symbol, sourcesOf.get(symbol)?.[0]);
    await Promise.race([primaries, patience]);
    if (requests.every(isKnown)) return;
    const all = Promise.all(asked.map(([, done]) => done));
    await Promise.race([all, patience]);
    if (!requests.some(({ symbol }) => sourcesOf.get(symbol)?.some((source) => isKnownSource(symbol, source)))) await all;
  }

  /** Takes events of these sources and of no others from now on. A book that is to have another bucket width is made anew. */
  settle(requests: readonly FollowRequest[], sourcesOf: SourcesBySymbol, running: SourcesBySymbol): void {
    const before = new Map([...running.values()].flat().map((source) => [source.key, source]));
    const wanted = this.#symbolsByLink();
    const renewed = new Map<VenueLink, Set<string>>();
    this.#bucketWidths.clear();
    for (const routes of this.#destinations.values()) routes.clear();
    for (const { symbol, bucketWidth } of requests) {
      (sourcesOf.get(symbol) ?? []).forEach((source, i) => {
        const { link, name, key } = source;
        this.#bucketWidths.set(key, bucketWidth);
        this.#destinations.get(name.venue)?.set(name.symbol, { symbol, source, primary: i === 0 });
        wanted.get(link)?.add(name.symbol);
        const known = before.get(key);
        if (known !== undefined && known !== source) {
          const symbols = renewed.get(link) ?? new Set();
          renewed.set(link, symbols.add(name.symbol));
        }
      });
    }
    for (const [link, symbols] of renewed) link.renew(symbols);
    for (const [link, symbols] of wanted) void link.want([...symbols]);
  }

  #symbolsByLink(): Map<VenueLink, Set<string>> {
    return new Map([...this.#links.values()].map((link) => [link, new Set()]));
  }
}

/** Whether it is the very symbol and its venue has told it. */
export function isKnownSource(symbol: string, source: Source | undefined): boolean {
  return source?.name.symbol === symbol && source.instrument !== undefined;
}

/** The same sources with the first in front that can be the primary right now, where there is one. */
export function knownFirst(symbol: string, sources: readonly Source[]): readonly Source[] {
  const primary = sources.find((source) => isKnownSource(symbol, source));
  return primary === undefined ? sources : [primary, ...sources.filter((source) => source !== primary)];
}
