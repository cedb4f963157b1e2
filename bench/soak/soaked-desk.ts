import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deskPaths, type DeskPaths } from '../../main/host/desk-paths.ts';
import { DeskClient } from '../desk/desk-client.ts';

const LINK_WITHIN_MS = 90_000;
const LINK = /http:\S+\?token=\S+/;

/** The built headless host as it is shipped, on a new data folder; its practice market answers at `labOrigin`. */
export class SoakedDesk {
  readonly client: DeskClient;
  readonly labOrigin: string;
  readonly paths: DeskPaths;
  readonly pid: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #printed: () => string;

  private constructor(folder: string, child: ChildProcess, client: DeskClient, labOrigin: string, printed: () => string) {
    this.#folder = folder;
    this.#child = child;
    this.#printed = printed;
    this.client = client;
    this.labOrigin = labOrigin;
    this.paths = deskPaths(folder);
    this.pid = child.pid as number;
    this.#ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  static async start(speed: number, seed: number): Promise<SoakedDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'soak-desk-'));
    const port = await freePort();
    // Every JSON document is YAML too.
    await writeFile(join(folder, 'config.yaml'), JSON.stringify({ practice: { speed, seed, port }, headless: { port: 0 } }));
    const child = spawn(process.execPath, [join('out', 'main', 'headless.js')], {
      env: { ...process.env, COBALT_DATA_DIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    const link = await new Promise<string>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`the desk printed no link: ${printed}`)), LINK_WITHIN_MS);
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
          const found = LINK.exec(printed)?.[0];
          if (found === undefined) return;
          clearTimeout(deadline);
          resolve(found);
        });
      child.once('exit', (code) => reject(new Error(`the desk ended with code ${code}: ${printed}`)));
    });
    return new SoakedDesk(folder, child, await DeskClient.open(link), `http://127.0.0.1:${port}`, () => printed);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it printed: nothing but its links unless something went wrong. */
  get printed(): string {
    return this.#printed();
  }

  /** Resident kB by process; of processes that are gone, or where the system does not tell, nothing. */
  async residentKb(
    workers: readonly { readonly name: string; readonly pid?: number | undefined }[],
  ): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const { name, pid } of [{ name: 'main', pid: this.pid }, ...workers]) {
      const status = pid === undefined ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      if (kilobytes !== undefined) found.set(name, Number(kilobytes));
    }
    return found;
  }

  /** A random fault, beginning now. False: the lab was not there to hear of it. */
  async fault(text: string): Promise<boolean> {
    const response = await fetch(`${this.labOrigin}/lab/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault: text }),
    }).catch(() => undefined);
    if (response !== undefined && !response.ok) throw new Error(`the lab refused "${text}": ${await response.text()}`);
    return response !== undefined;
  }

  /** As a user stops it: by SIGTERM, data saved. Answers its exit code. */
  async stop(): Promise<number | null> {
    this.client.close();
    if (this.running) this.#child.kill('SIGTERM');
    return this.#ended;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
