import { useMemo } from 'react';
import type { ReplayControl, ReplayRequest, ReplayStep } from '../../../core/contracts/replay.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { useReplay } from '../../stores/replay.ts';

export const REPLAY_SPEEDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 100, 300, 1_000] as const;

/** Market time that the key for going back goes back. */
export const BACK_MS = 60_000;

export interface ReplayActions {
  playOrPause(): void;
  step(by: ReplayStep): void;
  setSpeed(speed: number): void;
  /** Restarts the services at `t`. */
  seek(t: number): void;
  open(request: ReplayRequest): void;
}

export function useReplayActions(): ReplayActions {
  const { client } = useDesk();
  return useMemo(() => createReplayActions(client), [client]);
}

function createReplayActions(client: DeskClient): ReplayActions {
  const control = (title: string, input: ReplayControl): Promise<unknown> => runCommand(client, title, 'replayControl', input);
  /** On success the session stream makes the window ask for everything again, which also ends the wait. */
  async function restarting(busy: string, command: () => Promise<unknown>): Promise<void> {
    const { setBusy } = useOverlays.getState();
    setBusy(busy);
    if ((await command()) === undefined) setBusy(undefined);
  }
  const actions: ReplayActions = {
    playOrPause() {
      const { status } = useReplay.getState();
      if (status?.state === 'playing') void control('The replay did not pause', { action: 'pause' });
      else if (status?.state === 'paused') void control('The replay did not play', { action: 'play' });
      else if (status?.state === 'ended') actions.seek(status.from);
    },
    step(by) {
      void control('The replay did not step', { action: 'step', by });
    },
    setSpeed(speed) {
      void control('The replay’s speed did not change', { action: 'speed', speed });
    },
    seek(t) {
      void restarting('Going to another time of the recording…', () =>
        control('The replay is where it was', { action: 'seek', t: Math.round(t) }),
      );
    },
    open(request) {
      void restarting('Opening the recording…', () => runCommand(client, 'The recording was not opened', 'openReplay', request));
    },
  };
  return actions;
}
