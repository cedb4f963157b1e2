import { create } from 'zustand';
import type { TradeFigures } from '../../annotation/trade-figures.ts';
import type { HeatReading } from '../../charts/heat-layer.ts';
import type { PanePlaces, Readings } from '../../charts/indicator-layer.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { Fill } from '../../../core/contracts/orders.ts';

/** What the pointer rests on, and where in the plot, in CSS pixels. */
export interface ChartTip {
  readonly x: number;
  readonly y: number;
  /** On which side of the pointer there is more room. */
  readonly left: boolean;
  readonly above: boolean;
  readonly of:
    | { readonly kind: 'annotation'; readonly annotation: Annotation; readonly figures: TradeFigures }
    | { readonly kind: 'fill'; readonly fill: Fill };
}

interface ChartReadout {
  readonly newest: ChartCandle | undefined;
  /** Open time of the first candle that the chart holds. */
  readonly oldest: number | undefined;
  /** Under the crosshair. */
  readonly hovered: ChartCandle | undefined;
  readonly tip: ChartTip | undefined;
  /** Of the indicators, at the candle under the crosshair, else at the newest. */
  readonly readings: Readings;
  readonly places: PanePlaces;
  /** Of the heatmap behind the candles: what the strongest colour stands for, and what is known under the crosshair. */
  readonly heatScale: number;
  readonly heat: HeatReading | undefined;
}

const NOTHING = {
  newest: undefined,
  oldest: undefined,
  hovered: undefined,
  tip: undefined,
  readings: new Map(),
  heatScale: 0,
  heat: undefined,
} as const;

/** What the chart says in words. It changes with every trade and mouse move, so it is kept out of the panel's own state. */
export const useChartReadout = create<ChartReadout>(() => ({ ...NOTHING, places: { tops: new Map(), belowMain: 0 } }));

/** Another market or timeframe: nothing of the one before stays. */
export function forgetReadout(): void {
  useChartReadout.setState(NOTHING);
}
