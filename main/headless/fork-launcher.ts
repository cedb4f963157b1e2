import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { stderrTail } from '../host/stderr-tail.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';

export interface ForkLauncher extends WorkerLauncher {
  /** Process ids by worker name. */
  running(): ReadonlyMap<string, number>;
}

/** Workers as Node child processes with structured-clone messages: `<folder>/<name>.js`. */
export function forkLauncher(folder: string): ForkLauncher {
  const running = new Map<string, number>();
  return {
    running: () => running,
    launch(name, args) {
      const child: ChildProcess = fork(join(folder, `${name}.js`), [...args], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      const tail = stderrTail(child.stderr);
      if (child.pid !== undefined) running.set(name, child.pid);
      return {
        pid: child.pid,
        post: (message) => {
          if (child.connected) child.send(message as object);
        },
        onMessage: (listener) => child.on('message', listener),
        onExit: (listener) => {
          // An error after the start is a message that could not be sent: whether the process lives, only `close` tells.
          child.on('error', (thrown) => {
            if (child.pid === undefined) listener(thrown.message);
          });
          // Not `exit`: what it printed last may still be in the pipe then.
          child.once('close', (code, signal) => {
            if (running.get(name) === child.pid) running.delete(name);
            listener(`${signal === null ? `exit code ${code}` : `signal ${signal}`}${tail()}`);
          });
        },
        kill: () => child.kill(),
      };
    },
  };
}
