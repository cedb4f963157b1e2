import type { MetricPoint } from '../../../core/contracts/learning.ts';

/** A job's curve for readers who come late: bounded, and thinned evenly when it would grow beyond. */
export interface MetricHistory {
  add(point: MetricPoint): void;
  points(): MetricPoint[];
  clear(): void;
}

/**
 * At most `limit` points. When full, every other point is dropped, except the newest and, while they are fewer than a quarter of
 * the limit, those with a held-out measurement: they are the rare ones that a comparison needs.
 */
export function createMetricHistory(limit: number): MetricHistory {
  let kept: MetricPoint[] = [];
  return {
    add(point) {
      kept.push(point);
      if (kept.length > limit) kept = thinned(kept, limit);
    },
    points: () => [...kept],
    clear() {
      kept = [];
    },
  };
}

function thinned(points: readonly MetricPoint[], limit: number): MetricPoint[] {
  const isMeasured = (point: MetricPoint): boolean => point.heldOutLoss !== undefined;
  const measuredCount = points.filter(isMeasured).length;
  const keepMeasured = measuredCount <= limit / 4;
  return points.filter((point, i) => i % 2 === 0 || i === points.length - 1 || (keepMeasured && isMeasured(point)));
}
