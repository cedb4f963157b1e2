import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingMoments } from './rolling-moments.ts';

class VolumeZScore implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #moments: RollingMoments;

  constructor(length: number) {
    this.#moments = new RollingMoments(length);
  }

  step(bar: Bar, closed: boolean): void {
    const moments = this.#moments;
    moments.step(bar.volume, closed);
    this.values[0] = moments.deviation === 0 ? 0 : (bar.volume - moments.mean) / moments.deviation;
  }
}

/** How many population standard deviations the volume lies above its mean over the last n candles, its own included; 0 where it does not vary. */
export const volumeZScore = defineIndicator({
  id: 'volumeZScore',
  name: 'Volume z-score',
  short: 'Vol z',
  keywords: ['standard score', 'relative volume'],
  placement: 'pane',
  params: [period(20)],
  outputs: [{ id: 'z', name: 'z', kind: 'histogram' }],
  levels: [0, 2],
  warmUp: (params) => params.period,
  create: (params) => new VolumeZScore(params.period),
});
