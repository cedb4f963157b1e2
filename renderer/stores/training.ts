import { create } from 'zustand';
import type { MetricPoint, TrainingStatus } from '../../core/contracts/learning.ts';
import type { TrainingEvent } from '../../core/contracts/streams.ts';

interface Training {
  status: TrainingStatus | undefined;
  /** Appended to in place; `metricsVersion` changes with it. */
  readonly metrics: MetricPoint[];
  metricsVersion: number;
  take(event: TrainingEvent): void;
}

/** The training job of this session and its curves. */
export const useTraining = create<Training>((set) => ({
  status: undefined,
  metrics: [],
  metricsVersion: 0,
  take: (event) =>
    set((state) => {
      switch (event.kind) {
        case 'snapshot':
          state.metrics.length = 0;
          for (const point of event.metrics) state.metrics.push(point);
          return { status: event.status, metricsVersion: state.metricsVersion + 1 };
        case 'metric':
          state.metrics.push(event.point);
          return { metricsVersion: state.metricsVersion + 1 };
        case 'status':
          // A new job begins with empty curves.
          if (event.status.jobId === state.status?.jobId) return { status: event.status };
          state.metrics.length = 0;
          return { status: event.status, metricsVersion: state.metricsVersion + 1 };
      }
    }),
}));

/** A job that still runs, or waits to go on. */
export function isTraining(status: TrainingStatus | undefined): boolean {
  const state = status?.state;
  return state === 'preparing' || state === 'running' || state === 'paused' || state === 'stopping';
}
