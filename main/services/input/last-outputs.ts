import type { Prediction } from '../../../core/contracts/learning.ts';
import type { LastOutput } from '../../../core/features/base-input/context-row.ts';
import { OUTPUT_MODELS } from '../../../core/features/base-input/schema.ts';

/** A prediction as a row of the input; undefined for a model that has no row. */
export function lastOutputOf({ modelId, t, actionProbabilities, horizons }: Prediction): LastOutput | undefined {
  const model = OUTPUT_MODELS.find((one) => one === modelId);
  if (model === undefined) return undefined;
  const figures = horizons.flatMap(({ probabilities, expectedReturn }) => [...probabilities, expectedReturn]);
  return { model, at: t, figures: [...actionProbabilities, ...figures] };
}

/** The newest output of every model among them, of inputs before `t`. */
export function lastOutputsOf(predictions: readonly Prediction[], t: number): LastOutput[] {
  const newest = new Map<string, LastOutput>();
  for (const prediction of predictions) {
    const output = lastOutputOf(prediction);
    if (output === undefined || output.at >= t) continue;
    const known = newest.get(output.model);
    if (known === undefined || known.at <= output.at) newest.set(output.model, output);
  }
  return [...newest.values()];
}

/** Predictions kept by symbol: of every model more than one, so that an input from just before the newest has the one before it. */
const KEPT = 32;

/** What models told last, by symbol. */
export class LastOutputs {
  readonly #bySymbol = new Map<string, { readonly recent: Prediction[]; told: LastOutput[] | undefined; t: number }>();

  /** A prediction as it is made; told again when its outcome is known. */
  onPrediction(symbol: string, prediction: Prediction): void {
    let known = this.#bySymbol.get(symbol);
    if (known === undefined) this.#bySymbol.set(symbol, (known = { recent: [], told: undefined, t: 0 }));
    if (known.recent.some(({ id }) => id === prediction.id)) return;
    known.recent.push(prediction);
    known.recent.sort((a, b) => a.t - b.t);
    if (known.recent.length > KEPT) known.recent.shift();
    known.told = undefined;
  }

  /** The newest of every model, of inputs before `t`. The same list as long as nothing is told and time goes on. */
  before(symbol: string, t: number): readonly LastOutput[] {
    const known = this.#bySymbol.get(symbol);
    if (known === undefined) return NONE;
    if (known.told === undefined || t <= (known.recent.at(-1)?.t ?? 0) || known.t <= (known.recent.at(-1)?.t ?? 0)) {
      known.told = lastOutputsOf(known.recent, t);
      known.t = t;
    }
    return known.told;
  }
}

const NONE: readonly LastOutput[] = [];
