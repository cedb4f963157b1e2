import { useCallback, useEffect, useRef, useState } from 'react';
import type { Bootstrap, ReadyBootstrap } from '../../core/contracts/system.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useOverlays } from '../stores/overlays.ts';
import { usePreferences } from '../stores/preferences.ts';
import { useSelection } from '../stores/selection.ts';
import { useWatchlist } from '../stores/watchlist.ts';

export interface Session {
  readonly bootstrap: Bootstrap | undefined;
  /** Counts the sets of services behind this window; everything that was asked of the old ones must be asked again. */
  readonly serial: number;
  /** Why there is no bootstrap. */
  readonly problem: string | undefined;
  reload(): void;
}

/**
 * Asks for the bootstrap at the start, whenever the services were replaced, and after a lost connection.
 * The window's own preferences are taken over once: from then on the page knows them best.
 */
export function useSession(client: DeskClient): Session {
  const [state, setState] = useState<Omit<Session, 'reload'>>({ bootstrap: undefined, serial: 0, problem: undefined });
  const request = useRef(0);
  const preferencesLoaded = useRef(false);
  const current = useRef<Bootstrap>(undefined);

  const load = useCallback(
    async (replaced: boolean) => {
      const mine = ++request.current;
      const result = await client.command('getBootstrap', {});
      if (mine !== request.current) return;
      useOverlays.getState().setBusy(undefined);
      if (!result.ok) {
        setState((before) => ({ ...before, problem: result.error.message }));
        return;
      }
      const bootstrap = result.value;
      if (bootstrap.state === 'ready') {
        if (!preferencesLoaded.current) usePreferences.getState().load(bootstrap.preferences);
        preferencesLoaded.current = true;
        const { symbol, selectSymbol } = useSelection.getState();
        if (!bootstrap.symbols.some((known) => known.symbol === symbol)) selectSymbol(bootstrap.primarySymbol);
      }
      const same = !replaced && isSameService(current.current, bootstrap);
      if (same) return;
      // From here on the watchlist stream knows the symbols best; the workspace subscribes to it when it is built.
      if (bootstrap.state === 'ready') useWatchlist.getState().begin(bootstrap.symbols);
      current.current = bootstrap;
      setState((before) => ({ bootstrap, serial: before.serial + 1, problem: undefined }));
    },
    [client],
  );

  useEffect(() => {
    void load(true);
    const endSession = client.subscribe('session', {}, () => void load(true));
    let wasLost = false;
    const endConnection = client.onConnection((connection) => {
      if (connection === 'lost') wasLost = true;
      if (connection !== 'open' || !wasLost) return;
      wasLost = false;
      void load(false);
    });
    return () => {
      endSession();
      endConnection();
    };
  }, [client, load]);

  const reload = useCallback(() => void load(true), [load]);
  return { ...state, reload };
}

function isSameService(before: Bootstrap | undefined, now: Bootstrap): boolean {
  return before?.state === 'ready' && now.state === 'ready' && identity(before) === identity(now);
}

function identity(bootstrap: ReadyBootstrap): string {
  return JSON.stringify([bootstrap.version, bootstrap.mode, bootstrap.riskLimits]);
}
