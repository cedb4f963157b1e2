import { type ChildProcess, fork } from 'node:child_process';

/**
 * A benchmark that needs other processes starts itself again with a role:
 *
 *   const role = roleHere();
 *   if (role?.name === 'server') await serve(role.argument);
 *   else await bench();
 *
 * Messages are plain objects told apart by `kind`.
 */
export interface Role {
  readonly name: string;
  readonly argument: string;
}

interface Message {
  readonly kind: string;
}

/** The role that this process was started with; undefined in the benchmark itself. */
export function roleHere(): Role | undefined {
  const [flag, name, argument] = process.argv.slice(2);
  if (flag !== '--role' || name === undefined) return undefined;
  // No role outlives its benchmark, however that ended.
  process.on('disconnect', () => process.exit(0));
  return { name, argument: argument ?? '' };
}

/** Sends to the benchmark that started this role. */
export function tellParent<M extends Message>(message: M): void {
  process.send?.(message);
}

export class RoleProcess<To extends Message, From extends Message> {
  readonly #child: ChildProcess;
  readonly #arrived: From[] = [];
  #look: () => void = () => {};
  #ended: string | undefined;

  constructor(name: string, argument = '') {
    const [entry] = process.argv.slice(1);
    if (entry === undefined) throw new Error('a role needs the file that the benchmark was started with');
    this.#child = fork(entry, ['--role', name, argument], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => {
      this.#arrived.push(message as From);
      this.#look();
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended = `${name} ended (${signal ?? `code ${code}`})`;
      this.#look();
    });
  }

  post(message: To): void {
    this.#child.send(message);
  }

  /** The oldest message of this kind that was not taken yet. Rejects when the process ends or says nothing for a minute. */
  async next<K extends From['kind']>(kind: K): Promise<Extract<From, { kind: K }>> {
    let expired = false;
    const deadline = setTimeout(() => {
      expired = true;
      this.#look();
    }, 60_000);
    try {
      for (;;) {
        const index = this.#arrived.findIndex((message) => message.kind === kind);
        if (index >= 0) return this.#arrived.splice(index, 1)[0] as Extract<From, { kind: K }>;
        if (this.#ended !== undefined) throw new Error(`${this.#ended} before it said ${kind}`);
        if (expired) throw new Error(`no ${kind} within a minute`);
        await new Promise<void>((resolve) => {
          this.#look = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  async stop(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
