import type { BookState } from '../../../core/contracts/market-views.ts';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import { rateKey } from '../../stores/venue-rates.ts';
import { venueName } from '../../ui/venue-name.ts';

export const VENUE_GROUPINGS = ['venue', 'symbol'] as const;
export type VenueGrouping = (typeof VENUE_GROUPINGS)[number];

export const VENUE_COLUMNS = [
  'name',
  'connection',
  'book',
  'latency',
  'rate',
  'age',
  'gaps',
  'resyncs',
  'rotations',
  'trades',
  'clock',
] as const;
export type VenueColumn = (typeof VENUE_COLUMNS)[number];

export interface VenueSort {
  readonly column: VenueColumn;
  readonly descending: boolean;
}

/** What a row says: of one instrument, or of a group the worst of its states and times and the sum of its counts. */
export interface VenueFigures {
  readonly connection: VenueHealth['connection'];
  readonly book: BookState;
  readonly live: number;
  readonly instruments: number;
  readonly latencyMsP50: number | undefined;
  readonly latencyMsP99: number | undefined;
  readonly messagesPerSecond: number;
  readonly dataAgeMs: number | undefined;
  readonly gaps: number;
  readonly resyncs: number;
  readonly rotations: number;
  readonly backfilledTrades: number;
  readonly missedTrades: number;
  /** Of a group the one farthest from zero. */
  readonly clockOffsetMs: number | undefined;
}

export interface VenueGroup {
  readonly key: string;
  readonly label: string;
  readonly figures: VenueFigures;
  readonly instruments: readonly VenueHealth[];
}

/** From fine to worst. */
const CONNECTION_RANK: readonly VenueHealth['connection'][] = ['open', 'connecting', 'reconnecting', 'closed'];
const BOOK_RANK: readonly BookState[] = ['live', 'syncing', 'resyncing', 'empty', 'stale'];

export function figuresOf(instruments: readonly VenueHealth[]): VenueFigures {
  const sum = (of: (health: VenueHealth) => number): number => instruments.reduce((total, health) => total + of(health), 0);
  const most = (of: (health: VenueHealth) => number | undefined): number | undefined =>
    instruments.reduce<number | undefined>((worst, health) => {
      const value = of(health);
      return worst === undefined || (value !== undefined && Math.abs(value) > Math.abs(worst)) ? value : worst;
    }, undefined);
  const worst = <T>(rank: readonly T[], of: (health: VenueHealth) => T): T =>
    rank[Math.max(...instruments.map((health) => rank.indexOf(of(health))))] as T;
  return {
    connection: worst(CONNECTION_RANK, (health) => health.connection),
    book: worst(BOOK_RANK, (health) => health.book),
    live: instruments.filter(isMerged).length,
    instruments: instruments.length,
    latencyMsP50: most((health) => health.latencyMsP50),
    latencyMsP99: most((health) => health.latencyMsP99),
    messagesPerSecond: sum((health) => health.messagesPerSecond),
    dataAgeMs: most((health) => health.dataAgeMs),
    gaps: sum((health) => health.gaps),
    resyncs: sum((health) => health.resyncs),
    rotations: sum((health) => health.rotations),
    backfilledTrades: sum((health) => health.backfilledTrades),
    missedTrades: sum((health) => health.missedTrades),
    clockOffsetMs: most((health) => health.clockOffsetMs),
  };
}

/** Only a live book is merged into its symbol's consolidated book. */
export function isMerged({ connection, book }: Pick<VenueHealth, 'connection' | 'book'>): boolean {
  return connection === 'open' && book === 'live';
}

/** What an instrument is called inside its group. */
export function instrumentLabel(health: VenueHealth, by: VenueGrouping): string {
  if (by === 'symbol') return `${venueName(health.venue)} ${health.symbol}`;
  return health.symbol === health.followed ? health.symbol : `${health.symbol} in ${health.followed}`;
}

