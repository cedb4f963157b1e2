import { useEffect, useRef } from 'react';
import { useOverlays } from '../stores/overlays.ts';
import { matchesShortcut, takesText } from '../ui/shortcut.ts';
import { type DeskCommand, useDeskCommands } from './desk-commands.ts';

/** Runs the shortcuts of `useDeskCommands` while no dialog is open. */
export function useHotkeys(): void {
  const commands = useDeskCommands();
  const current = useRef<readonly DeskCommand[]>(commands);
  useEffect(() => {
    current.current = commands;
  }, [commands]);

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.repeat) return;
      const { open, close, busy } = useOverlays.getState();
      const command = current.current.find(({ shortcut }) => shortcut !== undefined && matchesShortcut(shortcut, event));
      if (command === undefined || busy !== undefined) return;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && takesText(event.target)) return;
      if (open !== undefined) {
        if (open === command.id) {
          event.preventDefault();
          close();
        }
        return;
      }
      event.preventDefault();
      command.run();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
