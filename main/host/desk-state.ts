import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { reasonOf } from '../../core/base/result.ts';
import { dataModeSchema, type DataMode } from '../../core/contracts/primitives.ts';
import { type UiPreferences, uiPreferencesSchema } from '../../core/contracts/system.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { Log } from '../ports/log.ts';

const deskStateSchema = z.object({
  /** The market chosen in the window; the configured one until then. */
  mode: dataModeSchema.optional(),
  preferences: uiPreferencesSchema,
});
type State = z.infer<typeof deskStateSchema>;

const FRESH: State = { preferences: { theme: 'dark', panels: {} } };

/** What the window remembers between runs, whichever market it shows. */
export interface DeskState {
  mode(): DataMode | undefined;
  preferences(): UiPreferences;
  setMode(mode: DataMode): Promise<void>;
  setPreferences(preferences: UiPreferences): Promise<void>;
  /** When everything that was set so far is written, or could not be. */
  settled(): Promise<void>;
}

export async function openDeskState(path: string, log: Log): Promise<DeskState> {
  let state = await read(path, log);
  let writing: Promise<void> = Promise.resolve();
  // One write at a time, each with the newest state: the last one always wins.
  const write = (): Promise<void> => {
    writing = writing.catch(() => {}).then(() => writeFileAtomically(path, `${JSON.stringify(state, null, 2)}\n`));
    return writing;
  };
  return {
    mode: () => state.mode,
    preferences: () => state.preferences,
    async setMode(mode) {
      const before = state.mode;
      state = { ...state, mode };
      try {
        await write();
      } catch (thrown) {
        // The market that runs is the one that was chosen last and could be saved.
        state = { ...state, mode: before };
        throw thrown;
      }
    },
    setPreferences(preferences) {
      state = { ...state, preferences };
      return write();
    },
    settled: () => writing.catch(() => {}),
  };
}

/** A damaged layout file costs the layout, not the start: it is set aside in the log and replaced on the next save. */
async function read(path: string, log: Log): Promise<State> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ path, reason: reasonOf(thrown) }, 'window state could not be read');
    return FRESH;
  }
  try {
    return deskStateSchema.parse(JSON.parse(text));
  } catch (thrown) {
    log.warn({ path, reason: reasonOf(thrown) }, 'window state is damaged; starting with the standard layout');
    return FRESH;
  }
}
