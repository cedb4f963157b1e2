import { LargeTrades } from '../../core/analysis/microstructure/large-trades.ts';
import type { BookSample } from '../../core/analysis/microstructure/book-pressure.ts';
import { MICROSTRUCTURE_FEATURES, MICROSTRUCTURE_INDEX } from '../../core/analysis/microstructure/microstructure-features.ts';
import { MicrostructureState } from '../../core/analysis/microstructure/microstructure-state.ts';
import { SplitMix32 } from '../../core/base/rng.ts';
import type { Trade } from '../../core/market/trade.ts';
import { type BenchReport, compare, measure, perCpuSecond } from '../bench-runner.ts';

const SECONDS = 3_600;
/** Of a busy symbol on several venues. */
const TRADES_A_SECOND = 100;
const SAMPLES_A_SECOND = 10;
const START = 1_600_000_000_000;
const RUNS = 5;
/** A hundredth of a core at a thousand trades a second; and ten samples within a thousandth. */
const LIMIT_TRADE_NS = 1_000;
const LIMIT_SAMPLE_NS = 10_000;
const WINDOW = 16_384;

/**
 * An hour of a busy symbol through `MicrostructureState`: what a trade costs (with the end of each second, at which everything is told
 * anew), and what a sample of the book with all features read does; and how the size of a large trade is found, beside the same
 * quantile of a sorted window.
 */
export async function benchMicrostructure(report: BenchReport): Promise<void> {
  const trades = tradesOfAnHour();
  const samples = samplesOfAnHour();
  let told = 0;
  const tradesPerSecond = await measure({ runs: RUNS }, () =>
    perCpuSecond(trades.length, () => {
      const state = new MicrostructureState();
      for (const trade of trades) state.onTrade(trade);
      told = state.features(START + 1_000 * SECONDS)[MICROSTRUCTURE_INDEX.vpin] as number;
    }),
  );
  if (!(told > 0)) throw new Error('no VPIN after an hour of trades: this measured nothing');
  report.row({
    metric: 'microstructureTradeNs',
    value: 1e9 / tradesPerSecond,
    unit: 'ns',
    peer: 'limit 1 µs',
    peerValue: LIMIT_TRADE_NS,
    better: 'lower',
  });

  const sampleNs = await measure({ runs: RUNS }, () => nsOfSample(trades, samples));
  report.row({
    metric: 'microstructureSampleNs',
    value: sampleNs,
    unit: 'ns',
    peer: 'limit 10 µs',
    peerValue: LIMIT_SAMPLE_NS,
    better: 'lower',
  });

  const { ours, peer } = await compare(
    { runs: RUNS },
    () =>
      perCpuSecond(trades.length, () => {
        const large = new LargeTrades({ window: WINDOW });
        for (const { price, quantity } of trades) large.add(price * quantity);
      }),
    () => perCpuSecond(trades.length, () => sortedWindow(trades)),
  );
  report.row({ metric: 'largeTradesPerSecond', value: ours, unit: 'trades/s', peer: 'sorted window', peerValue: peer });
}

/** The ten samples of a second are timed together, the first of which ends the second before. */
function nsOfSample(trades: readonly Trade[], samples: readonly BookSample[]): number {
  const state = new MicrostructureState();
  let spentMs = 0;
  let features = state.features(START);
  for (let second = 0; second < SECONDS; second++) {
    const t = START + 1_000 * second;
    const startedAt = performance.now();
    for (let i = 0; i < SAMPLES_A_SECOND; i++) {
      const at = t + (1_000 / SAMPLES_A_SECOND) * i;
      state.onBook(at, samples[(second * SAMPLES_A_SECOND + i) % samples.length] as BookSample);
      features = state.features(at);
    }
    spentMs += performance.now() - startedAt;
    for (let i = 0; i < TRADES_A_SECOND; i++) state.onTrade(trades[second * TRADES_A_SECOND + i] as Trade);
  }
  const open = MICROSTRUCTURE_FEATURES.filter((_, i) => Number.isNaN(features[i]));
  if (open.length > 0) throw new Error(`after an hour ${open.join(', ')} is not known: this measured something else`);
  return (1e6 * spentMs) / (SECONDS * SAMPLES_A_SECOND);
}

/** The 95 % quantile of a window kept sorted: binary search, and the array moved for what comes and what goes. */
function sortedWindow(trades: readonly Trade[]): number {
  const ring: number[] = [];
  const sorted: number[] = [];
  let large = 0;
  trades.forEach(({ price, quantity }, i) => {
    const notional = price * quantity;
    if (sorted.length >= 500 && notional >= (sorted[Math.ceil(0.95 * sorted.length) - 1] as number)) large++;
    if (ring.length === WINDOW) sorted.splice(placeOf(sorted, ring[i % WINDOW] as number), 1);
    ring[i % WINDOW] = notional;
    sorted.splice(placeOf(sorted, notional), 0, notional);
  });
  return large;
}

function placeOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function tradesOfAnHour(): Trade[] {
  const rng = new SplitMix32(20_120_501);
  return Array.from({ length: SECONDS * TRADES_A_SECOND }, (_, id): Trade => {
    // In the last tenth of the second: what is measured are the samples, which come before.
    const tsEvent =
      START + 1_000 * Math.floor(id / TRADES_A_SECOND) + 900 + Math.floor((100 * (id % TRADES_A_SECOND)) / TRADES_A_SECOND);
    const side = rng.next() < 0.52 ? 'buy' : 'sell';
    return { id, price: 2_000 + rng.next(), quantity: 0.01 + 20 * rng.next() ** 6, side, tsEvent, tsReceived: tsEvent };
  });
}

function samplesOfAnHour(): BookSample[] {
  const rng = new SplitMix32(20_120_502);
  const notional = () => Array.from({ length: 41 }, () => 1e5 * rng.next());
  return Array.from({ length: 1_000 }, (): BookSample => {
    const mid = 2_000 + rng.next();
    return {
      venues: ['binance', 'bybit', 'okx', 'deribit'],
      mid,
      spreadBps: 0.5 + rng.next(),
      microprice: mid + 0.1 * (rng.next() - 0.5),
      bestBidQuantity: 1 + 10 * rng.next(),
      bestAskQuantity: 1 + 10 * rng.next(),
      bidNotional: notional(),
      askNotional: notional(),
    };
  });
}
