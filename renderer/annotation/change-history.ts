import type { Annotation } from '../../core/contracts/annotations.ts';

/** One change of one annotation: created (no `before`), edited, or deleted (no `after`). */
export interface Change {
  readonly before: Annotation | undefined;
  readonly after: Annotation | undefined;
}

export interface ChangeHistory {
  readonly done: readonly Change[];
  readonly undone: readonly Change[];
}

export const EMPTY_HISTORY: ChangeHistory = { done: [], undone: [] };

const MOST_CHANGES = 200;

export function record(history: ChangeHistory, change: Change): ChangeHistory {
  return { done: [...history.done, change].slice(-MOST_CHANGES), undone: [] };
}

/** The change that takes the last one back, and the history after it; undefined when there is nothing to undo. */
export function undo(history: ChangeHistory): { readonly change: Change; readonly history: ChangeHistory } | undefined {
  const last = history.done.at(-1);
  if (last === undefined) return undefined;
  return { change: inverse(last), history: { done: history.done.slice(0, -1), undone: [...history.undone, last] } };
}

export function redo(history: ChangeHistory): { readonly change: Change; readonly history: ChangeHistory } | undefined {
  const last = history.undone.at(-1);
  if (last === undefined) return undefined;
  return { change: last, history: { done: [...history.done, last], undone: history.undone.slice(0, -1) } };
}

/** The history as if `change` had not been made: it could not be saved. */
export function without(history: ChangeHistory, change: Change): ChangeHistory {
  const isOther = (known: Change): boolean => known !== change;
  return { done: history.done.filter(isOther), undone: history.undone.filter(isOther) };
}

export function inverse(change: Change): Change {
  return { before: change.after, after: change.before };
}
