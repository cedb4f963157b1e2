import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../ports/log.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { openDeskState } from './desk-state.ts';
import { silentLog } from './log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-state-'));
  path = join(folder, 'deeper', 'desk-state.json');
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const light = { theme: 'light' as const, layout: { grid: [1, 2] }, panels: { chart: { timeframe: '1h' } } };

describe('writeFileAtomically', () => {
  it('makes the folders, replaces the whole, leaves nothing else, and keeps the file to its owner', async () => {
    await writeFileAtomically(path, 'a much longer first content');
    await writeFileAtomically(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['desk-state.json']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the old content when the new cannot be written', async () => {
    await writeFileAtomically(path, 'old');
    mkdirSync(`${path}.tmp`);
    await expect(writeFileAtomically(path, 'new')).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('gets over what a crash left of an earlier write', async () => {
    mkdirSync(join(folder, 'deeper'));
    writeFileSync(`${path}.tmp`, 'half of a very long thing that was never renamed');
    await writeFileAtomically(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });
});

describe('openDeskState', () => {
  it('begins fresh and remembers what it was told', async () => {
    const state = await openDeskState(path, silentLog);
    expect([state.mode(), state.preferences()]).toEqual([undefined, { theme: 'dark', panels: {} }]);
    await state.setMode('LIVE');
    await state.setPreferences(light);
    const again = await openDeskState(path, silentLog);
    expect([again.mode(), again.preferences()]).toEqual(['LIVE', light]);
  });

  it.each([
    '{"preferences": {"theme": "dark"',
    '[]',
    'null',
    '{"mode": "PAPER", "preferences": {"theme": "dark", "panels": {}}}',
    '\u0000\u0000\u0000',
  ])('starts with the standard layout on a damaged file, says so, and mends it on the next save: %j', async (damaged) => {
    mkdirSync(join(folder, 'deeper'));
    writeFileSync(path, damaged);
    const warn = vi.fn<Log['warn']>();
    const state = await openDeskState(path, { ...silentLog, warn });
    expect(state.preferences()).toEqual({ theme: 'dark', panels: {} });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ path });
    await state.setPreferences(light);
    expect((await openDeskState(path, silentLog)).preferences()).toEqual(light);
  });

  it('ends with the last of many writes at once', async () => {
    const state = await openDeskState(path, silentLog);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => state.setPreferences({ theme: 'dark', panels: { chart: i } })),
      state.setMode('LIVE'),
      state.setPreferences(light),
    ]);
    const again = await openDeskState(path, silentLog);
    expect([again.mode(), again.preferences()]).toEqual(['LIVE', light]);
  });

  it('goes on after a write that failed, and does not claim a market that was not saved', async () => {
    const state = await openDeskState(path, silentLog);
    await state.setMode('SIM');
    mkdirSync(`${path}.tmp`);
    await expect(state.setMode('LIVE')).rejects.toThrow();
    expect(state.mode()).toBe('SIM');
    await expect(state.setPreferences(light)).rejects.toThrow();
    // What the window shows is kept: it is saved with the next change that can be.
    expect(state.preferences()).toEqual(light);
    rmSync(`${path}.tmp`, { recursive: true });
    await state.setMode('LIVE');
    const again = await openDeskState(path, silentLog);
    expect([again.mode(), again.preferences()]).toEqual(['LIVE', light]);
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });
});
