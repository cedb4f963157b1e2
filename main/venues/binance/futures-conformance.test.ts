import type { Instrument } from '../../../core/market/instrument.ts';
import { runVenueConformance } from '../conformance/run-venue-conformance.ts';
import type { BookMessages, VenueConformance } from '../conformance/venue-conformance.ts';
import {
  COINM_EXCHANGE_INFO,
  COINM_KLINE,
  COINM_KLINE_ROW,
  COINM_TRADE,
  USDM_EXCHANGE_INFO,
  USDM_KLINE,
  USDM_KLINE_ROW,
  USDM_TRADE,
} from './fixtures/futures-messages.ts';
import { SUBSCRIPTIONS } from './fixtures/messages.ts';
import { BinanceHttp } from './http.ts';
import { createBinanceMarketData } from './market-data.ts';
import { marketOf } from './markets.ts';
import { binanceProtocol } from './ws.ts';

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT:USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'linear',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.001',
  minNotional: '20',
  contractMultiplier: '1',
};
const BTC_USDC: Instrument = {
  ...ETH,
  symbol: 'BTC/USDC:USDC',
  venueSymbol: 'BTCUSDC',
  base: 'BTC',
  quote: 'USDC',
  tickSize: '0.1',
};
const BTC: Instrument = {
  ...ETH,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD_PERP',
  kind: 'inverse',
  base: 'BTC',
  quote: 'USD',
  tickSize: '0.1',
  lotSize: '1',
  minNotional: '100',
  contractMultiplier: '100',
};
const ETH_USD: Instrument = {
  ...BTC,
  symbol: 'ETH/USD:ETH',
  venueSymbol: 'ETHUSD_PERP',
  base: 'ETH',
  tickSize: '0.01',
  minNotional: '10',
  contractMultiplier: '10',
};

const json = (levels: readonly (readonly [string, string])[]): string => JSON.stringify(levels);
/** Ids with holes between updates, and ranges within. */
const firstId = (ordinal: number): number => 5_123_107_800_000 + ordinal * 10;
const finalId = (ordinal: number): number => firstId(ordinal) + 3;

function bookOf(stream: string, symbol: string): BookMessages {
  return {
    delta: (ordinal, time, { bids, asks }) =>
      `{"stream":"${stream}@depth@100ms","data":{"e":"depthUpdate","E":${time},"T":${time - 1},${symbol},"U":${firstId(ordinal)},` +
      `"u":${finalId(ordinal)},"pu":${finalId(ordinal - 1)},"b":${json(bids)},"a":${json(asks)}}}`,
    restSnapshot: (ordinal, { bids, asks }) => ({ lastUpdateId: finalId(ordinal), E: 1, T: 1, bids, asks }),
  };
}

const candle = {
  openTime: 1723161240000,
  open: 2302,
  high: 2303.1,
  low: 2301.9,
  close: 2302.3,
  volume: 10.5,
  buyVolume: 4.25,
  tradeCount: 30,
  filled: false,
};

/** Both markets of contracts on the same loopback venue. */
function market(
  instrument: Instrument,
  rest: { info: object; row: readonly unknown[] },
): Pick<VenueConformance, 'create' | 'protocol' | 'instrument' | 'recordings' | 'silent'> & { answer(url: URL): unknown } {
  const { id, prefix } = marketOf(instrument.kind);
  return {
    create: (options) =>
      createBinanceMarketData({ ...options, lanes: { [id]: { restUrl: options.restUrl, streamUrl: options.streamUrl } } }),
    protocol: (http) =>
      binanceProtocol(() => ({ streamUrl: 'ws://stream.example', http: new BinanceHttp(http, marketOf(instrument.kind)) })),
    instrument,
    silent: [SUBSCRIPTIONS],
    // Replayed in recorded.test.ts.
    recordings: [],
    answer(url) {
      if (url.pathname === '/api/v3/time') return { serverTime: 1723161255000 };
      if (url.pathname === `${prefix}/klines`) return [rest.row, [1723161300000, ...rest.row.slice(1)]];
      if (url.pathname === `${prefix}/trades`) return [];
      return url.pathname === `${prefix}/exchangeInfo` ? rest.info : undefined;
    },
  };
}

const restOf = (instrument: Instrument, other: Instrument, answer: (url: URL) => unknown): VenueConformance['rest'] => ({
  snapshotPath: `${marketOf(instrument.kind).prefix}/depth`,
  serverTime: 1723161255000,
  instruments: [instrument, other],
  unknownSymbol: instrument.kind === 'linear' ? 'OLD/USDT:USDT' : 'OLD/USD:OLD',
  answer,
  candles: {
    instrument,
    timeframe: '1m',
    from: 1723161240000,
    to: 1723161360000,
    expected: [candle, { ...candle, openTime: 1723161300000 }],
  },
});

const usdm = market(ETH, { info: USDM_EXCHANGE_INFO, row: USDM_KLINE_ROW });
runVenueConformance({
  ...usdm,
  name: 'Binance USD-M',
  book: bookOf('ethusdt', '"s":"ETHUSDT"'),
  trades: [
    { frame: USDM_TRADE, expected: [{ id: 7001, price: 2302.37, quantity: 0.02, side: 'sell', tsEvent: 1723161255342 }] },
    {
      frame: USDM_TRADE.replace('7001', '7003').replace('"m":true', '"m":false'),
      expected: [{ id: 7003, price: 2302.37, quantity: 0.02, side: 'buy', tsEvent: 1723161255342 }],
    },
  ],
  klines: [{ frame: USDM_KLINE, candle, closed: true, timeframe: '1m' }],
  rest: restOf(ETH, BTC_USDC, usdm.answer),
});

const coinm = market(BTC, { info: COINM_EXCHANGE_INFO, row: COINM_KLINE_ROW });
runVenueConformance({
  ...coinm,
  name: 'Binance COIN-M',
  silent: [SUBSCRIPTIONS],
  book: bookOf('btcusd_perp', '"s":"BTCUSD_PERP","ps":"BTCUSD"'),
  trades: [{ frame: COINM_TRADE, expected: [{ id: 8001, price: 40000, quantity: 0.125, side: 'buy', tsEvent: 1723161255342 }] }],
  klines: [{ frame: COINM_KLINE, candle, closed: true, timeframe: '1m' }],
  rest: restOf(BTC, ETH_USD, coinm.answer),
});
