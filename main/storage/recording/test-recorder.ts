import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { openSegmentStore } from './segment-store.ts';
import { batchesOf } from './test-recording.ts';

/**
 * A process that records until it is killed: `node test-recorder.mjs FOLDER FROM`. Trades have ids from FROM on without a hole; a
 * batch's last id is reported when the store has answered for it. Segments end every few batches, so that a kill also
 * hits while one is being turned into Parquet.
 */
export interface RecorderReport {
  readonly lastId: number;
}

const TRADES = 5;

async function recordForEver(folder: string, from: number): Promise<void> {
  const store = openSegmentStore({ folder, mode: 'SIM', wall: new ManualClock(1_700_000_000_000 + from) });
  const must = async (answer: Promise<{ ok: boolean; error?: { message: string } }>): Promise<void> => {
    const { ok, error } = await answer;
    if (!ok) throw new Error(error?.message);
  };
  await must(store.recover());
  const rng = new SplitMix32(from + 1);
  for (let id = from; ; ) {
    const batches = batchesOf(rng, id, 2 + Math.floor(rng.next() * 12), TRADES, 1_583_366_400_000);
    await must(store.begin());
    for (const batch of batches) {
      await must(store.append(batch));
      id += TRADES;
      process.send?.({ lastId: id - 1 } satisfies RecorderReport);
    }
    await must(store.end());
  }
}

await recordForEver(String(process.argv[2]), Number(process.argv[3]));
