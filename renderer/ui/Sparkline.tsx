import { memo } from 'react';

interface SparklineProps {
  /** Oldest first. */
  readonly values: readonly number[];
  /** How many values fill the whole width; fewer begin at the right. */
  readonly capacity: number;
  /** From the lowest value to the highest instead of from zero. */
  readonly fitted?: boolean;
}

const WIDTH = 60;
const HEIGHT = 16;

/** A figure's recent course beside its newest value; without axes. Decoration: the value itself is text. */
export const Sparkline = memo(function Sparkline({ values, capacity, fitted = false }: SparklineProps) {
  const least = fitted ? Math.min(...values) : 0;
  const span = Math.max(Math.max(...values) - least, 1e-9);
  const step = WIDTH / Math.max(capacity - 1, 1);
  const points = values.map((value, i) => {
    const x = WIDTH - (values.length - 1 - i) * step;
    return `${x.toFixed(1)},${(HEIGHT - 1 - ((value - least) / span) * (HEIGHT - 2)).toFixed(1)}`;
  });
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {points.length > 1 && (
        <polyline points={points.join(' ')} fill="none" stroke="currentColor" vectorEffect="non-scaling-stroke" />
      )}
    </svg>
  );
});
