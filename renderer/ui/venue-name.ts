import type { VenueId } from '../../core/market/instrument.ts';

const NAMES: Readonly<Record<VenueId, string>> = {
  binance: 'Binance',
  bybit: 'Bybit',
  deribit: 'Deribit',
  mexc: 'MEXC',
  okx: 'OKX',
  kraken: 'Kraken',
  coinbase: 'Coinbase',
  kucoin: 'KuCoin',
  gate: 'Gate',
  bitfinex: 'Bitfinex',
  htx: 'HTX',
};

/** A venue as it writes itself. */
export function venueName(venue: VenueId): string {
  return NAMES[venue];
}
