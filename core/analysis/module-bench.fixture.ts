import type { Cancel } from '../base/clock.ts';
import type { DirectionalView, Feature } from '../contracts/analysis.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Bar } from './indicators/indicator.ts';
import type { MarketTopics } from './market-topics.ts';
import type { AnalysisData, AnalysisModule } from './module.ts';

/** A module on the test bench: what it subscribed to can be told by hand. */
export class ModuleBench {
  readonly module: AnalysisModule;
  now = 0;
  readonly #bars = new Map<string, ((bar: Bar) => void)[]>();
  readonly #topics = new Map<string, ((event: never) => void)[]>();
  readonly #latest = new Map<string, unknown>();
  readonly #ends: Cancel[] = [];

  constructor(module: AnalysisModule, symbols: readonly string[], reference = 'BTC/USDT') {
    this.module = module;
    const data: AnalysisData = {
      now: () => this.now,
      reference,
      latest: (kind, key) => this.#latest.get(nameOf(kind, key)) as never,
      subscribe: (kind, key, listener) => {
        add(this.#topics, nameOf(kind, key), listener);
      },
      bars: ({ symbol, timeframe }, _count, listener) => add(this.#bars, `${symbol} ${timeframe}`, listener),
    };
    module.initialise({
      forEachSymbol: (begin) => {
        for (const symbol of symbols) this.#ends.push(begin(symbol, data) ?? ((): void => {}));
      },
    });
  }

  /** A closed candle, to those who take bars and to those who subscribed to closed candles. */
  close(symbol: string, timeframe: Timeframe, openTime: number, close: number, range = 0): void {
    const bar = { openTime, open: close, high: close + range, low: close - range, close, volume: 1 };
    for (const listener of this.#bars.get(`${symbol} ${timeframe}`) ?? []) listener(bar);
    this.tell('closedCandles', { symbol, timeframe }, { ...bar, buyVolume: 0.5, tradeCount: 1, filled: false });
  }

  tell<K extends keyof MarketTopics & string>(kind: K, key: MarketTopics[K]['key'], event: MarketTopics[K]['event']): void {
    this.#latest.set(nameOf(kind, key), event);
    for (const listener of this.#topics.get(nameOf(kind, key)) ?? []) listener(event as never);
  }

  features(symbol: string): Record<string, number | null> {
    return Object.fromEntries(this.module.features(symbol).map(({ id, value }) => [id, value]));
  }

  feature(symbol: string, id: string): Feature {
    const found = this.module.features(symbol).find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`no feature ${id}`);
    return found;
  }

  predictions(symbol: string): readonly DirectionalView[] {
    return this.module.predictions(symbol);
  }

  /** As when every symbol is left and the module is given up. */
  end(): void {
    for (const end of this.#ends) end();
    this.module.dispose();
  }
}

function add<T>(map: Map<string, T[]>, name: string, value: T): void {
  map.set(name, [...(map.get(name) ?? []), value]);
}

function nameOf(kind: string, key: object): string {
  return `${kind} ${JSON.stringify(Object.entries(key).sort())}`;
}