/** The groups in the order of `sort`, and so the instruments in each. Equals keep the order of their names. */
export function groupVenues(venues: readonly VenueHealth[], by: VenueGrouping, sort: VenueSort): VenueGroup[] {
  const members = new Map<string, VenueHealth[]>();
  for (const health of venues) {
    const key = by === 'venue' ? health.venue : health.followed;
    members.set(key, [...(members.get(key) ?? []), health]);
  }
  const compare = comparison(sort);
  return [...members]
    .map(([key, instruments]): VenueGroup => {
      const [first] = instruments;
      const label = by === 'venue' && first !== undefined ? venueName(first.venue) : key;
      const rows = instruments.map((health) => ({
        health,
        label: instrumentLabel(health, by),
        figures: figuresOf([health]),
      }));
      return { key, label, figures: figuresOf(instruments), instruments: rows.sort(compare).map(({ health }) => health) };
    })
    .sort(compare);
}

interface Sortable {
  readonly label: string;
  readonly figures: VenueFigures;
}

function comparison({ column, descending }: VenueSort): (a: Sortable, b: Sortable) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const byName = a.label < b.label ? -1 : a.label > b.label ? 1 : 0;
    if (column === 'name') return sign * byName;
    // What has no figure is at the end whichever way the table is sorted.
    const [x, y] = [sortFigure(a.figures, column), sortFigure(b.figures, column)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || byName;
    return sign * (x - y) || byName;
  };
}

function sortFigure(figures: VenueFigures, column: Exclude<VenueColumn, 'name'>): number | undefined {
  switch (column) {
    case 'connection':
      return CONNECTION_RANK.indexOf(figures.connection);
    case 'book':
      return BOOK_RANK.indexOf(figures.book);
    case 'latency':
      return figures.latencyMsP50;
    case 'rate':
      return figures.messagesPerSecond;
    case 'age':
      return figures.dataAgeMs;
    case 'gaps':
      return figures.gaps;
    case 'resyncs':
      return figures.resyncs;
    case 'rotations':
      return figures.rotations;
    case 'trades':
      return figures.missedTrades * 1e9 + figures.backfilledTrades;
    case 'clock':
      return figures.clockOffsetMs === undefined ? undefined : Math.abs(figures.clockOffsetMs);
  }
}

/** A row on screen; `parent` is the key of the group that an instrument is in. */
export interface VisibleRow {
  readonly key: string;
  readonly parent: string | undefined;
  readonly expanded: boolean;
}

export function visibleRows(groups: readonly VenueGroup[], collapsed: ReadonlySet<string>): VisibleRow[] {
  return groups.flatMap(({ key, instruments }): VisibleRow[] => {
    const expanded = !collapsed.has(key);
    const head = { key, parent: undefined, expanded };
    return expanded ? [head, ...instruments.map((health) => ({ key: rateKey(health), parent: key, expanded: false }))] : [head];
  });
}

export type TreeMove = { readonly kind: 'focus'; readonly key: string } | { readonly kind: 'toggle'; readonly key: string };

/** What a key does in a tree table, as assistive software expects it; `undefined` when nothing. */
export function treeMove(key: string, rows: readonly VisibleRow[], focused: string | undefined): TreeMove | undefined {
  const at = rows.findIndex((row) => row.key === focused);
  const row = rows[at] ?? rows[0];
  if (row === undefined) return undefined;
  const focus = (index: number): TreeMove | undefined => {
    const target = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    return target === undefined ? undefined : { kind: 'focus', key: target.key };
  };
  switch (key) {
    case 'ArrowDown':
      return focus(at + 1);
    case 'ArrowUp':
      return focus(at - 1);
    case 'Home':
      return focus(0);
    case 'End':
      return focus(rows.length - 1);
    case 'ArrowRight':
      if (row.parent !== undefined) return undefined;
      return row.expanded ? focus(at + 1) : { kind: 'toggle', key: row.key };
    case 'ArrowLeft':
      if (row.parent !== undefined) return { kind: 'focus', key: row.parent };
      return row.expanded ? { kind: 'toggle', key: row.key } : undefined;
    case 'Enter':
    case ' ':
      return row.parent === undefined ? { kind: 'toggle', key: row.key } : undefined;
    default:
      return undefined;
  }
}
