import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Annotation } from '../../core/contracts/annotations.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useAnnotations } from './annotations.ts';

const trade = (id: string): Annotation => ({
  id,
  symbol: 'ETH/USDT',
  timeframe: '1m',
  direction: 'long',
  entry: { time: 60_000, price: 190 },
  exit: { time: 120_000, price: 191 },
  note: '',
  createdAt: 1,
  updatedAt: 1,
});

/** A client whose answers the test gives, in the order in which they were asked for. */
function fakeClient() {
  const answers: ((result: Result<never>) => void)[] = [];
  const sent: string[] = [];
  const client: DeskClient = {
    command: (name) =>
      new Promise((resolve) => {
        sent.push(name);
        answers.push(resolve);
      }),
    subscribe: () => () => {},
    onConnection: () => () => {},
  };
  return {
    client,
    sent,
    succeed: () => answers.shift()?.(ok({} as never)),
    refuse: () => answers.shift()?.(fail('STORE_FULL', 'no room')),
  };
}

const shown = (): string[] => [...(useAnnotations.getState().byId?.keys() ?? [])];

describe('annotations store', () => {
  beforeEach(() => useAnnotations.getState().clear());

  it('undoes the newest change even before it is saved', async () => {
    const { client, sent, succeed } = fakeClient();
    const { change, undo } = useAnnotations.getState();
    const first = change(client, { before: undefined, after: trade('a') });
    succeed();
    await first;
    const second = change(client, { before: trade('a'), after: undefined });
    const undone = undo(client);
    expect(shown()).toEqual(['a']);
    expect(sent).toEqual(['saveAnnotation', 'deleteAnnotation', 'saveAnnotation']);
    succeed();
    succeed();
    await Promise.all([second, undone]);
    expect(useAnnotations.getState().history.done).toHaveLength(1);
  });

  it('takes a change back that could not be saved, and forgets it', async () => {
    const { client, refuse } = fakeClient();
    const changed = useAnnotations.getState().change(client, { before: undefined, after: trade('a') });
    expect(shown()).toEqual(['a']);
    refuse();
    await changed;
    expect(shown()).toEqual([]);
    expect(useAnnotations.getState().history).toEqual({ done: [], undone: [] });
  });
});
