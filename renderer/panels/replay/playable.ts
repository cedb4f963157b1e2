import type { CommandOutput } from '../../../core/contracts/commands.ts';
import type { RecordedMarket, ReplayedHistory } from '../../../core/contracts/replay.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { formatBytes, formatNumber } from '../../ui/format.ts';
import { venueName } from '../../ui/venue-name.ts';
import type { Span } from './timeline.ts';

/** Something that can be replayed: a market's recording, or a history that was imported into it. */
export interface Playable extends Span {
  readonly key: string;
  readonly market: RecordedMarket;
  /** Absent of a recording. */
  readonly history?: ReplayedHistory;
  readonly gaps: readonly Span[];
  /** What it is, and what of it there is. */
  readonly title: string;
  readonly about: string;
}

/** Recordings first, each kind newest first. */
export function playablesOf({ recordings, histories }: CommandOutput<'listReplays'>): Playable[] {
  return [
    ...recordings.map(({ market, from, to, gaps, bytes, instruments }): Playable => {
      const names = namesOf(instruments);
      const about = [formatBytes(bytes), ...(names === '' ? [] : [names])].join(': ');
      return { key: market, market, from, to, gaps, title: `Recorded on ${market}`, about };
    }),
    ...histories.map(({ market, from, to, venue, symbol, content, count }): Playable => {
      const what = content === 'trades' ? 'trades' : '1m candles';
      return {
        key: [market, venue, symbol, content, from].join(' '),
        market,
        history: { venue, symbol, content },
        gaps: [],
        ...{ from, to },
        title: `${symbol} on ${venueName(venue)}: imported ${what}`,
        about: `${formatNumber(count, 0)} ${what}, no order book`,
      };
    }),
  ];
}

/** `ETH/USDT on Binance, Bybit; BTC/USDT on Binance`. */
function namesOf(instruments: readonly { readonly venue: VenueId; readonly symbol: string }[]): string {
  const venuesOf = new Map<string, string[]>();
  for (const { venue, symbol } of instruments) venuesOf.set(symbol, [...(venuesOf.get(symbol) ?? []), venueName(venue)]);
  return [...venuesOf].map(([symbol, venues]) => `${symbol} on ${venues.join(', ')}`).join('; ');
}
