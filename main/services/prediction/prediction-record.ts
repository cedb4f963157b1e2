import type { IdGen } from '../../../core/base/ids.ts';
import { HORIZONS_MIN, type InferenceReference, type Prediction } from '../../../core/contracts/learning.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash } from '../../../core/features/candle-window.ts';
import type { CandleColumns } from '../../../core/market/candle.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Predicted } from './inference-client.ts';

export interface PredictionSource {
  readonly ids: IdGen;
  readonly symbol: string;
  readonly modelId: string;
  readonly device: string;
}

/**
 * The prediction that `answer` makes at `t`, and the reference from which its input can be rebuilt: times and parameters, no data.
 *
 * @param candles closed 1m candles, the newest of which closed at `t`
 */
export function recordOf(
  { ids, symbol, modelId, device }: PredictionSource,
  t: number,
  candles: CandleColumns,
  flatThresholds: Prediction['flatThresholds'],
  answer: Predicted,
): { readonly prediction: Prediction; readonly reference: InferenceReference } {
  const last = candles.openTime.length - 1;
  const id = ids.next('pred');
  const { checkpointId } = answer;
  const prediction: Prediction = {
    id,
    symbol,
    checkpointId,
    modelId,
    t,
    referencePrice: candles.close[last] as number,
    actionProbabilities: [...answer.action],
    flatThresholds,
    horizons: HORIZONS_MIN.map((horizonMin, h) => ({
      horizonMin,
      probabilities: [...(answer.directions[h] as [number, number, number])],
      expectedReturn: answer.expectedReturns[h] as number,
      maturesAt: t + horizonMin * TIMEFRAME_MS['1m'],
    })),
    latencyMs: answer.latencyMs,
  };
  const from = candles.openTime[last - CANDLE_WINDOW.length + 1] as number;
  const to = candles.openTime[last] as number;
  const reference: InferenceReference = {
    id: ids.next('ref'),
    predictionId: id,
    checkpointId,
    symbol,
    t,
    blocks: [{ name: `candles.${CANDLE_WINDOW.timeframe}`, from, to, count: CANDLE_WINDOW.length }],
    normParams: answer.normParams.map((param) => ({ ...param })),
    inputSchemaHash: candleWindowSchemaHash,
    device,
  };
  return { prediction, reference };
}
