import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';

export type StreamKind = 'depth' | 'trade' | 'kline';

/** One kind of connection: what is added to the stream address, and the streams that it carries for each instrument. */
export interface BinanceLane {
  readonly name: string;
  readonly path: string;
  readonly streams: readonly (readonly [suffix: string, kind: StreamKind])[];
}

/** One of Binance's three markets, each with hosts, endpoints and limits of its own. */
export interface BinanceMarket {
  /** Also the key of its addresses in `MarketDataOptions.lanes`, and the name of the lane with its books. */
  readonly id: 'spot' | 'usdm' | 'coinm';
  /** What every path begins with. */
  readonly prefix: string;
  readonly weightPerMinute: number;
  readonly weights: {
    readonly exchangeInfo: number;
    readonly depth: number;
    readonly trades: number;
    readonly klines: (limit: number) => number;
  };
  /** The longest range of klines a request may span. */
  readonly klineSpanMs: number;
  /** No kline is older. */
  readonly beginsAt: number;
  readonly lanes: readonly BinanceLane[];
}

const DAY_MS = 86_400_000;

/** Weights of the derivatives' klines, by the number asked for. */
const futuresKlines = (limit: number): number => (limit < 100 ? 1 : limit < 500 ? 2 : 5);
const BOOK_AND_TRADES = [
  ['depth@100ms', 'depth'],
  ['trade', 'trade'],
] as const;

/** Source of weights and limits: Binance spot docs, "General endpoints" and "Market data endpoints". */
const SPOT: BinanceMarket = {
  id: 'spot',
  prefix: '/api/v3',
  weightPerMinute: 6_000,
  weights: { exchangeInfo: 20, depth: 50, trades: 25, klines: () => 2 },
  klineSpanMs: Number.POSITIVE_INFINITY,
  beginsAt: 0,
  lanes: [{ name: 'spot', path: '', streams: [...BOOK_AND_TRADES, ['kline_1s', 'kline']] }],
};

/**
 * USD-M. Its host serves books and single trades below `/public` and klines below `/market`, and says nothing on a stream that was
 * asked for in the wrong place. No candle is shorter than a minute. Source: Binance derivatives docs, "USD-M futures".
 */
const USDM: BinanceMarket = {
  id: 'usdm',
  prefix: '/fapi/v1',
  weightPerMinute: 2_400,
  weights: { exchangeInfo: 1, depth: 20, trades: 5, klines: futuresKlines },
  klineSpanMs: Number.POSITIVE_INFINITY,
  beginsAt: 0,
  lanes: [
    { name: 'usdm', path: '/public', streams: BOOK_AND_TRADES },
    { name: 'usdm-market', path: '/market', streams: [['kline_1m', 'kline']] },
  ],
};

/** COIN-M: one address for all streams. Source: Binance derivatives docs, "COIN-M futures". */
const COINM: BinanceMarket = {
  id: 'coinm',
  prefix: '/dapi/v1',
  weightPerMinute: 2_400,
  weights: { exchangeInfo: 1, depth: 20, trades: 5, klines: futuresKlines },
  // Error −4088 beyond it.
  klineSpanMs: 200 * DAY_MS,
  // The first contract was listed on 2020-08-10.
  beginsAt: Date.UTC(2020, 7, 10),
  lanes: [{ name: 'coinm', path: '', streams: [...BOOK_AND_TRADES, ['kline_1m', 'kline']] }],
};

const BY_KIND: Readonly<Record<InstrumentKind, BinanceMarket>> = { spot: SPOT, linear: USDM, inverse: COINM };

export function marketOf(kind: InstrumentKind): BinanceMarket {
  return BY_KIND[kind];
}

/** Base units of `amount`, an amount of what the venue counts: coins, or contracts of so many USD. */
export function baseUnits(amount: number, price: number, { kind, contractMultiplier }: Contract): number {
  return kind === 'inverse' ? (amount * Number(contractMultiplier)) / price : amount;
}

/** What an amount on the wire is worth. */
export type Contract = Pick<Instrument, 'kind' | 'contractMultiplier'>;

export const SPOT_CONTRACT: Contract = { kind: 'spot', contractMultiplier: '1' };
