import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 2;

/** Watches how late this process's event loop runs. The sampling period itself, which the histogram includes, is taken off. */
export function watchEventLoopDelay(): { p99Ms(): number; reset(): void; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    p99Ms: () => Math.max(0, Math.round((histogram.percentile(99) / 1e6 - RESOLUTION_MS) * 100) / 100),
    reset: () => histogram.reset(),
    stop: () => void histogram.disable(),
  };
}
