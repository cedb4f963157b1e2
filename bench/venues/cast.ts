import type { Instrument } from '../../core/market/instrument.ts';
import { BINANCE_SPOT } from '../../main/venues/binance/fixtures/conformance.ts';
import { BITFINEX } from '../../main/venues/bitfinex/fixtures/conformance.ts';
import { BYBIT } from '../../main/venues/bybit/fixtures/conformance.ts';
import { COINBASE } from '../../main/venues/coinbase/fixtures/conformance.ts';
import type { VenueConformance } from '../../main/venues/conformance/venue-conformance.ts';
import { DERIBIT } from '../../main/venues/deribit/fixtures/conformance.ts';
import { GATE } from '../../main/venues/gate/fixtures/conformance.ts';
import { HTX } from '../../main/venues/htx/fixtures/conformance.ts';
import { KRAKEN } from '../../main/venues/kraken/fixtures/conformance.ts';
import { KUCOIN_SPOT } from '../../main/venues/kucoin/fixtures/conformance.ts';
import { MEXC_SPOT } from '../../main/venues/mexc/fixtures/conformance.ts';
import { OKX } from '../../main/venues/okx/fixtures/conformance.ts';
import { type DepthFlow, depthFlow } from '../depth/depth-flow.ts';

export const SYMBOLS = 10;
export const MESSAGES_PER_SECOND = 10;
/** Messages of one symbol that the server has: more seconds than a run takes. */
export const MESSAGES = 1_200;

/** One venue of the benchmark, and how many levels a side its books have: as many as it sends, or 1,000. */
export interface Player {
  readonly venue: VenueConformance;
  readonly depth: number;
}

/** Levels a side stay below what the connector keeps of a venue that cuts its books: those begin to differ at the far end. */
export const CAST: readonly Player[] = [
  { venue: BINANCE_SPOT, depth: 1_000 },
  { venue: BYBIT, depth: 200 },
  { venue: DERIBIT, depth: 1_000 },
  { venue: MEXC_SPOT, depth: 1_000 },
  { venue: OKX, depth: 400 },
  { venue: KRAKEN, depth: 800 },
  { venue: COINBASE, depth: 1_000 },
  { venue: KUCOIN_SPOT, depth: 60 },
  { venue: GATE, depth: 60 },
  { venue: BITFINEX, depth: 150 },
  { venue: HTX, depth: 400 },
];

/** Bitfinex sends one level a message. */
export const levelsPerMessage = ({ venue }: Player): number => (venue === BITFINEX ? 1 : 20);

export function flowOf(player: Player, symbol: number): DepthFlow {
  return depthFlow({ seed: symbol + 1, messages: MESSAGES, levelsPerMessage: levelsPerMessage(player), depth: player.depth });
}

/** The description's one instrument under ten names, on one grid of prices everywhere. */
export function instrumentOf({ venue: { instrument } }: Player, symbol: number): Instrument {
  const base = renamed(instrument.base, symbol);
  return {
    ...instrument,
    symbol: `${base}${instrument.symbol.slice(instrument.base.length)}`,
    venueSymbol: renameIn(instrument.venueSymbol, instrument, symbol),
    base,
    tickSize: '0.01',
    lotSize: instrument.kind === 'inverse' ? '1' : '0.0001',
  };
}

/** Says of the symbol what `text` says of the description's: names of one length, so that no length field changes. */
export function renameIn(text: string, { base, venueSymbol }: Instrument, symbol: number): string {
  const name = venueSymbol.toLowerCase();
  return (
    text
      .replaceAll(base, renamed(base, symbol))
      // Names of streams; the base alone in small letters is part of words.
      .replaceAll(name, name.replace(base.toLowerCase(), renamed(base, symbol).toLowerCase()))
      // Bitfinex's channel.
      .replaceAll('943592', `94${symbol}592`)
  );
}

/** ETH → EAH, EBH… */
function renamed(base: string, symbol: number): string {
  return `${base.slice(0, 1)}${String.fromCharCode(65 + symbol)}${base.slice(2)}`;
}
