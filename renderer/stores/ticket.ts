import { create } from 'zustand';
import type { OrderIntent, OrderSide } from '../../core/contracts/orders.ts';
import { useSelection } from './selection.ts';

/** The order ticket as typed, not yet checked. */
export interface TicketDraft {
  side: OrderSide;
  type: OrderIntent['type'];
  quantity: string;
  limitPrice: string;
  timeInForce: OrderIntent['timeInForce'];
}

interface Ticket extends TicketDraft {
  /** Counts requests to bring the ticket to the front and put the cursor into it. */
  focusSerial: number;
  edit(change: Partial<TicketDraft>): void;
  /** From the book or a shortcut: shows the ticket with this change. */
  present(change: Partial<TicketDraft>): void;
  clear(): void;
}

const EMPTY: TicketDraft = { side: 'buy', type: 'limit', quantity: '', limitPrice: '', timeInForce: 'GTC' };

export const useTicket = create<Ticket>((set) => ({
  ...EMPTY,
  focusSerial: 0,
  edit: (change) => set(change),
  present: (change) => set((state) => ({ ...change, focusSerial: state.focusSerial + 1 })),
  clear: () => set({ quantity: '', limitPrice: '' }),
}));

// A price of another symbol means nothing.
useSelection.subscribe((now, before) => {
  if (now.symbol !== before.symbol) useTicket.getState().edit({ limitPrice: '' });
});
