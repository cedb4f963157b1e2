import { BINANCE_SPOT } from '../binance/fixtures/conformance.ts';
import { BINANCE_COINM, BINANCE_USDM } from '../binance/fixtures/futures-conformance.ts';
import { BITFINEX } from '../bitfinex/fixtures/conformance.ts';
import { BYBIT } from '../bybit/fixtures/conformance.ts';
import { COINBASE } from '../coinbase/fixtures/conformance.ts';
import { DERIBIT } from '../deribit/fixtures/conformance.ts';
import { GATE } from '../gate/fixtures/conformance.ts';
import { HTX } from '../htx/fixtures/conformance.ts';
import { KRAKEN } from '../kraken/fixtures/conformance.ts';
import { KUCOIN_FUTURES, KUCOIN_SPOT } from '../kucoin/fixtures/conformance.ts';
import { MEXC_FUTURES, MEXC_SPOT } from '../mexc/fixtures/conformance.ts';
import { OKX } from '../okx/fixtures/conformance.ts';
import type { VenueConformance } from './venue-conformance.ts';

/** Every venue, once for each protocol that it speaks. */
export const ALL_VENUES: readonly VenueConformance[] = [
  BINANCE_SPOT,
  BINANCE_USDM,
  BINANCE_COINM,
  BYBIT,
  DERIBIT,
  MEXC_SPOT,
  MEXC_FUTURES,
  OKX,
  KRAKEN,
  COINBASE,
  KUCOIN_SPOT,
  KUCOIN_FUTURES,
  GATE,
  BITFINEX,
  HTX,
];
