import { createContext, useCallback, useContext, useMemo } from 'react';
import type { ReadyBootstrap } from '../../core/contracts/system.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { type Theme, usePreferences } from '../stores/preferences.ts';

/** What every panel may count on. It changes as a whole when the services were replaced (mode switch). */
export interface Desk {
  readonly client: DeskClient;
  readonly bootstrap: ReadyBootstrap;
  readonly theme: Theme;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

/** The desk of the workspace that this component is in. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('useDesk outside of a ready workspace');
  return desk;
}

/**
 * Small settings of one panel, kept over restarts.
 * `defaults` must be a constant outside the component; keys that were never saved come from it,
 * and so do values of another type than the default's.
 */
export function usePanelSettings<T extends object>(panelName: string, defaults: T): readonly [T, (change: Partial<T>) => void] {
  const saved = usePreferences((state) => state.panels[panelName]);
  const settings = useMemo(() => withDefaults(saved, defaults), [saved, defaults]);
  const update = useCallback(
    (change: Partial<T>) => {
      const { panels, setPanel } = usePreferences.getState();
      setPanel(panelName, { ...withDefaults(panels[panelName], defaults), ...change });
    },
    [panelName, defaults],
  );
  return [settings, update];
}

/** Changes a panel's settings from outside of it. */
export function changePanelSettings<T extends object>(panelName: string, defaults: T, change: (settings: T) => Partial<T>): void {
  const { panels, setPanel } = usePreferences.getState();
  const settings = withDefaults(panels[panelName], defaults);
  setPanel(panelName, { ...settings, ...change(settings) });
}

export function withDefaults<T extends object>(saved: unknown, defaults: T): T {
  if (typeof saved !== 'object' || saved === null) return defaults;
  const settings: T = { ...defaults };
  for (const [key, value] of Object.entries(saved)) {
    if (!Object.hasOwn(defaults, key)) continue;
    const expected = defaults[key as keyof T];
    if (expected === undefined || typeof value === typeof expected) settings[key as keyof T] = value as T[keyof T];
  }
  return settings;
}
