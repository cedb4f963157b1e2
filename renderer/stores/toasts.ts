import { create } from 'zustand';

export interface Toast {
  readonly id: number;
  readonly level: 'info' | 'error';
  readonly title: string;
  readonly text: string;
}

interface Toasts {
  toasts: readonly Toast[];
  show(toast: Omit<Toast, 'id'>): void;
  dismiss(id: number): void;
}

const MOST_SHOWN = 4;
let nextId = 1;

/** Short messages over the workspace. Errors stay until dismissed or pushed out by newer ones. */
export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  show: (toast) =>
    set((state) => {
      const others = state.toasts.filter((shown) => shown.title !== toast.title || shown.text !== toast.text);
      return { toasts: [...others, { ...toast, id: nextId++ }].slice(-MOST_SHOWN) };
    }),
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));
