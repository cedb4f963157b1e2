import { LAB_INSTRUMENTS, type LabInstrument } from './instruments.ts';

/** The venues of the practice market, each below its own path. The first is also at the root. */
export const LAB_VENUES = ['binance', 'bybit', 'deribit', 'mexc'] as const;
export type LabVenue = (typeof LAB_VENUES)[number];

/** An instrument of a venue: what it is called and counted in there, and how it stands to the recorded prices. */
export interface Listing {
  readonly venue: LabVenue;
  /** Inverse lots are amounts of the quote currency. */
  readonly kind: 'spot' | 'linear' | 'inverse';
  readonly venueSymbol: string;
  /** The recorded symbol whose price it has. */
  readonly follows: string;
  /** Its `symbol` names it among the venue's listings and seeds its order flow. */
  readonly instrument: LabInstrument;
  /** Mean distance from the recorded price, and how far it wanders around that, in basis points. */
  readonly basisBps: number;
  readonly wanderBps: number;
  /** Share of the recorded volume that trades here, in the mean. */
  readonly volumeShare: number;
}

/** [decimals, units]: a step of units × 10^-decimals. */
type Step = readonly [decimals: number, units?: number];

interface Terms {
  readonly tick: Step;
  readonly lot: Step;
  readonly basisBps: number;
  readonly wanderBps: number;
  readonly volumeShare: number;
  readonly levels: number;
}

/** Spring 2020, for what an inverse lot is worth in base units; only volumes and sizes hang on it. */
const TYPICAL_PRICE: Readonly<Record<string, number>> = { ETH: 200, BTC: 7_500 };

function listing(venue: LabVenue, kind: Listing['kind'], base: 'ETH' | 'BTC', venueSymbol: string, terms: Terms): Listing {
  const followed = LAB_INSTRUMENTS.find(({ symbol }) => symbol === `${base}USDT`) as LabInstrument;
  const [tickDecimals, tickUnits = 1] = terms.tick;
  const [lotDecimals, lotUnits = 1] = terms.lot;
  const volume = followed.typicalMinuteVolume * terms.volumeShare * (kind === 'inverse' ? (TYPICAL_PRICE[base] as number) : 1);
  return {
    venue,
    kind,
    venueSymbol,
    follows: followed.symbol,
    basisBps: terms.basisBps,
    wanderBps: terms.wanderBps,
    volumeShare: terms.volumeShare,
    instrument: {
      symbol: `${venue}:${kind}:${venueSymbol}`,
      base,
      quote: kind === 'inverse' ? 'USD' : 'USDT',
      tickDecimals,
      tickUnits,
      lotDecimals,
      lotUnits,
      inverse: kind === 'inverse',
      bookLevels: terms.levels,
      typicalMinuteVolume: volume / lotUnits,
    },
  };
}

/** Steps and book depths as the venues have them; basis and volumes are made up, and differ so that merging the books means something. */
export const LISTINGS: readonly Listing[] = [
  ...(['ETH', 'BTC'] as const).flatMap((base) => [
    listing('bybit', 'spot', base, `${base}USDT`, {
      tick: [2],
      lot: [base === 'ETH' ? 5 : 6],
      basisBps: 0.4,
      wanderBps: 0.8,
      volumeShare: 0.35,
      levels: 200,
    }),
    listing('bybit', 'linear', base, `${base}USDT`, {
      tick: [base === 'ETH' ? 2 : 1],
      lot: [base === 'ETH' ? 2 : 3],
      basisBps: -0.9,
      wanderBps: 1.2,
      volumeShare: 0.6,
      levels: 200,
    }),
    listing('bybit', 'inverse', base, `${base}USD`, {
      tick: [base === 'ETH' ? 2 : 1, 5],
      lot: [0],
      basisBps: -1.6,
      wanderBps: 1.5,
      volumeShare: 0.3,
      levels: 200,
    }),
    listing('deribit', 'inverse', base, `${base}-PERPETUAL`, {
      tick: base === 'ETH' ? [2, 5] : [1, 5],
      lot: base === 'ETH' ? [0] : [0, 10],
      basisBps: 1.5,
      wanderBps: 1.8,
      volumeShare: 0.45,
      levels: 260,
    }),
    listing('mexc', 'spot', base, `${base}USDT`, {
      tick: [2],
      lot: [base === 'ETH' ? 5 : 6],
      basisBps: -0.6,
      wanderBps: 1.4,
      volumeShare: 0.15,
      levels: 320,
    }),
  ]),
];
