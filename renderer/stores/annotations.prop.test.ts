import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Annotation } from '../../core/contracts/annotations.ts';
import type { AnnotationsEvent } from '../../core/contracts/streams.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useAnnotations } from './annotations.ts';
import { useToasts } from './toasts.ts';

function annotation(id: string, price: number): Annotation {
  return {
    id,
    symbol: 'ETH/USDT',
    timeframe: '1m',
    direction: 'long',
    entry: { time: 60_000, price },
    exit: { time: 120_000, price: 191 },
    note: '',
    createdAt: 1,
    updatedAt: 1,
  };
}

/** A host that holds annotations, works in order, stamps what it saves, and tells of it before it answers. */
function fakeHost() {
  const held = new Map<string, Annotation>();
  const requests: { readonly input: unknown; readonly answer: (result: Result<never>) => void }[] = [];
  let stamp = 1;
  const tell = (event: AnnotationsEvent): void => useAnnotations.getState().take(event);
  const put = (given: Annotation): void => {
    const stamped = { ...given, updatedAt: ++stamp };
    held.set(given.id, stamped);
    tell({ kind: 'saved', annotation: stamped });
  };
  const remove = (id: string): void => {
    if (held.delete(id)) tell({ kind: 'deleted', id });
  };
  const client: DeskClient = {
    command: (_name, input) => new Promise((answer) => requests.push({ input, answer })),
    subscribe: () => () => {},
    onConnection: () => () => {},
  };
  return {
    client,
    held,
    put,
    remove,
    waiting: () => requests.length,
    /** Works off the oldest request. */
    async work(succeeds: boolean): Promise<boolean> {
      const request = requests.shift();
      if (request === undefined) return false;
      const { annotation: given, id } = request.input as { annotation?: Annotation; id?: string };
      if (!succeeds) request.answer(fail('STORE_FULL', 'The disk is full.'));
      else {
        if (given === undefined) remove(id as string);
        else put(given);
        request.answer(ok({} as never));
      }
      // The page goes on when the answer has reached it.
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    },
  };
}

type Act =
  | { readonly kind: 'draw' | 'delete' | 'other'; readonly id: string }
  | { readonly kind: 'undo' | 'redo' }
  | { readonly kind: 'work'; readonly succeeds: boolean };

const acts = (mayFail: boolean): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constantFrom<'draw' | 'delete'>('draw', 'delete'), id: fc.constantFrom('a', 'b') }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom<'undo' | 'redo'>('undo', 'redo') }) },
      { weight: mayFail ? 1 : 0, arbitrary: fc.record({ kind: fc.constant('other' as const), id: fc.constantFrom('a', 'b') }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('work' as const), succeeds: mayFail ? fc.boolean() : fc.constant(true) }),
      },
    ),
    { maxLength: 40 },
  );

async function run(list: readonly Act[]) {
  useAnnotations.getState().clear();
  useToasts.setState({ toasts: [] });
  useAnnotations.getState().take({ kind: 'snapshot', annotations: [] });
  const host = fakeHost();
  let price = 0;
  let failures = 0;
  for (const act of list) {
    const { byId, change, undo, redo } = useAnnotations.getState();
    if (act.kind === 'work') {
      if ((await host.work(act.succeeds)) && !act.succeeds) failures++;
    } else if (!('id' in act)) void (act.kind === 'undo' ? undo : redo)(host.client);
    else if (act.kind === 'other') host.put(annotation(act.id, ++price));
    else {
      const before = byId?.get(act.id);
      if (act.kind === 'draw') void change(host.client, { before, after: annotation(act.id, ++price) });
      else if (before !== undefined) void change(host.client, { before, after: undefined });
    }
  }
  while (await host.work(true)) continue;
  return { host, failures };
}

const shown = () => useAnnotations.getState().byId;
const prices = (map: ReadonlyMap<string, Annotation> | undefined) =>
  new Map([...(map ?? [])].map(([id, each]) => [id, each.entry.price]));

describe('annotations of a trader who is faster than the disk', () => {
  beforeEach(() => useAnnotations.getState().clear());

  it('are in the end what the host holds, whatever could not be saved and whoever else drew; every failure is told', async () => {
    await fc.assert(
      fc.asyncProperty(acts(true), async (list) => {
        const { host, failures } = await run(list);
        expect(shown()).toEqual(host.held);
        expect(useToasts.getState().toasts.length > 0).toBe(failures > 0);
      }),
      { numRuns: 200 },
    );
  });

  it('can all be undone and redone again while everything is saved', async () => {
    await fc.assert(
      fc.asyncProperty(acts(false), async (list) => {
        const { host } = await run(list);
        while (useAnnotations.getState().history.undone.length > 0) {
          void useAnnotations.getState().redo(host.client);
          await host.work(true);
        }
        const final = prices(shown());
        const steps = useAnnotations.getState().history.done.length;
        for (let i = 0; i < steps; i++) {
          void useAnnotations.getState().undo(host.client);
          await host.work(true);
        }
        expect([prices(shown()), prices(host.held)]).toEqual([new Map(), new Map()]);
        for (let i = 0; i < steps; i++) void useAnnotations.getState().redo(host.client);
        while (await host.work(true)) continue;
        expect([prices(shown()), prices(host.held)]).toEqual([final, final]);
      }),
      { numRuns: 100 },
    );
  });

  it('show the newest change at once, and do not flicker back while it is on its way', async () => {
    const host = fakeHost();
    const { change } = useAnnotations.getState();
    void change(host.client, { before: undefined, after: annotation('a', 1) });
    void change(host.client, { before: annotation('a', 1), after: annotation('a', 2) });
    expect(prices(shown())).toEqual(new Map([['a', 2]]));
    await host.work(true);
    expect(prices(shown())).toEqual(new Map([['a', 2]]));
    await host.work(false);
    expect(prices(shown())).toEqual(new Map([['a', 1]]));
  });

  it('of one market are not shown on the next, when an answer comes after the change', async () => {
    const host = fakeHost();
    useAnnotations.getState().take({ kind: 'snapshot', annotations: [annotation('a', 1)] });
    void useAnnotations.getState().change(host.client, { before: annotation('a', 1), after: undefined });
    useAnnotations.getState().clear();
    await host.work(false);
    expect(shown()).toBeUndefined();
    expect(useAnnotations.getState().history.done).toEqual([]);
  });
});
