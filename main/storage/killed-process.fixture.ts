import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { expect } from 'vitest';

/** A program that reports to its parent after each step, for ever, until it is killed in the middle of one. */
export class KilledProcess<Report> {
  /** Of its own, for the program and what it writes. */
  readonly folder: string;
  readonly #program: string;

  private constructor(folder: string, program: string) {
    this.folder = folder;
    this.#program = program;
  }

  /** `source` as one plain JavaScript file, since Node 20 runs no TypeScript; DuckDB stays outside and is found through the link. */
  static async of<Report>(source: string): Promise<KilledProcess<Report>> {
    const folder = await mkdtemp(join(tmpdir(), 'cobalt-kill-'));
    await symlink(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'), 'junction');
    await build({
      configFile: false,
      logLevel: 'error',
      root: import.meta.dirname,
      ssr: { noExternal: true, external: ['@duckdb/node-api'] },
      build: {
        ssr: source,
        outDir: folder,
        emptyOutDir: false,
        minify: false,
        target: 'node20',
        rolldownOptions: { output: { entryFileNames: 'program.mjs' } },
      },
    });
    return new KilledProcess(folder, join(folder, 'program.mjs'));
  }

  /** Starts it, kills it when it has reported `reports` times, and answers what it reported. */
  async run(args: readonly string[], reports: number): Promise<Report[]> {
    const child = fork(this.#program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const received: Report[] = [];
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => {
      complaint += text.toString();
    });
    child.on('message', (report: Report) => {
      received.push(report);
      if (received.length === reports) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'exit');
    expect(complaint).toBe('');
    if (process.platform !== 'win32') expect(signal).toBe('SIGKILL');
    return received;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
