import { beforeEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { ImportPreview } from '../../../core/contracts/import.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { checkImport, closeImport, editImport, pickImport, startImport, useImport } from './import-store.ts';

const FILE = { token: 'f1', name: 'eth.csv', bytes: 100, format: 'csv' } as const;
const PREVIEW: ImportPreview = {
  file: FILE,
  columns: [
    { name: 't', type: 'BIGINT' },
    { name: 'p', type: 'DOUBLE' },
    { name: 'q', type: 'DOUBLE' },
  ],
  rows: [['1', '2', '3']],
  totalRows: 1,
  detected: { kind: 'trades', timeUnit: 'ms', mapping: { time: 't', price: 'p' } },
};
const CHECK = { goodRows: 1, badRows: 0, duplicates: 0, errors: [] };

/** Answers each command with what is set for it; a promise is waited for. */
class FakeDesk {
  readonly asked: { readonly name: string; readonly input: unknown }[] = [];
  readonly answers: Record<string, Result<unknown> | Promise<Result<unknown>>> = {
    pickImportFile: ok({ file: FILE }),
    previewImport: ok(PREVIEW),
    startImport: ok({ jobId: 'j1' }),
  };
  readonly client: Pick<DeskClient, 'command'> = {
    command: ((name: string, input: unknown) => {
      this.asked.push({ name, input });
      return Promise.resolve(this.answers[name]);
    }) as DeskClient['command'],
  };
}

describe('the import of a file', () => {
  let desk: FakeDesk;
  beforeEach(() => {
    desk = new FakeDesk();
    closeImport();
  });
  const state = () => useImport.getState();
  const pick = () => pickImport(desk.client, 'ETH/USDT', 'binance');
  function complete(): void {
    const { draft } = state();
    if (draft !== undefined) editImport({ ...draft, mapping: { ...draft.mapping, quantity: 'q' } });
  }

  it('begins with what the file looks like', async () => {
    await pick();
    expect(state()).toMatchObject({ busy: undefined, draft: { kind: 'trades', symbol: 'ETH/USDT', venue: 'binance' } });
    expect(state().preview).toBe(PREVIEW);
  });

  it('keeps the file before when none is chosen, and says why one cannot be read', async () => {
    await pick();
    desk.answers['pickImportFile'] = ok({});
    await pick();
    expect(state().preview).toBe(PREVIEW);
    desk.answers['pickImportFile'] = ok({ file: { ...FILE, name: 'x.csv' } });
    desk.answers['previewImport'] = fail('NOT_READABLE', 'no table');
    await pick();
    expect(state()).toMatchObject({ preview: undefined, problem: 'no table' });
  });

  it('does not ask before it knows every required column', async () => {
    await pick();
    await checkImport(desk.client);
    expect(state().problem).toContain('quantity');
    expect(desk.asked).toHaveLength(2);
  });

  it('forgets a check with every change, also one that comes too late', async () => {
    await pick();
    complete();
    desk.answers['previewImport'] = ok({ ...PREVIEW, check: CHECK });
    await checkImport(desk.client);
    expect(state().check).toEqual(CHECK);
    complete();
    expect(state().check).toBeUndefined();
    const checking = checkImport(desk.client);
    complete();
    await checking;
    expect(state()).toMatchObject({ check: undefined, busy: undefined });
  });

  it('is over for the panel once it runs, and stays where it was refused', async () => {
    await pick();
    complete();
    desk.answers['startImport'] = fail('BAD_ROWS', '3 rows are bad');
    await startImport(desk.client, false);
    expect(state()).toMatchObject({ problem: '3 rows are bad', preview: PREVIEW });
    desk.answers['startImport'] = ok({ jobId: 'j1' });
    await startImport(desk.client, true);
    expect(state().preview).toBeUndefined();
    expect(desk.asked.at(-1)).toMatchObject({ name: 'startImport', input: { token: 'f1', skipBadRows: true } });
  });
});
