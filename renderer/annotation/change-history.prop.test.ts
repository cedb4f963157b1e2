import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Annotation } from '../../core/contracts/annotations.ts';
import { type Change, type ChangeHistory, EMPTY_HISTORY, inverse, record, redo, undo, without } from './change-history.ts';

type Chart = ReadonlyMap<string, number>;

const version = (id: string, updatedAt: number): Annotation => ({ id, updatedAt }) as Annotation;

function apply(chart: Chart, change: Change): Chart {
  const next = new Map(chart);
  if (change.after !== undefined) next.set(change.after.id, change.after.updatedAt);
  else if (change.before !== undefined) next.delete(change.before.id);
  return next;
}

type Act = { readonly kind: 'set' | 'delete'; readonly id: string } | { readonly kind: 'undo' | 'redo' };

const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom<'set' | 'delete'>('set', 'delete'), id: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constantFrom<'undo' | 'redo'>('undo', 'redo') }),
  ),
  { maxLength: 80 },
);

/** Acts on a chart; beside it the oracle: every state ever shown, and where in them we are. */
function act(list: readonly Act[]) {
  let chart: Chart = new Map();
  let history: ChangeHistory = EMPTY_HISTORY;
  let states: Chart[] = [chart];
  let at = 0;
  let serial = 0;
  for (const each of list) {
    if (!('id' in each)) {
      const step = each.kind === 'undo' ? undo(history) : redo(history);
      const target = each.kind === 'undo' ? at - 1 : at + 1;
      expect(step === undefined).toBe(states[target] === undefined);
      if (step === undefined) continue;
      history = step.history;
      chart = apply(chart, step.change);
      at = target;
    } else {
      const known = chart.get(each.id);
      const before = known === undefined ? undefined : version(each.id, known);
      if (each.kind === 'delete' && before === undefined) continue;
      const change: Change = { before, after: each.kind === 'delete' ? undefined : version(each.id, ++serial) };
      history = record(history, change);
      chart = apply(chart, change);
      states = [...states.slice(0, at + 1), chart];
      at++;
    }
    expect(chart).toEqual(states[at]);
  }
  return { chart, history, states, at };
}

describe('undo and redo', () => {
  it('walk through the states that were, whatever was done in between', () => {
    fc.assert(fc.property(acts, (list) => void act(list)));
  });

  it('taken back as far as they go and forth again, end where they began', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const { states, ...end } = act(list);
        let { chart, history } = end;
        for (let step = redo(history); step !== undefined; step = redo(history)) {
          history = step.history;
          chart = apply(chart, step.change);
        }
        expect(chart).toEqual(states.at(-1));
        for (let step = undo(history); step !== undefined; step = undo(history)) {
          history = step.history;
          chart = apply(chart, step.change);
        }
        expect(chart).toEqual(new Map());
      }),
    );
  });

  it('remember the newest 200 changes', () => {
    let history: ChangeHistory = EMPTY_HISTORY;
    for (let i = 1; i <= 250; i++) history = record(history, { before: undefined, after: version('a', i) });
    expect(history.done).toHaveLength(200);
    expect(history.done[0]?.after?.updatedAt).toBe(51);
  });

  it('forget a change that was not made, wherever it stands', () => {
    const [first, second] = [1, 2].map((n): Change => ({ before: undefined, after: version('a', n) })) as [Change, Change];
    const both = record(record(EMPTY_HISTORY, first), second);
    expect(without(both, first)).toEqual({ done: [second], undone: [] });
    const undone = undo(both)?.history as ChangeHistory;
    expect(without(undone, second)).toEqual({ done: [first], undone: [] });
    expect(inverse(inverse(first))).toEqual(first);
  });
});
