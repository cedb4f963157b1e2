import { useMemo } from 'react';
import { openIndicators } from '../panels/chart/indicator-dialog.ts';
import { CHART_DEFAULTS, type ChartSettings, nextProfile } from '../panels/chart/chart-settings.ts';
import { useOverlays } from '../stores/overlays.ts';
import { useSelection } from '../stores/selection.ts';
import { useSystem } from '../stores/system.ts';
import { useTraining } from '../stores/training.ts';
import { useAccount } from '../stores/account.ts';
import { useSymbols } from '../stores/watchlist.ts';
import { runCommand, useActions } from './actions.ts';
import { changePanelSettings, useDesk } from './desk-context.ts';
import { PANEL_TITLES } from './layout.ts';

export const PRACTICE_SPEEDS = [1, 2, 5, 10, 30, 60] as const;

export interface DeskCommand {
  readonly id: string;
  readonly group: 'Orders' | 'Panels' | 'Market' | 'Model' | 'Window';
  readonly label: string;
  readonly keywords?: readonly string[];
  /** As `matchesShortcut` reads it: modifiers first, `Ctrl` also means the command key. */
  readonly shortcut?: string;
  readonly run: () => void;
}

function changeChart(change: (settings: ChartSettings) => Partial<ChartSettings>): void {
  changePanelSettings('chart', CHART_DEFAULTS, change);
}

/** Everything frequent, for the command palette and the shortcuts. Only what can be done now is listed. */
export function useDeskCommands(): readonly DeskCommand[] {
  const { client, bootstrap, theme } = useDesk();
  const actions = useActions();
  const symbol = useSelection((state) => state.symbol);
  const killed = useAccount((state) => state.account?.killSwitch.engaged === true);
  const training = useTraining((state) => state.status?.state);
  const speed = useSystem((state) => state.status?.speed);
  const { mode } = bootstrap;
  const symbols = useSymbols();

  return useMemo(() => {
    const overlays = useOverlays.getState();
    const commands: DeskCommand[] = [
      {
        id: 'buy',
        group: 'Orders',
        label: `Buy ${symbol}`,
        keywords: ['ticket', 'long'],
        shortcut: 'Shift+B',
        run: () => actions.presentTicket({ side: 'buy' }),
      },
      {
        id: 'sell',
        group: 'Orders',
        label: `Sell ${symbol}`,
        keywords: ['ticket', 'short'],
        shortcut: 'Shift+S',
        run: () => actions.presentTicket({ side: 'sell' }),
      },
      {
        id: 'cancel-all',
        group: 'Orders',
        label: 'Cancel all open orders',
        shortcut: 'Ctrl+Shift+X',
        run: actions.cancelAllOrders,
      },
      killed
        ? {
            id: 'kill-release',
            group: 'Orders',
            label: 'Release the kill switch…',
            shortcut: 'Ctrl+Shift+K',
            run: actions.releaseKillSwitch,
          }
        : {
            id: 'kill-engage',
            group: 'Orders',
            label: 'Engage the kill switch: cancel all, refuse new',
            shortcut: 'Ctrl+Shift+K',
            run: actions.engageKillSwitch,
          },
      ...PANEL_TITLES.map(
        ({ id, title, shortcut }, index): DeskCommand => ({
          id: `panel-${id}`,
          group: 'Panels',
          label: `Show ${title}`,
          keywords: ['open', 'panel'],
          shortcut: shortcut ?? `Alt+${(index + 1) % 10}`,
          run: () => actions.openPanel(id),
        }),
      ),
      {
        id: 'symbols',
        group: 'Market',
        label: 'Symbols and venues…',
        keywords: ['add', 'remove', 'follow', 'source', 'search', 'exchange'],
        shortcut: '/',
        run: () => overlays.show('symbols'),
      },
      {
        id: 'indicators',
        group: 'Panels',
        label: 'Chart indicators…',
        keywords: ['moving average', 'rsi', 'macd', 'bollinger', 'study', 'overlay'],
        run: () => openIndicators(undefined),
      },
      {
        id: 'footprint',
        group: 'Panels',
        label: 'Chart: footprint on or off',
        keywords: ['bid ask', 'order flow', 'imbalance', 'cluster'],
        run: () => changeChart(({ footprint }) => ({ footprint: !footprint })),
      },
      {
        id: 'volume-profile',
        group: 'Panels',
        label: 'Chart: volume profile of the view, of the session, off',
        keywords: ['poc', 'value area', 'vpvr', 'market profile'],
        run: () => changeChart(({ profile }) => ({ profile: nextProfile(profile) })),
      },
      { id: 'reset-layout', group: 'Panels', label: 'Reset layout', keywords: ['default'], run: () => actions.resetLayout() },
      ...symbols
        .filter((known) => known.symbol !== symbol)
        .map(
          (known): DeskCommand => ({
            id: `symbol-${known.symbol}`,
            group: 'Market',
            label: `Switch to ${known.symbol}`,
            keywords: ['symbol'],
            run: () => useSelection.getState().selectSymbol(known.symbol),
          }),
        ),
    ];
    if (mode === 'SIM') {
      for (const choice of PRACTICE_SPEEDS) {
        if (choice !== speed)
          commands.push({
            id: `speed-${choice}`,
            group: 'Market',
            label: `Practice speed ${choice}×`,
            keywords: ['sim', 'faster', 'slower'],
            run: () => actions.setSpeed(choice),
          });
      }
    }
    commands.push(
      mode === 'SIM'
        ? { id: 'mode-live', group: 'Market', label: 'Switch to live market data (LIVE)…', run: () => actions.switchMode('LIVE') }
        : {
            id: 'mode-sim',
            group: 'Market',
            label: 'Switch to the practice market (SIM)…',
            run: () => actions.switchMode('SIM'),
          },
    );
    commands.push({
      id: 'replay',
      group: 'Market',
      label: 'Replay a recording (REPLAY)…',
      keywords: ['record', 'history', 'open'],
      run: () => overlays.show('replay'),
    });
    const control = (name: 'pauseTraining' | 'resumeTraining' | 'stopTraining', label: string): DeskCommand => ({
      id: name,
      group: 'Model',
      label,
      run: () => void runCommand(client, `${label} failed`, name, {}),
    });
    if (training === 'running') commands.push(control('pauseTraining', 'Pause training'));
    if (training === 'paused') commands.push(control('resumeTraining', 'Resume training'));
    if (training === 'running' || training === 'paused' || training === 'preparing')
      commands.push(control('stopTraining', 'Stop training'));
    commands.push(
      {
        id: 'theme',
        group: 'Window',
        label: theme === 'dark' ? 'Light theme' : 'Dark theme',
        keywords: ['theme', 'colour', 'color'],
        shortcut: 'Ctrl+Shift+L',
        run: actions.toggleTheme,
      },
      {
        id: 'first-steps',
        group: 'Window',
        label: 'Show the first steps',
        keywords: ['help', 'tour', 'hint'],
        run: actions.showFirstSteps,
      },
      { id: 'palette', group: 'Window', label: 'Command palette', shortcut: 'Ctrl+K', run: () => overlays.show('palette') },
      {
        id: 'shortcuts',
        group: 'Window',
        label: 'Keyboard shortcuts',
        keywords: ['help'],
        shortcut: '?',
        run: () => overlays.show('shortcuts'),
      },
    );
    return commands;
  }, [actions, client, killed, mode, speed, symbol, symbols, theme, training]);
}
