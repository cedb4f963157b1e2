/** The worker's end of its channel to the host. The same on either side of Electron. */
export interface WorkerPort {
  /** Copies `message` (structured clone) to the host. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** What Electron gives a utility process as `process.parentPort`; typed here so that workers need no electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/**
 * Opens the channel that this process was started with: Electron's utilityProcess, or child_process.fork with
 * `serialization: 'advanced'`. The process ends when its host is gone, so that no worker outlives the desk.
 *
 * @throws when the process was started by hand, with no host to talk to
 */
export function openParentPort(): WorkerPort {
  const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (parentPort !== undefined && parentPort !== null) {
    parentPort.on('close', () => process.exit(0));
    return {
      post: (message) => parentPort.postMessage(message),
      onMessage: (listener) => void parentPort.on('message', (event) => listener(event.data)),
    };
  }
  if (typeof process.send !== 'function') {
    throw new Error('this is a worker of Cobalt Desk: it is started by the desk, not by hand');
  }
  process.on('disconnect', () => process.exit(0));
  return {
    post: (message) => {
      // Between the host's death and 'disconnect' a send fails; the exit that follows says all there is to say.
      if (process.connected) process.send?.(message, undefined, {}, () => undefined);
    },
    onMessage: (listener) => void process.on('message', listener),
  };
}
