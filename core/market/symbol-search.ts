/** One symbol and who trades it. */
export interface ListedSymbol<Venue> {
  readonly symbol: string;
  readonly venues: readonly Venue[];
}

/**
 * Symbols that contain every word of `query` (case and slashes aside), the most likely first: the symbol itself, the base is
 * the query, the base begins with it, more of the words are whole (USD before USDT), then by how many venues trade it, then by name.
 */
export function searchListed<Venue>(query: string, listed: readonly ListedSymbol<Venue>[]): ListedSymbol<Venue>[] {
  const wanted = query.trim().toUpperCase();
  const words = wanted.split(/[\s/:-]+/).filter((word) => word !== '');
  const first = words[0] ?? '';
  const rank = ({ symbol }: ListedSymbol<Venue>): number => {
    if (symbol === wanted) return -1;
    const base = symbol.slice(0, symbol.indexOf('/'));
    if (first === '') return 0;
    return base === first ? 0 : base.startsWith(first) ? 1 : 2;
  };
  const cut = ({ symbol }: ListedSymbol<Venue>): number => {
    const parts = symbol.split(/[/:-]/);
    return words.filter((word) => !parts.includes(word)).length;
  };
  return listed
    .filter(({ symbol }) => words.every((word) => symbol.includes(word)))
    .map((entry) => ({ entry, rank: rank(entry), cut: cut(entry) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        a.cut - b.cut ||
        b.entry.venues.length - a.entry.venues.length ||
        (a.entry.symbol < b.entry.symbol ? -1 : a.entry.symbol > b.entry.symbol ? 1 : 0),
    )
    .map(({ entry }) => entry);
}
