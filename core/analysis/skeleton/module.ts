/**
 * The skeleton of an analysis module, to copy: a folder of its own under core/analysis, this file, a test beside it, and a line in
 * ANALYSIS_MODULES (core/contracts/analysis.ts), in MODULES (main/services/analysis/module-loaders.ts) and in config.yaml's list.
 * docs/adding-an-analysis-module.md goes through it.
 */
import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import { CloseWindow } from '../close-window.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';

const MINUTE_MS = 60_000;
/** Minutes that are looked back over, and stored ones that the rule is judged by at the start. */
const LOOK_BACK = 10;
const HISTORY = 1_440;

/** What the module knows of one symbol. Pure: fed by hand in its test, by `create` in the desk. */
export class SkeletonAnalysis implements SymbolAnalysis {
  readonly #closes = new CloseWindow(LOOK_BACK + 1);
  readonly #record = new TrackRecord({ horizonMs: 5 * MINUTE_MS });

  push(openTime: number, close: number): void {
    this.#closes.push(close);
    // The rule is judged at the candle's close: nobody knew of it before.
    this.#record.step(openTime + MINUTE_MS, close, this.#direction());
  }

  features(): Feature[] {
    return [
      feature('move', 'Move', 1e4 * this.#move(), 'bps', 1, { hint: `Of the last ${LOOK_BACK} minutes` }),
      this.#record.feature(),
    ];
  }

  /** Empty in a module without a rule. */
  predictions(): DirectionalView[] {
    return this.#record.views(
      this.#direction(),
      `the price moved ${(1e4 * this.#move()).toFixed(1)} bps in ${LOOK_BACK} minutes`,
    );
  }

  /** NaN until it is known. */
  #move(): number {
    const { values, from, length, newest } = this.#closes;
    return length > LOOK_BACK ? newest / (values[from] as number) - 1 : Number.NaN;
  }

  /** The rule, with its source in the docstring: here, that what moved 50 bps goes on. */
  #direction(): -1 | 0 | 1 {
    const move = this.#move();
    return move >= 5e-3 ? 1 : move <= -5e-3 ? -1 : 0;
  }
}

/** What the host calls: subscribe each symbol's analysis to what it needs, and to nothing else. */
export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new SkeletonAnalysis();
    data.bars({ symbol, timeframe: '1m' }, HISTORY, ({ openTime, close }) => analysis.push(openTime, close));
    return analysis;
  });
}
