import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { forkLauncher } from './fork-launcher.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-fork-'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(
    join(folder, 'inference.js'),
    `process.on('message', (message) => {
      if (message === 'die') { process.stderr.write('the reason in full\\n', () => process.exit(3)); return; }
      process.send({ args: process.argv.slice(2), echo: message });
    });
    process.send('ready');`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('forkLauncher', () => {
  it('passes arguments and structured clones, and tells how a worker died', async () => {
    const launcher = forkLauncher(folder);
    const child = launcher.launch('inference', ['{"port":1}']);
    const heard: unknown[] = [];
    const exits: string[] = [];
    child.onMessage((message) => heard.push(message));
    child.onExit((reason) => exits.push(reason));
    await vi.waitFor(() => expect(heard).toEqual(['ready']), { timeout: 60_000 });
    expect([...launcher.running()]).toEqual([['inference', child.pid]]);
    const message = { column: Float64Array.of(1, Number.NaN), map: new Map([['a', 1]]) };
    child.post(message);
    await vi.waitFor(() => expect(heard[1]).toEqual({ args: ['{"port":1}'], echo: message }), { timeout: 60_000 });
    child.post('die');
    await vi.waitFor(() => expect(exits).toEqual(['exit code 3: the reason in full']), { timeout: 60_000 });
    expect(launcher.running().size).toBe(0);
    child.post('into the void');
  });

  it('names the signal that ended a worker', async () => {
    const child = forkLauncher(folder).launch('inference', []);
    const exits: string[] = [];
    child.onExit((reason) => exits.push(reason));
    child.kill();
    await vi.waitFor(() => expect(exits).toEqual(['signal SIGTERM']), { timeout: 60_000 });
  });
});
