import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Config } from '../../../core/contracts/config.ts';
import type { ReplayRequest } from '../../../core/contracts/replay.ts';
import type { RecordingLibrary } from './recording-library.ts';

/** What the configuration says is to be replayed, `start` and `end` looked up. */
export async function configuredReplay(replay: Config['replay'], library: RecordingLibrary): Promise<Result<ReplayRequest>> {
  const { market, speed } = replay;
  const listed = await library.list();
  if (!listed.ok) return listed;
  const recorded = listed.value.find((summary) => summary.market === market);
  if (recorded === undefined)
    return fail('NOT_RECORDED', `Nothing of ${market} is recorded yet. Recordings are made while the desk shows ${market}.`);
  const from = replay.from === 'start' ? recorded.from : Date.parse(replay.from);
  const to = replay.to === 'end' ? recorded.to : Date.parse(replay.to);
  if (from >= to) return fail('EMPTY_REPLAY', 'replay.from in config.yaml must be before replay.to.');
  return ok({ market, from, to, speed });
}
