import { useEffect } from 'react';
import { useOverlays } from '../../stores/overlays.ts';
import { useReplay } from '../../stores/replay.ts';
import { takesText } from '../../ui/shortcut.ts';
import { BACK_MS, type ReplayActions } from './replay-actions.ts';

/** In REPLAY: Space plays and pauses, arrows step. Heard before the panels, whose arrows move within what is shown. */
export function useReplayKeys(actions: ReplayActions): void {
  useEffect(() => {
    const actionOf = (event: KeyboardEvent): (() => void) | undefined => {
      if (event.key === ' ') return event.target instanceof HTMLButtonElement ? undefined : () => actions.playOrPause();
      if (event.key === '.') return () => actions.step('event');
      if (event.key === 'ArrowRight') return () => actions.step(event.shiftKey ? '1m' : '1s');
      if (event.key !== 'ArrowLeft') return undefined;
      const { status } = useReplay.getState();
      return status === undefined ? undefined : () => actions.seek(status.t - BACK_MS);
    };
    const onKey = (event: KeyboardEvent): void => {
      const { open, busy } = useOverlays.getState();
      if (open !== undefined || busy !== undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      if (takesText(event.target) || isNumberField(event.target)) return;
      const action = actionOf(event);
      if (action === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat || event.key === 'ArrowRight') action();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [actions]);
}

/** The cursor moves with the arrows there. */
function isNumberField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
