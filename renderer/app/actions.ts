import { useMemo } from 'react';
import type { CommandInput, CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { DataMode } from '../../core/contracts/primitives.ts';
import type { WorkerName } from '../../core/contracts/system.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useOverlays } from '../stores/overlays.ts';
import { usePreferences } from '../stores/preferences.ts';
import { useTicket } from '../stores/ticket.ts';
import { useToasts } from '../stores/toasts.ts';
import { useWorkspace } from '../stores/workspace.ts';
import { processLabel } from '../ui/process-label.ts';
import { useDesk } from './desk-context.ts';
import { FIRST_STEPS_SETTINGS } from './first-steps.ts';
import { buildDefaultLayout, openPanel, type PanelId } from './layout.ts';

/** Runs a command; a failure is shown as a toast titled `title` and answered as `undefined`. */
export async function runCommand<N extends CommandName>(
  client: DeskClient,
  title: string,
  name: N,
  input: CommandInput<N>,
): Promise<CommandOutput<N> | undefined> {
  const result = await client.command(name, input);
  if (result.ok) return result.value;
  useToasts.getState().show({ level: 'error', title, text: result.error.message });
  return undefined;
}

export interface Actions {
  toggleTheme(): void;
  openPanel(id: PanelId): void;
  resetLayout(): void;
  showFirstSteps(): void;
  presentTicket(change: Parameters<ReturnType<typeof useTicket.getState>['present']>[0]): void;
  setSpeed(speed: number): void;
  /** Asks first, and says what will happen. */
  switchMode(to: DataMode): void;
  engageKillSwitch(): void;
  releaseKillSwitch(): void;
  cancelAllOrders(): void;
  cancelOrder(orderId: string): Promise<void>;
  restartWorker(name: WorkerName): Promise<void>;
}

/** What several places of the window can do: buttons, shortcuts and the command palette. */
export function useActions(): Actions {
  const { client } = useDesk();
  return useMemo(() => createActions(client), [client]);
}

function createActions(client: DeskClient): Actions {
  const actions: Actions = {
    toggleTheme() {
      const { theme, setTheme } = usePreferences.getState();
      setTheme(theme === 'dark' ? 'light' : 'dark');
    },
    openPanel(id) {
      const { api } = useWorkspace.getState();
      if (api !== undefined) openPanel(api, id);
    },
    resetLayout() {
      const { api } = useWorkspace.getState();
      if (api !== undefined) buildDefaultLayout(api);
    },
    showFirstSteps() {
      usePreferences.getState().setPanel(FIRST_STEPS_SETTINGS.name, FIRST_STEPS_SETTINGS.defaults);
    },
    presentTicket(change) {
      actions.openPanel('orders');
      useTicket.getState().present(change);
    },
    setSpeed(speed) {
      void runCommand(client, 'The practice speed did not change', 'setPracticeSpeed', { speed });
    },
    switchMode(to) {
      useOverlays.getState().confirm({
        title: to === 'LIVE' ? 'Switch to live market data?' : 'Switch to the practice market?',
        paragraphs: [
          to === 'LIVE'
            ? 'Prices and books will come from the exchange’s public data. This needs an internet connection; the account stays a PAPER account and no order leaves this machine.'
            : 'Prices and books will come from the practice market, a simulated exchange around recorded prices. The account stays a PAPER account.',
          'The services restart. Each market has a store of its own: candles, annotations, models, orders and positions of this one are kept, and come back when you switch back. They are not carried over.',
          'Training in progress is stopped.',
        ],
        confirmLabel: to === 'LIVE' ? 'Switch to LIVE' : 'Switch to SIM',
        danger: false,
        onConfirm: () => void changeMode(to),
      });
    },
    engageKillSwitch() {
      void runCommand(client, 'The kill switch was NOT engaged', 'setKillSwitch', {
        engaged: true,
        reason: 'engaged by the trader',
      });
    },
    releaseKillSwitch() {
      useOverlays.getState().confirm({
        title: 'Release the kill switch?',
        paragraphs: ['New orders will be accepted again. Orders that it cancelled stay cancelled.'],
        confirmLabel: 'Release',
        danger: false,
        onConfirm: () =>
          void runCommand(client, 'The kill switch was not released', 'setKillSwitch', {
            engaged: false,
            reason: 'released by the trader',
          }),
      });
    },
    cancelAllOrders() {
      void runCommand(client, 'Orders were not cancelled', 'cancelAllOrders', {}).then((answer) => {
        if (answer === undefined) return;
        const text = answer.cancelled === 1 ? '1 order cancelled.' : `${answer.cancelled} orders cancelled.`;
        useToasts.getState().show({ level: 'info', title: 'Cancel all', text });
      });
    },
    async cancelOrder(orderId) {
      await runCommand(client, 'The order was not cancelled', 'cancelOrder', { orderId });
    },
    async restartWorker(name) {
      await runCommand(client, `The ${processLabel(name)} process was not restarted`, 'restartWorker', { name });
    },
  };

  async function changeMode(to: DataMode): Promise<void> {
    const { setBusy } = useOverlays.getState();
    setBusy(to === 'LIVE' ? 'Switching to live market data…' : 'Switching to the practice market…');
    // On success the session stream makes the window ask for everything again, which also ends this wait.
    const answer = await runCommand(client, `The market is still the same: no switch to ${to}`, 'setMode', { mode: to });
    if (answer === undefined) setBusy(undefined);
  }

  return actions;
}
