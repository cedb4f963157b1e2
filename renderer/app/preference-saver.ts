import type { DeskClient } from '../ipc/desk-client.ts';
import { savedPreferences, usePreferences } from '../stores/preferences.ts';
import { useToasts } from '../stores/toasts.ts';

const QUIET_MS = 400;

/** Saves the preferences once they have rested for 0.4 s, and at once when the page goes away. */
export function startPreferenceSaver(client: DeskClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function save(): Promise<void> {
    timer = undefined;
    const result = await client.command('savePreferences', savedPreferences());
    if (!result.ok)
      useToasts.getState().show({ level: 'error', title: 'Window settings were not saved', text: result.error.message });
  }

  const flush = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    void save();
  };
  const end = usePreferences.subscribe((now, before) => {
    if (now.theme === before.theme && now.layout === before.layout && now.panels === before.panels) return;
    clearTimeout(timer);
    timer = setTimeout(() => void save(), QUIET_MS);
  });
  window.addEventListener('pagehide', flush);
  return () => {
    flush();
    end();
    window.removeEventListener('pagehide', flush);
  };
}
