import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transformWithOxc } from 'vite';

/** A worker that answers each message with what it received, built from port.ts as the product builds it. */
const ECHO = `
import { openParentPort } from './port.mjs';
const port = openParentPort();
port.onMessage((message) => port.post({ echoed: message, sum: message.values.reduce((total, value) => total + value, 0) }));
port.post('ready');
`;

/** Stands in for Electron's side of a utility process. */
const FAKE_PARENT_PORT = `
import { EventEmitter } from 'node:events';
const parentPort = new EventEmitter();
parentPort.postMessage = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
process.parentPort = parentPort;
await import('./echo.mjs');
parentPort.emit('message', { data: { values: [1, 2] } });
setInterval(() => undefined, 1000);
setImmediate(() => parentPort.emit('close'));
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-'));
  const source = await readFile(join(import.meta.dirname, 'port.ts'), 'utf8');
  await writeFile(join(folder, 'port.mjs'), (await transformWithOxc(source, 'port.ts')).code);
  await writeFile(join(folder, 'echo.mjs'), ECHO);
  await writeFile(join(folder, 'electron.mjs'), FAKE_PARENT_PORT);
});

afterAll(() => rm(folder, { recursive: true }));

const start = (script: string): ChildProcess =>
  fork(join(folder, script), [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });

describe('worker port', () => {
  it('carries typed arrays to a forked process and back, and ends with its parent', async () => {
    const child = start('echo.mjs');
    const exit = once(child, 'exit');
    expect(await once(child, 'message')).toEqual(['ready', undefined]);
    child.send({ values: Float64Array.of(0.5, 2, Number.NaN), nested: { n: 1n } });
    const [answer] = await once(child, 'message');
    expect(answer).toEqual({ echoed: { values: Float64Array.of(0.5, 2, Number.NaN), nested: { n: 1n } }, sum: Number.NaN });
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it('speaks through a utility process’s parent port, and ends when it closes', async () => {
    const child = start('electron.mjs');
    const exit = once(child, 'exit');
    let printed = '';
    child.stdout?.on('data', (data) => (printed += String(data)));
    expect(await exit).toEqual([0, null]);
    expect(printed).toBe('"ready"\n{"echoed":{"values":[1,2]},"sum":3}\n');
  });

  it('refuses to be started by hand', async () => {
    const alone = spawn(process.execPath, [join(folder, 'echo.mjs')]);
    let complaint = '';
    alone.stderr.on('data', (data) => (complaint += String(data)));
    const [code] = await once(alone, 'close');
    expect(code).toBe(1);
    expect(complaint).toContain('started by the desk, not by hand');
  });
});
