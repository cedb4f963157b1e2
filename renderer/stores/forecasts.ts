import { create } from 'zustand';
import { HORIZONS_MIN, type HorizonMin, type Prediction } from '../../core/contracts/learning.ts';
import type { PredictionsEvent } from '../../core/contracts/streams.ts';

const MOST_KEPT = 200;

interface Forecasts {
  /** Of the selected symbol, newest first, at most 200; absent until they were read. */
  predictions: readonly Prediction[] | undefined;
  take(event: PredictionsEvent): void;
  clear(): void;
}

export const useForecasts = create<Forecasts>((set) => ({
  predictions: undefined,
  take: (event) =>
    set((state) => {
      const known = event.kind === 'snapshot' ? event.predictions : merge(state.predictions ?? [], event.prediction);
      return { predictions: known.toSorted((a, b) => b.t - a.t).slice(0, MOST_KEPT) };
    }),
  clear: () => set({ predictions: undefined }),
}));

function merge(known: readonly Prediction[], updated: Prediction): Prediction[] {
  return [...known.filter((prediction) => prediction.id !== updated.id), updated];
}

export interface HorizonTally {
  readonly horizonMin: HorizonMin;
  readonly hits: number;
  readonly misses: number;
  readonly pending: number;
}

/** Hits and misses per horizon over the given predictions. */
export function tallyHorizons(predictions: readonly Prediction[]): HorizonTally[] {
  return HORIZONS_MIN.map((horizonMin) => {
    let hits = 0;
    let misses = 0;
    let pending = 0;
    for (const prediction of predictions) {
      const forecast = prediction.horizons.find((candidate) => candidate.horizonMin === horizonMin);
      if (forecast === undefined) continue;
      if (forecast.outcome === undefined) pending++;
      else if (forecast.outcome.hit) hits++;
      else misses++;
    }
    return { horizonMin, hits, misses, pending };
  });
}
