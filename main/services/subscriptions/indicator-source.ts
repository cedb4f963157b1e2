import { indicatorOfText, type IndicatorKey, type IndicatorValues } from '../../../core/analysis/market-topics.ts';
import type { TopicSource } from '../../../core/base/topics.ts';
import type { FollowBars } from '../../ports/bars.ts';

/** Exponential means reach back further than their warm-up: what is left out by then is below a thousandth. */
const WARM_UPS = 8;

/**
 * Indicators of whoever subscribes to them, once for all who want the same one: over stored candles first, told when all of those have
 * been taken, then at each close.
 */
export function indicatorSource(bars: FollowBars): TopicSource<IndicatorKey, IndicatorValues> {
  return {
    attach(key, tell) {
      const found = indicatorOfText(key.indicator);
      if (found === undefined) throw new RangeError(`there is no indicator "${key.indicator}"`);
      const indicator = found.definition.create(found.params);
      let openTime = Number.NaN;
      let isLive = false;
      const tellValues = (): void => {
        if (!Number.isNaN(openTime)) tell({ openTime, values: [...indicator.values] });
      };
      return bars(
        key,
        WARM_UPS * found.definition.warmUp(found.params),
        (bar) => {
          indicator.step(bar, true);
          openTime = bar.openTime;
          if (isLive) tellValues();
        },
        () => {
          isLive = true;
          tellValues();
        },
      );
    },
  };
}
