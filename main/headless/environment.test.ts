import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-env-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('reads the first file that exists, beneath the variables of the process', () => {
  const first = join(folder, 'first.env');
  const second = join(folder, 'second.env');
  writeFileSync(second, '# secrets\nCOBALT_A=file\nCOBALT_B="with = and # inside"\nexport COBALT_C=plain\n');
  const missing = join(folder, 'missing.env');
  expect(readEnvironment({ COBALT_A: 'process' }, [missing, second])).toEqual({
    COBALT_A: 'process',
    COBALT_B: 'with = and # inside',
    COBALT_C: 'plain',
  });
  writeFileSync(first, 'COBALT_D=1\n');
  expect(readEnvironment({}, [missing, first, second])).toEqual({ COBALT_D: '1' });
});

it('is the process alone without a file, and a copy of it', () => {
  const own = { A: '1' };
  const read = readEnvironment(own, [join(folder, 'missing.env'), folder]);
  expect(read).toEqual(own);
  expect(read).not.toBe(own);
});
