import type { RecordedMinute } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import { halfSpreadTicks, lowerBound, type MinuteTrades, simulateMinute } from './minute.ts';

/** One of a recording's minutes as it is played. */
export interface PlayedMinute {
  readonly trades: MinuteTrades;
  /** The middle of the market `offsetMs` (0 to a minute) after the minute's open, in the instrument's ticks. */
  priceAt(offsetMs: number): MarketPrice;
}

export interface MarketPrice {
  /** Of the market that is followed: the price on which all venues that follow it agree, and that no quote of theirs is through. */
  readonly parity: number;
  /** The venue's own, at its basis. */
  readonly fair: number;
}

/** The trades of one of a recording's minutes: on the path of the market that it follows, if it follows one. */
export function minuteTrades(seed: number, recording: Recording, minute: RecordedMinute): MinuteTrades {
  return playMinute(seed, recording, minute).trades;
}

/** The same, with the price around which quotes are made. Depends on its arguments only. */
export function playMinute(seed: number, recording: Recording, minute: RecordedMinute): PlayedMinute {
  const { instrument, leader } = recording;
  const index = leader?.recording.indexAt(minute.openTime);
  if (leader === undefined || index === undefined) {
    const trades = simulateMinute(seed, instrument, minute);
    return {
      trades,
      priceAt(offsetMs) {
        const middle = middleAt(recording, minute, trades, offsetMs);
        return { parity: middle, fair: middle };
      },
    };
  }
  const { perTick, scaleAt } = leader;
  const leading = leader.recording.minute(index);
  const led = simulateMinute(seed, leader.recording.instrument, leading);
  return {
    trades: simulateMinute(seed, instrument, minute, {
      trades: led,
      scaleAt: (offsetMs) => scaleAt(minute.openTime + offsetMs),
    }),
    priceAt(offsetMs) {
      const middle = middleAt(leader.recording, leading, led, offsetMs);
      return { parity: middle * perTick, fair: middle * scaleAt(minute.openTime + offsetMs) };
    },
  };
}

/** Half a spread from the last trade's price, on the side that its taker came from: a bounce between the touches does not move it. */
function middleAt(recording: Recording, minute: RecordedMinute, trades: MinuteTrades, offsetMs: number): number {
  const last = lowerBound(trades, offsetMs + 1) - 1;
  if (last < 0) return recording.closeBefore(recording.lowerBound(minute.openTime));
  const price = trades.price[last] as number;
  return price + (trades.buy[last] === 1 ? -1 : 1) * halfSpreadTicks(price);
}
