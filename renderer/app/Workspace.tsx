import { DockviewReact, type DockviewReadyEvent, type DockviewTheme, type IDockviewPanelProps } from 'dockview-react';
import { type FunctionComponent, useCallback, useEffect, useMemo, useRef } from 'react';
import { ReplayBar } from '../panels/replay/ReplayBar.tsx';
import { useConnection } from '../stores/connection.ts';
import { usePreferences } from '../stores/preferences.ts';
import { useToasts } from '../stores/toasts.ts';
import { useWorkspace } from '../stores/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { useDesk } from './desk-context.ts';
import { useFeeds } from './feeds.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { useHotkeys } from './hotkeys.ts';
import { buildDefaultLayout, PANEL_TITLES, type PanelTitle, restoreLayout } from './layout.ts';
import { Overlays } from './Overlays.tsx';
import { PanelBoundary } from './PanelBoundary.tsx';
import { PANEL_COMPONENTS } from './panel-registry.tsx';
import { markInteractive } from './paint-report.ts';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';
import { useWindowTitle } from './window-title.ts';

const LAYOUT_REST_MS = 300;

const DOCKED: Record<string, FunctionComponent<IDockviewPanelProps>> = Object.fromEntries(
  PANEL_TITLES.map((panel) => [panel.id, docked(panel)]),
);

function docked({ id, title }: PanelTitle): FunctionComponent<IDockviewPanelProps> {
  const Panel = PANEL_COMPONENTS[id];
  return function DockedPanel() {
    return (
      <section className="panel-host" aria-label={title} data-testid={`panel-${id}`}>
        <PanelBoundary title={title}>
          <Panel />
        </PanelBoundary>
      </section>
    );
  };
}

function NoPanels() {
  return (
    <EmptyState title="Every panel is closed">
      <p>
        Open one from the command palette (<kbd>Ctrl</kbd> <kbd>K</kbd>), or bring the default layout back.
      </p>
      <Button
        onClick={() => {
          const { api } = useWorkspace.getState();
          if (api !== undefined) buildDefaultLayout(api);
        }}
      >
        Reset layout
      </Button>
    </EmptyState>
  );
}

/** The whole window once the services are ready. */
export function Workspace() {
  const { bootstrap, theme } = useDesk();
  const connection = useConnection((state) => state.state);
  const host = useRef<HTMLElement>(null);
  const dockTheme = useMemo<DockviewTheme>(
    () => ({ name: 'cobalt', className: 'dockview-theme-cobalt', colorScheme: theme }),
    [theme],
  );
  useFeeds();
  useHotkeys();
  useWindowTitle();
  useEffect(() => () => useWorkspace.setState({ api: undefined }), []);

  const onReady = useCallback(({ api }: DockviewReadyEvent) => {
    if (host.current !== null) api.layout(host.current.clientWidth, host.current.clientHeight);
    const saved = usePreferences.getState().layout;
    if (!restoreLayout(api, saved)) {
      buildDefaultLayout(api);
      if (saved !== undefined) {
        useToasts.getState().show({
          level: 'info',
          title: 'Default layout',
          text: 'The saved layout does not fit this version, so the default one is shown.',
        });
      }
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    api.onDidLayoutChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (useWorkspace.getState().api === api) usePreferences.getState().setLayout(api.toJSON());
      }, LAYOUT_REST_MS);
    });
    useWorkspace.setState({ api });
    markInteractive();
  }, []);

  return (
    <div className="workspace" data-mode={bootstrap.mode} data-testid="workspace">
      <TopBar />
      {connection === 'lost' && (
        <div className="banner" role="alert" data-testid="connection-banner">
          The connection to the services is lost. Everything below is from before; reconnecting…
        </div>
      )}
      <FirstSteps />
      <main className="dock" ref={host}>
        <DockviewReact theme={dockTheme} components={DOCKED} watermarkComponent={NoPanels} onReady={onReady} />
      </main>
      {bootstrap.mode === 'REPLAY' && <ReplayBar />}
      <StatusBar />
      <Overlays />
    </div>
  );
}
