import type { CommandInput } from '../../../core/contracts/commands.ts';
import { symbolSchema } from '../../../core/contracts/primitives.ts';
import type { FollowedSymbol, SymbolMatch, SymbolSearch } from '../../../core/contracts/watchlist.ts';
import { type SourceName, sourceText, type VenueId, VENUES } from '../../../core/market/instrument.ts';
import { venueName } from '../../ui/venue-name.ts';

/** What a symbol is to be merged from, while the trader changes it. The first source is the primary. */
export interface SourceDraft {
  readonly symbol: string;
  readonly sources: readonly SourceName[];
  /** As typed; empty: a width that suits the price. */
  readonly bucketWidth: string;
}

export function draftOfFollowed({ symbol, sources, bucketWidth }: FollowedSymbol): SourceDraft {
  return { symbol, sources, bucketWidth: String(bucketWidth) };
}

/** Every venue that lists it, in the product's order. */
export function draftOfMatch({ symbol, venues }: Pick<SymbolMatch, 'symbol' | 'venues'>): SourceDraft {
  const sources = VENUES.filter((venue) => venues.includes(venue)).map((venue) => ({ venue, symbol }));
  return { symbol, sources, bucketWidth: '' };
}

export function hasSource({ sources }: Pick<SourceDraft, 'sources'>, source: SourceName): boolean {
  return sources.some((known) => sourceText(known) === sourceText(source));
}

export function withSource(draft: SourceDraft, source: SourceName): SourceDraft {
  return hasSource(draft, source) ? draft : { ...draft, sources: [...draft.sources, source] };
}

export function withoutSource(draft: SourceDraft, index: number): SourceDraft {
  return { ...draft, sources: draft.sources.toSpliced(index, 1) };
}

/** Moves one source up (`by` −1) or down (+1); at the ends nothing changes. */
export function withMoved(draft: SourceDraft, index: number, by: -1 | 1): SourceDraft {
  const source = draft.sources[index];
  const other = draft.sources[index + by];
  if (source === undefined || other === undefined) return draft;
  return { ...draft, sources: draft.sources.with(index, other).with(index + by, source) };
}

/** What one would most likely add of a venue: the symbol itself, else another instrument on its base; none that is in already. */
export function suggestedSource(draft: SourceDraft, venue: VenueId, listed: readonly SourceName[]): SourceName | undefined {
  const offered = listed.filter((source) => source.venue === venue);
  const same: SourceName = { venue, symbol: draft.symbol };
  // A venue that lists nothing may not have been asked: the same symbol is a fair guess.
  const candidates = offered.length === 0 || offered.some(({ symbol }) => symbol === draft.symbol) ? [same, ...offered] : offered;
  return candidates.find((source) => !hasSource(draft, source));
}

/** A symbol that is written out in full though no venue that could be searched lists it; the others may have it. */
export function unlistedMatch(
  query: string,
  { matches, failures }: Pick<SymbolSearch, 'matches' | 'failures'>,
): SymbolMatch | undefined {
  const symbol = query.trim().toUpperCase();
  if (failures.length === 0 || !symbolSchema.safeParse(symbol).success) return undefined;
  if (matches.some((match) => match.symbol === symbol)) return undefined;
  return { symbol, venues: failures.map(({ venue }) => venue), followed: false };
}

export interface DraftProblems {
  readonly sources?: string;
  readonly bucketWidth?: string;
}

/** What the desk would refuse, said before it is asked. `followed`: every symbol that is followed, this one too. */
export function problemsOfDraft(draft: SourceDraft, followed: readonly FollowedSymbol[]): DraftProblems {
  const sources = problemOfSources(draft, followed);
  const width = draft.bucketWidth.trim();
  const fine = width === '' || (/^\d*\.?\d+$/.test(width) && Number(width) > 0);
  return {
    ...(sources === undefined ? {} : { sources }),
    ...(fine ? {} : { bucketWidth: 'A number above 0, such as 0.5, or nothing.' }),
  };
}

function problemOfSources({ symbol, sources }: SourceDraft, followed: readonly FollowedSymbol[]): string | undefined {
  const [primary] = sources;
  if (primary === undefined) return 'At least one source is needed.';
  if (primary.symbol !== symbol) return `The first source must be ${symbol} itself: its trades make the candles.`;
  for (const other of followed) {
    if (other.symbol === symbol) continue;
    const shared = other.sources.find((source) => hasSource({ sources }, source));
    if (shared !== undefined)
      return `${venueName(shared.venue)} ${shared.symbol} is merged into ${other.symbol} already; take it out there first.`;
  }
  return undefined;
}

export function isChanged(draft: SourceDraft, followed: FollowedSymbol): boolean {
  const now = draft.sources.map(sourceText).join();
  return now !== followed.sources.map(sourceText).join() || Number(draft.bucketWidth) !== followed.bucketWidth;
}

export function followRequest({ symbol, sources, bucketWidth }: SourceDraft): CommandInput<'followSymbol'> {
  const width = bucketWidth.trim();
  return { symbol, sources: sources.map((source) => ({ ...source })), ...(width === '' ? {} : { bucketWidth: Number(width) }) };
}
