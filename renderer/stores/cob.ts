import { create } from 'zustand';
import type { CobView } from '../../core/contracts/market-views.ts';

interface Cob {
  view: CobView | undefined;
  /** Direction of the newest change of the mid; kept while it stands still. */
  direction: 'up' | 'down' | undefined;
  take(view: CobView): void;
  clear(): void;
}

/**
 * The newest consolidated book of the selected symbol. It changes at display rate:
 * select a formatted text or paint outside React, never re-render a panel per change.
 */
export const useCob = create<Cob>((set) => ({
  view: undefined,
  direction: undefined,
  take: (view) =>
    set((state) => {
      const before = hasBook(state.view) ? state.view.mid : undefined;
      if (!hasBook(view) || before === undefined || view.mid === before) return { view };
      return { view, direction: view.mid > before ? 'up' : 'down' };
    }),
  clear: () => set({ view: undefined, direction: undefined }),
}));

/** Whether there is a merged book to show prices from. */
export function hasBook(view: CobView | undefined): view is CobView {
  return view !== undefined && view.venues.length > 0 && view.mid > 0;
}
