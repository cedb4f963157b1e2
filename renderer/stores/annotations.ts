import { create } from 'zustand';
import type { Annotation } from '../../core/contracts/annotations.ts';
import type { AnnotationsEvent } from '../../core/contracts/streams.ts';
import { type Change, type ChangeHistory, EMPTY_HISTORY, record, redo, undo, without } from '../annotation/change-history.ts';
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
  /** What the host is known to hold. More or less is shown while a change is on its way there. */
  const saved = new Map<string, Annotation>();
  /** Changes on their way, by annotation. */
  const saving = new Map<string, number>();
  /** When the host last told of an annotation, and when a change was sent, count on by one. */
  const told = new Map<string, number>();
  let serial = 0;
  /** Counts the markets: what was sent to an earlier one means nothing to this. */
  let market = 0;
  const show = (change: Change): void => set((state) => ({ byId: withChange(state.byId, change) }));
  const know = (id: string, annotation: Annotation | undefined): void => {
    if (annotation === undefined) saved.delete(id);
    else saved.set(id, annotation);
    told.set(id, ++serial);
  };
  /** Shows what the host holds, unless a change that it does not know yet is on its way. */
  const settle = (id: string): void => {
    if (saving.has(id)) return;
    const held = saved.get(id);
    if (held !== get().byId?.get(id)) show({ before: { id } as Annotation, after: held });
  };
  /** False when the change could not be saved: it is taken back then, unless a later one of the same annotation covers it. */
  const save = async (client: DeskClient, change: Change): Promise<boolean> => {
    const { id } = (change.after ?? change.before) as Annotation;
    const sentTo = market;
    const sentAt = ++serial;
    saving.set(id, (saving.get(id) ?? 0) + 1);
    const answer =
      change.after === undefined
        ? await client.command('deleteAnnotation', { id })
        : await client.command('saveAnnotation', { annotation: change.after });
    if (sentTo !== market) return answer.ok;
    const others = (saving.get(id) ?? 1) - 1;
    if (others === 0) saving.delete(id);
    else saving.set(id, others);
    // The host told of it before it answered, with its own stamps; where nobody listens, what was sent stands for it.
    if (answer.ok) {
      if ((told.get(id) ?? 0) < sentAt) know(id, change.after);
    } else useToasts.getState().show({ level: 'error', title: 'The annotation was not saved', text: answer.error.message });
    settle(id);
    return answer.ok;
  };
  return {
    byId: undefined,
    history: EMPTY_HISTORY,
    tool: 'cursor',
    setTool: (tool) => set({ tool }),
    take: (event) => {
      switch (event.kind) {
        case 'snapshot':
          saved.clear();
          for (const annotation of event.annotations) know(annotation.id, annotation);
          set({ byId: new Map(saved) });
          break;
        case 'saved':
          know(event.annotation.id, event.annotation);
          settle(event.annotation.id);
          break;
        case 'deleted':
          know(event.id, undefined);
          settle(event.id);
          break;
      }
    },
    clear: () => {
      market++;
      saved.clear();
      saving.clear();
      told.clear();
      set({ byId: undefined, history: EMPTY_HISTORY, tool: 'cursor' });
    },
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
      if (!(await save(client, step.change))) set(({ history }) => (history === step.history ? { history: before } : {}));
    },
    async redo(client) {
      const step = redo(get().history);
      if (step === undefined) return;
      const before = get().history;
      set({ history: step.history });
      show(step.change);
      if (!(await save(client, step.change))) set(({ history }) => (history === step.history ? { history: before } : {}));
    },
  };
});

function withChange(byId: ReadonlyMap<string, Annotation> | undefined, change: Change): ReadonlyMap<string, Annotation> {
  const next = new Map(byId);
  if (change.after !== undefined) next.set(change.after.id, change.after);
  else if (change.before !== undefined) next.delete(change.before.id);
  return next;
}

let filtered:
  | undefined
  | { readonly byId: ReadonlyMap<string, Annotation>; readonly symbol: string; readonly annotations: readonly Annotation[] };

/** Those of one symbol; the same array as long as nothing changes, because every mouse move over the chart asks. */
export function annotationsOf(symbol: string): readonly Annotation[] {
  const { byId } = useAnnotations.getState();
  if (byId === undefined) return [];
  if (filtered?.byId !== byId || filtered.symbol !== symbol) {
    filtered = { byId, symbol, annotations: [...byId.values()].filter((annotation) => annotation.symbol === symbol) };
  }
  return filtered.annotations;
}
