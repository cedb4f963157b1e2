import { create } from 'zustand';
import type { UiPreferences } from '../../core/contracts/system.ts';

export type Theme = UiPreferences['theme'];

interface Preferences extends UiPreferences {
  /** Takes what the host had saved; nothing is written back. */
  load(preferences: UiPreferences): void;
  setTheme(theme: Theme): void;
  /** `undefined` forgets the layout, so that the next start uses the default one. */
  setLayout(layout: unknown): void;
  setPanel(name: string, settings: unknown): void;
}

/** The trader's own settings. `startPreferenceSaver` writes every change back to the host. */
export const usePreferences = create<Preferences>((set) => ({
  theme: 'dark',
  layout: undefined,
  panels: {},
  load: ({ theme, layout, panels }) => set({ theme, layout, panels }),
  setTheme: (theme) => set({ theme }),
  setLayout: (layout) => set({ layout }),
  setPanel: (name, settings) => set((state) => ({ panels: { ...state.panels, [name]: settings } })),
}));

/** The part that is saved, without the actions. */
export function savedPreferences(): UiPreferences {
  const { theme, layout, panels } = usePreferences.getState();
  return layout === undefined ? { theme, panels } : { theme, layout, panels };
}
