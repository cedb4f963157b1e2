import { join } from 'node:path';
import { nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import type { Candle } from '../../core/market/candle.ts';
import { aggregateCandles } from '../../core/market/candle-aggregation.ts';
import type { StoredTimeframe } from '../../core/market/timeframe.ts';
import { LAB_INSTRUMENTS } from '../../lab/instruments.ts';
import { readRecordings } from '../../lab/recording/read-parquet.ts';
import type { Recording } from '../../lab/recording/recording.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import type { Store } from '../../main/ports/store.ts';
import { openStore } from '../../main/storage/duckdb-store.ts';

const DAY_SECONDS = 86_400;
/** Seconds are not recorded: of the last days they are drawn, as many as are analysed for context. */
const DAYS_OF_SECONDS = 30;

/** A store with the recorded months of both symbols as a desk that ran over them has it. Answers when they end. */
export async function fillStore(path: string): Promise<number> {
  const recordings = await readRecordings(LAB_INSTRUMENTS, [join(process.cwd(), 'resources', 'sample')]);
  if (!recordings.ok) throw new Error(recordings.error.message);
  const store = await open(path);
  let end = 0;
  for (const recording of recordings.value) {
    const symbol = `${recording.instrument.base}/${recording.instrument.quote}`;
    const minutes = minutesOf(recording);
    end = (minutes.at(-1) as Candle).openTime + 60_000;
    const put = (timeframe: StoredTimeframe, candles: readonly Candle[]) =>
      store.market.replaceCandles('binance', symbol, timeframe, candles);
    await put('1m', minutes);
    await put('1h', aggregateCandles(minutes, '1h'));
    await put('1d', aggregateCandles(minutes, '1d'));
    for (const day of secondsBefore(end, minutes.at(-1)?.close ?? 0)) await put('1s', day);
  }
  await store.close();
  return end;
}

export async function open(path: string): Promise<Store> {
  const opened = await openStore({ path, wall: createSystemClock(), flushMs: 500, batchRows: 1_000, log: () => {} });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function minutesOf({ columns, instrument }: Recording): Candle[] {
  const tick = 10 ** instrument.tickDecimals;
  const lot = 10 ** instrument.lotDecimals;
  return Array.from(columns.openTime, (openTime, i) => {
    const price = (column: Int32Array): number => (column[i] as number) / tick;
    const volume = (columns.lots[i] as number) / lot;
    const [open, high, low, close] = [columns.open, columns.high, columns.low, columns.close].map(price) as [
      number,
      number,
      number,
      number,
    ];
    return { openTime, open, high, low, close, volume, buyVolume: volume / 2, tradeCount: 1, filled: false };
  });
}

/** Day by day: all at once would be millions of objects. */
function* secondsBefore(end: number, price: number): Generator<Candle[]> {
  const rng = new SplitMix32(1);
  let close = price;
  for (let day = DAYS_OF_SECONDS; day > 0; day--) {
    const start = end - 1_000 * DAY_SECONDS * day;
    yield Array.from({ length: DAY_SECONDS }, (_, i) => {
      const open = close;
      close *= 1 + 1e-5 * nextNormal(rng);
      const [high, low] = [Math.max(open, close), Math.min(open, close)];
      return { openTime: start + 1_000 * i, open, high, low, close, volume: 1, buyVolume: 0.5, tradeCount: 1, filled: false };
    });
  }
}
