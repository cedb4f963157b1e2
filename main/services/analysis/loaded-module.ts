import type { MarketTopics } from '../../../core/analysis/market-topics.ts';
import type { AnalysisData, AnalysisModule } from '../../../core/analysis/module.ts';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { reasonOf } from '../../../core/base/result.ts';
import type { Topics } from '../../../core/base/topics.ts';
import type { AnalysisModuleId, AnalysisModuleView } from '../../../core/contracts/analysis.ts';
import type { FollowBars } from '../../ports/bars.ts';
import type { AnalysisModuleLoader } from './module-loaders.ts';

export interface ModuleSurroundings {
  readonly topics: Topics<MarketTopics>;
  readonly bars: FollowBars;
  /** The symbol that others are compared with. */
  readonly reference: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly load: AnalysisModuleLoader;
  /** It threw and was stopped. */
  readonly onFailure: (id: AnalysisModuleId, reason: string) => void;
}

type Begin = (symbol: string, data: AnalysisData) => Cancel | void;

/** One module that is loaded: its subscriptions by symbol, and the wall around it that nothing it throws passes. */
export class LoadedModule {
  readonly id: AnalysisModuleId;
  readonly #around: ModuleSurroundings;
  #module: AnalysisModule | undefined;
  readonly #begins: Begin[] = [];
  readonly #scopes = new Map<string, Cancel[]>();
  readonly #symbols: Set<string>;
  /** Readings of stored candles that are under way. */
  #reading = 0;
  #failure: string | undefined;
  #closed = false;

  constructor(id: AnalysisModuleId, symbols: Iterable<string>, around: ModuleSurroundings) {
    this.id = id;
    this.#symbols = new Set(symbols);
    this.#around = around;
  }

  /** Resolves when it was loaded and told of every symbol, or has failed. */
  async load(): Promise<void> {
    try {
      const { create } = await this.#around.load(this.id);
      if (this.#closed) return;
      const module = create();
      this.#module = module;
      module.initialise({
        forEachSymbol: (begin) => {
          this.#begins.push(begin);
          for (const symbol of this.#symbols) this.#begin(begin, symbol);
        },
      });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  follow(symbol: string): void {
    this.unfollow(symbol);
    this.#symbols.add(symbol);
    for (const begin of this.#begins) this.#guard(() => this.#begin(begin, symbol), undefined);
  }

  unfollow(symbol: string): void {
    this.#symbols.delete(symbol);
    this.#end(symbol);
  }

  view(symbol: string): AnalysisModuleView {
    const { id } = this;
    const features = this.#guard(() => [...(this.#module?.features(symbol) ?? [])], []);
    const predictions = this.#guard(() => [...(this.#module?.predictions(symbol) ?? [])], []);
    if (this.#failure !== undefined) return { id, state: 'failed', reason: this.#failure, features: [], predictions: [] };
    return { id, state: this.isReady ? 'running' : 'loading', features, predictions };
  }

  /** Whether it is loaded and has read what is stored. */
  get isReady(): boolean {
    return this.#module !== undefined && this.#reading === 0;
  }

  close(): void {
    this.#closed = true;
    for (const symbol of [...this.#scopes.keys()]) this.#guard(() => this.#end(symbol), undefined);
    this.#guard(() => this.#module?.dispose(), undefined);
    this.#module = undefined;
  }

  #begin(begin: Begin, symbol: string): void {
    const ends: Cancel[] = this.#scopes.get(symbol) ?? [];
    this.#scopes.set(symbol, ends);
    const end = begin(symbol, this.#data(ends));
    if (end !== undefined) ends.push(end);
  }

  #end(symbol: string): void {
    const ends = this.#scopes.get(symbol) ?? [];
    this.#scopes.delete(symbol);
    // What the module answered comes last, as it was pushed last.
    for (const end of ends) this.#guard(end, undefined);
  }

  #data(ends: Cancel[]): AnalysisData {
    const { topics, bars, reference, clock } = this.#around;
    return {
      now: () => clock.now(),
      reference,
      latest: (kind, key) => topics.latest(kind, key),
      subscribe: (kind, key, listener) => {
        ends.push(topics.subscribe(kind, key, (event) => this.#guard(() => listener(event), undefined)));
      },
      bars: (series, count, listener) => {
        this.#reading++;
        let isReading = true;
        const read = (): void => {
          if (isReading) this.#reading--;
          isReading = false;
        };
        const leave = bars(series, count, (bar) => this.#guard(() => listener(bar), undefined), read);
        ends.push(() => {
          leave();
          read();
        });
      },
    };
  }

  #guard<T>(work: () => T, otherwise: T): T {
    if (this.#failure !== undefined) return otherwise;
    try {
      return work();
    } catch (thrown) {
      this.#fail(thrown);
      return otherwise;
    }
  }

  #fail(thrown: unknown): void {
    this.#failure = reasonOf(thrown);
    const ends = [...this.#scopes.values()].flat();
    this.#scopes.clear();
    for (const end of [...ends, () => this.#module?.dispose()]) {
      try {
        end();
      } catch {
        // It has failed already; the first reason is the one to tell.
      }
    }
    this.#module = undefined;
    this.#around.onFailure(this.id, this.#failure);
  }
}
