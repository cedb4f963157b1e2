import type { EpochMs } from '../../base/clock.ts';
import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { CORRELATION_WINDOWS_S, correlationAndBeta } from './correlation.ts';

const SECOND_MS = 1_000;
const LONGEST_S = Math.max(...CORRELATION_WINDOWS_S);
/** A power of two above the longest window, so that a second has a slot of its own. */
const SLOTS = 512;

/** Closes by the second they belong to; NaN where there is none. */
class SecondCloses {
  readonly #seconds = new Float64Array(SLOTS).fill(-1);
  readonly #closes = new Float64Array(SLOTS);
  newest = Number.NEGATIVE_INFINITY;

  put(openTime: EpochMs, close: number): void {
    const second = openTime / SECOND_MS;
    const slot = second % SLOTS;
    this.#seconds[slot] = second;
    this.#closes[slot] = close;
    this.newest = Math.max(this.newest, second);
  }

  /** The closes of `out.length` seconds, the last of which is `to`. */
  read(to: number, out: Float64Array): void {
    for (let i = 0; i < out.length; i++) {
      const second = to - out.length + 1 + i;
      const slot = second % SLOTS;
      out[i] = second >= 0 && this.#seconds[slot] === second ? (this.#closes[slot] as number) : Number.NaN;
    }
  }
}

/**
 * How one symbol moves with the reference symbol, from both symbols' closed seconds, matched by their time. It makes no predictions: how
 * two prices move together does not say where either goes.
 */
export class CorrelationAnalysis implements SymbolAnalysis {
  readonly #reference: string;
  readonly #own = new SecondCloses();
  readonly #other = new SecondCloses();
  readonly #y = new Float64Array(LONGEST_S + 1);
  readonly #x = new Float64Array(LONGEST_S + 1);
  readonly #out = new Float64Array(2 * CORRELATION_WINDOWS_S.length);

  constructor(reference: string) {
    this.#reference = reference;
  }

  pushOwn(openTime: EpochMs, close: number): void {
    this.#own.put(openTime, close);
  }

  pushReference(openTime: EpochMs, close: number): void {
    this.#other.put(openTime, close);
  }

  features(): Feature[] {
    this.#compute();
    return CORRELATION_WINDOWS_S.flatMap((seconds, i) => {
      const [correlation, beta] = [this.#out[2 * i] as number, this.#out[2 * i + 1] as number];
      const over = `of the last ${seconds} one-second returns against ${this.#reference}`;
      return [
        feature(`correlation${seconds}`, `Correlation, ${seconds} s`, correlation, '', 2, {
          hint: `Pearson’s correlation ${over}`,
        }),
        feature(`beta${seconds}`, `Beta, ${seconds} s`, beta, '', 2, { hint: `Least-squares slope ${over}` }),
        feature(`residual${seconds}`, `Own move, ${seconds} s`, this.#residualBps(seconds, beta), 'bps', 1, {
          hint: `What it moved beyond beta times the move of ${this.#reference}`,
        }),
      ];
    });
  }

  predictions(): DirectionalView[] {
    return [];
  }

  /** Up to the newest second that both have: the one that comes first does not wait in vain for the other. */
  #compute(): void {
    const to = Math.min(this.#own.newest, this.#other.newest);
    this.#own.read(to, this.#y);
    this.#other.read(to, this.#x);
    CORRELATION_WINDOWS_S.forEach((seconds, i) => {
      correlationAndBeta(this.#y, this.#x, LONGEST_S - seconds, LONGEST_S + 1, this.#out, 2 * i);
    });
  }

  #residualBps(seconds: number, beta: number): number {
    const move = (closes: Float64Array): number =>
      Math.log((closes[LONGEST_S] as number) / (closes[LONGEST_S - seconds] as number));
    return 1e4 * (move(this.#y) - beta * move(this.#x));
  }
}

/** The reference itself has nothing to be compared with. */
const NOTHING: SymbolAnalysis = { features: () => [], predictions: () => [] };

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const { reference } = data;
    if (reference === symbol) return NOTHING;
    const analysis = new CorrelationAnalysis(reference);
    data.bars({ symbol, timeframe: '1s' }, LONGEST_S + 1, ({ openTime, close }) => analysis.pushOwn(openTime, close));
    data.bars({ symbol: reference, timeframe: '1s' }, LONGEST_S + 1, ({ openTime, close }) =>
      analysis.pushReference(openTime, close),
    );
    return analysis;
  });
}
