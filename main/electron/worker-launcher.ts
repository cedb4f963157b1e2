import { join } from 'node:path';
import { utilityProcess } from 'electron';
import { stderrTail } from '../host/stderr-tail.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';

/** Workers as Electron utility processes: `<folder>/<name>.js`. */
export function electronLauncher(folder: string): WorkerLauncher {
  return {
    launch(name, args) {
      const child = utilityProcess.fork(join(folder, `${name}.js`), [...args], { serviceName: name, stdio: 'pipe' });
      const tail = stderrTail(child.stderr);
      child.stdout?.resume();
      return {
        get pid() {
          return child.pid;
        },
        post: (message) => child.postMessage(message),
        onMessage: (listener) => child.on('message', listener),
        onExit: (listener) => child.on('exit', (code) => listener(`exit code ${code}${tail()}`)),
        kill: () => child.kill(),
      };
    },
  };
}
