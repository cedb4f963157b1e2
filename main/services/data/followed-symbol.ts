import type { BookState } from '../../../core/contracts/market-views.ts';
import type { FollowedSymbol } from '../../../core/contracts/watchlist.ts';
import { imbalanceRadius } from '../../../core/market/consolidated-book.ts';
import { type Instrument, type SourceName, sourceText } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { FollowRequest } from './watchlist-store.ts';
import type { SymbolFeed } from './symbol-feed.ts';
import type { VenueLink } from './venue-link.ts';

/** One instrument that a followed symbol's book is merged from, and how its book stands. */
export class Source {
  readonly name: SourceName;
  readonly link: VenueLink;
  /** Kept from what the session tells: asked for on every trade, too often for `health`. */
  state: BookState = 'empty';
  reason = 'not connected yet';

  constructor(name: SourceName, link: VenueLink) {
    this.name = name;
    this.link = link;
  }

  get key(): string {
    return sourceText(this.name);
  }

  get instrument(): Instrument | undefined {
    return this.link.instrument(this.name.symbol);
  }

  get book(): L2Book | undefined {
    const { instrument } = this;
    return instrument === undefined ? undefined : this.link.book(instrument);
  }

  /** What keeps it out of the book, in words for the trader. */
  status(): { readonly state: BookState; readonly reason: string } {
    const failure = this.link.failure(this.name.symbol);
    return this.instrument === undefined && failure !== undefined
      ? { state: 'empty', reason: failure.message }
      : { state: this.state, reason: this.reason };
  }
}

/** A symbol that is to be followed as soon as one of its venues can be reached. */
export interface Waiting {
  readonly request: FollowRequest;
  readonly sources: readonly Source[];
}

/** A symbol that is followed: its sources, the first of which is the primary, and its candles. */
export interface Followed extends Waiting {
  readonly request: FollowRequest;
  /** Those of the request whose venue this market has. */
  readonly sources: readonly Source[];
  readonly primary: Source;
  /** Of the primary, whose metadata is known before anything is shown of the symbol. */
  readonly instrument: Instrument;
  readonly feed: SymbolFeed;
}

/** As the page knows it. */
export function describe({ request, instrument }: Followed): FollowedSymbol {
  const { tickSize, lotSize, minNotional, kind } = instrument;
  return {
    symbol: request.symbol,
    tickSize,
    lotSize,
    minNotional,
    kind,
    bucketWidth: request.bucketWidth,
    imbalanceRange: imbalanceRadius(request.imbalanceRange, request.bucketWidth) * request.bucketWidth,
    sources: [...request.sources],
  };
}
