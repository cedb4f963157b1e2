import type { RecordedMinute } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import { type MinuteTrades, simulateMinute } from './minute.ts';

/** The trades of one of a recording's minutes: on the path of the market that it follows, if it follows one. */
export function minuteTrades(seed: number, { instrument, leader }: Recording, minute: RecordedMinute): MinuteTrades {
  const index = leader?.recording.indexAt(minute.openTime);
  if (leader === undefined || index === undefined) return simulateMinute(seed, instrument, minute);
  const { recording, scaleAt } = leader;
  return simulateMinute(seed, instrument, minute, {
    trades: simulateMinute(seed, recording.instrument, recording.minute(index)),
    scaleAt: (offsetMs) => scaleAt(minute.openTime + offsetMs),
  });
}
