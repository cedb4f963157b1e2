import { create } from 'zustand';

export interface Confirmation {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly confirmLabel: string;
  readonly danger: boolean;
  readonly onConfirm: () => void;
}

interface Overlays {
  open: 'palette' | 'shortcuts' | 'symbols' | 'replay' | 'indicators' | 'confirm' | undefined;
  confirmation: Confirmation | undefined;
  /** What the whole window waits for, e.g. a mode switch. */
  busy: string | undefined;
  show(overlay: 'palette' | 'shortcuts' | 'symbols' | 'replay' | 'indicators'): void;
  confirm(confirmation: Confirmation): void;
  close(): void;
  setBusy(busy: string | undefined): void;
}

/** At most one dialog is open at a time. */
export const useOverlays = create<Overlays>((set) => ({
  open: undefined,
  confirmation: undefined,
  busy: undefined,
  show: (open) => set({ open, confirmation: undefined }),
  confirm: (confirmation) => set({ open: 'confirm', confirmation }),
  close: () => set({ open: undefined, confirmation: undefined }),
  setBusy: (busy) => set({ busy }),
}));
