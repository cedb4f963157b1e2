import { type RefObject, useEffect } from 'react';
import type { ChartHandle } from './use-chart.ts';

const CLEAR_PX = 8;

/**
 * While `isWanted`, candles stay below the legend: what is written into them must be read. The room only grows, for a legend that gains a
 * line under the pointer must not move the chart.
 */
export function useHeadroom(
  legends: RefObject<HTMLElement | null>,
  plot: RefObject<HTMLElement | null>,
  chart: RefObject<ChartHandle | undefined>,
  isWanted: boolean,
  chartKey: unknown,
): void {
  useEffect(() => {
    const [legend, stage] = [legends.current, plot.current];
    if (!isWanted) chart.current?.setHeadroom(0);
    if (!isWanted || legend === null || stage === null) return undefined;
    let highest = 0;
    let width = 0;
    const observer = new ResizeObserver(() => {
      if (stage.clientWidth !== width) highest = 0;
      width = stage.clientWidth;
      highest = Math.max(highest, legend.offsetTop + legend.offsetHeight);
      chart.current?.setHeadroom(highest + CLEAR_PX);
    });
    observer.observe(legend);
    observer.observe(stage);
    return () => observer.disconnect();
  }, [legends, plot, chart, isWanted, chartKey]);
}
