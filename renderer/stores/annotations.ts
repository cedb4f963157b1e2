import { create } from 'zustand';
import type { Annotation } from '../../core/contracts/annotations.ts';
import type { AnnotationsEvent } from '../../core/contracts/streams.ts';
import {
  type Change,
  type ChangeHistory,
  EMPTY_HISTORY,
  inverse,
  record,
  redo,
  undo,
  without,
} from '../annotation/change-history.ts';
import type { AnnotationTool } from '../annotation/gesture.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useToasts } from './toasts.ts';

interface Annotations {
  /** Every annotation of this market, by id; undefined until they were read. */
  byId: ReadonlyMap<string, Annotation> | undefined;
  history: ChangeHistory;
  tool: AnnotationTool;
  setTool(tool: AnnotationTool): void;
  take(event: AnnotationsEvent): void;
  clear(): void;
  /** Shows the change at once and saves it; when it cannot be saved, it is taken back and the trader is told. */
  change(client: DeskClient, change: Change): Promise<void>;
  undo(client: DeskClient): Promise<void>;
  redo(client: DeskClient): Promise<void>;
}

export const useAnnotations = create<Annotations>((set, get) => {
  const show = (change: Change): void => set((state) => ({ byId: withChange(state.byId, change) }));
  const save = async (client: DeskClient, change: Change): Promise<boolean> => {
    const answer =
      change.after === undefined
        ? await client.command('deleteAnnotation', { id: (change.before as Annotation).id })
        : await client.command('saveAnnotation', { annotation: change.after });
    if (answer.ok) return true;
    useToasts.getState().show({ level: 'error', title: 'The annotation was not saved', text: answer.error.message });
    show(inverse(change));
    return false;
  };
  return {
    byId: undefined,
    history: EMPTY_HISTORY,
    tool: 'cursor',
    setTool: (tool) => set({ tool }),
    take: (event) =>
      set((state) => {
        switch (event.kind) {
          case 'snapshot':
            return { byId: new Map(event.annotations.map((annotation) => [annotation.id, annotation])) };
          case 'saved':
            return { byId: withChange(state.byId, { before: undefined, after: event.annotation }) };
          case 'deleted': {
            const byId = new Map(state.byId);
            byId.delete(event.id);
            return { byId };
          }
        }
      }),
    clear: () => set({ byId: undefined, history: EMPTY_HISTORY, tool: 'cursor' }),
    async change(client, change) {
      show(change);
      // Recorded before it is saved: an undo that follows at once is meant for this change, not for the one before.
      set((state) => ({ history: record(state.history, change) }));
      if (!(await save(client, change))) set((state) => ({ history: without(state.history, change) }));
    },
    async undo(client) {
      const step = undo(get().history);
      if (step === undefined) return;
      const before = get().history;
      set({ history: step.history });
      show(step.change);
      if (!(await save(client, step.change))) set({ history: before });
    },
    async redo(client) {
      const step = redo(get().history);
      if (step === undefined) return;
      const before = get().history;
      set({ history: step.history });
      show(step.change);
      if (!(await save(client, step.change))) set({ history: before });
    },
  };
});

function withChange(byId: ReadonlyMap<string, Annotation> | undefined, change: Change): ReadonlyMap<string, Annotation> {
  const next = new Map(byId);
  if (change.after !== undefined) next.set(change.after.id, change.after);
  else if (change.before !== undefined) next.delete(change.before.id);
  return next;
}
