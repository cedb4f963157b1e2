import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeskClient } from './desk-client.ts';
import type { FromProbe, LoopFigures, ToProbe } from './loop-probe.ts';

/** Set for the desk's own process: the benchmark's file, loaded before the desk's, then starts the probe and nothing else. */
export const PROBE_VARIABLE = 'BENCH_LOOP_PROBE';
const LINK_WITHIN_MS = 60_000;

/** The built headless host on a new data folder, with a probe in its main process. */
export class DeskProcess {
  readonly client: DeskClient;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, client: DeskClient) {
    this.#child = child;
    this.#folder = folder;
    this.client = client;
  }

  static async start(settings: Readonly<Record<string, string>>, nodeArguments: readonly string[] = []): Promise<DeskProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-desk-'));
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...settings,
      COBALT_DATA_DIR: folder,
      COBALT_HEADLESS_PORT: '0',
      [PROBE_VARIABLE]: '1',
    };
    delete env['COBALT_BENCH_PEERS'];
    const child = fork(join('out', 'main', 'headless.js'), [], {
      env,
      execArgv: [...nodeArguments, '--import', process.argv[1] ?? ''],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const link = await linkOf(child);
    return new DeskProcess(child, folder, await DeskClient.open(link));
  }

  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  async figures(): Promise<LoopFigures> {
    const answer = await this.#ask('read');
    if (answer.kind !== 'figures') throw new Error('the probe was asked for figures');
    return answer.figures;
  }

  /** As a user stops it: by SIGTERM, data saved. */
  async stop(): Promise<void> {
    this.client.close();
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #ask(ask: ToProbe['ask']): Promise<FromProbe> {
    return new Promise((resolve) => {
      this.#child.once('message', (message) => resolve(message as FromProbe));
      this.#child.send({ kind: 'probe', ask } satisfies ToProbe);
    });
  }
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const deadline = setTimeout(
      () => reject(new Error(`the desk printed no link within ${LINK_WITHIN_MS / 1000} s: ${printed}`)),
      LINK_WITHIN_MS,
    );
    const look = (chunk: Buffer): void => {
      printed += chunk.toString();
      const link = /http:\S+\?token=\S+/.exec(printed)?.[0];
      if (link === undefined) return;
      clearTimeout(deadline);
      resolve(link);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', (code) => reject(new Error(`the desk ended with code ${code}: ${printed}`)));
  });
}
