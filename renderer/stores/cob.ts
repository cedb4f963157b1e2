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
 * for what paints outside React. Texts read `useCobReadout`.
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

const READOUT_PERIOD_MS = 100;

/**
 * The same, at most ten times a second: fast enough to read, and a changed text costs a layout.
 * The first change after a rest shows at once, and the last one is never lost.
 */
export const useCobReadout = create<Pick<Cob, 'view' | 'direction'>>(() => ({ view: undefined, direction: undefined }));

let resting: ReturnType<typeof setTimeout> | undefined;

function readOut(): void {
  const { view, direction } = useCob.getState();
  if (view === useCobReadout.getState().view) return;
  useCobReadout.setState({ view, direction });
  resting = setTimeout(() => {
    resting = undefined;
    readOut();
  }, READOUT_PERIOD_MS);
}

useCob.subscribe(({ view }) => {
  // Another symbol's book must not linger.
  if (view === undefined) {
    clearTimeout(resting);
    resting = undefined;
    useCobReadout.setState({ view: undefined, direction: undefined });
  } else if (resting === undefined) readOut();
});

/** Whether there is a merged book to show prices from. */
export function hasBook(view: CobView | undefined): view is CobView {
  return view !== undefined && view.venues.length > 0 && view.mid > 0;
}
