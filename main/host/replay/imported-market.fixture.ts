import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { ImportedHistories } from '../../services/data/imported-histories.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import type { DeskPaths } from '../desk-paths.ts';
import { createSystemClock } from '../host-clock.ts';

export const START = Date.parse('2021-03-01T08:00:00Z');
const INSTRUMENT: Omit<Instrument, 'symbol' | 'venueSymbol' | 'base'> = {
  venue: 'binance',
  kind: 'spot',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

export interface ImportedMarket {
  /** SOL/USDT, from START on for 20 minutes. */
  readonly trades: readonly Trade[];
  /** ADA/USDT, from START on for 200 minutes, of which minute 30 to 33 are missing. */
  readonly minutes: readonly Candle[];
}

/** A practice market's store into which a history of trades and one of minutes were imported. */
export async function leaveImportedMarket(paths: DeskPaths): Promise<ImportedMarket> {
  const rng = new SplitMix32(5);
  const trades: Trade[] = [];
  let price = 13_000;
  for (let t = START + 137; t < START + 1_200_000; t += nextInt(rng, 900)) {
    price += nextInt(rng, 7) - 3;
    const about = { price: price / 100, quantity: (1 + nextInt(rng, 90)) / 10, tsEvent: t, tsReceived: t };
    trades.push({ id: trades.length, side: nextInt(rng, 2) === 0 ? 'buy' : 'sell', ...about });
    if (trades.length % 400 === 0) t += 7_000;
  }
  const minutes: Candle[] = [];
  for (let minute = 0; minute < 200; minute++) {
    if (minute >= 30 && minute < 34) continue;
    const open = 1 + nextInt(rng, 50) / 100;
    const sizes = { volume: 10, buyVolume: 4, tradeCount: 3, filled: false };
    minutes.push({ openTime: START + minute * 60_000, open, high: open + 0.2, low: open - 0.2, close: open + 0.1, ...sizes });
  }

  const wall = createSystemClock();
  const opened = await openStore({ path: paths.store('SIM'), wall, flushMs: 1_000, batchRows: 1_000 });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  const must = async <T>(answer: Promise<{ ok: true; value: T } | { ok: false; error: { message: string } }>): Promise<T> => {
    const done = await answer;
    if (!done.ok) throw new Error(done.error.message);
    return done.value;
  };
  const stagedTrades = await must(store.imports.stageTrades('binance', 'SOL/USDT'));
  await must(stagedTrades.append(trades));
  await must(stagedTrades.commit());
  const stagedMinutes = await must(store.imports.stageCandles('binance', 'ADA/USDT', '1m'));
  await must(stagedMinutes.append(minutes));
  await must(stagedMinutes.commit());
  const instruments = ['SOL', 'ADA'].map((base) => ({
    ...INSTRUMENT,
    base,
    symbol: `${base}/USDT`,
    venueSymbol: `${base}USDT`,
  }));
  await must(store.settings.set('instruments.binance', instruments));
  const histories = new ImportedHistories(store.settings);
  const about = { venue: 'binance' } as const;
  const [half] = [START + 600_000];
  // Two files of one history.
  await must(histories.add({ ...about, symbol: 'SOL/USDT', content: 'trades', from: START, to: half }));
  await must(histories.add({ ...about, symbol: 'SOL/USDT', content: 'trades', from: half + 500, to: START + 1_200_000 }));
  await must(histories.add({ ...about, symbol: 'ADA/USDT', content: 'candles', from: START, to: START + 200 * 60_000 }));
  await store.close();
  wall.close();
  return { trades, minutes };
}
