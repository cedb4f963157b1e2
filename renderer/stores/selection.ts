import { create } from 'zustand';

interface Selection {
  symbol: string;
  selectedAnnotationId: string | undefined;
  /** A request to bring this market time into view on the chart; `serial` makes a repeated request a new one. */
  jump: { time: number; serial: number } | undefined;
  selectSymbol(symbol: string): void;
  selectAnnotation(id: string | undefined): void;
  jumpTo(time: number): void;
}

/** What the trader is looking at, shared by every panel. */
export const useSelection = create<Selection>((set) => ({
  symbol: '',
  selectedAnnotationId: undefined,
  jump: undefined,
  selectSymbol: (symbol) => set({ symbol, selectedAnnotationId: undefined }),
  selectAnnotation: (selectedAnnotationId) => set({ selectedAnnotationId }),
  jumpTo: (time) => set((state) => ({ jump: { time, serial: (state.jump?.serial ?? 0) + 1 } })),
}));
