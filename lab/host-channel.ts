/** The part of Electron's `process.parentPort` that the lab uses; its types must not come from Electron, which the lab does not import. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** The host that started this process; undefined when a person did. */
export interface HostChannel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** The same channel whether this process is an Electron utility process or a forked Node process. Ends the process when its host is gone. */
export function connectHost(process: NodeJS.Process): HostChannel | undefined {
  const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ParentPort };
  if (parentPort) {
    return {
      post: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
    };
  }
  if (process.send === undefined) return undefined;
  process.on('disconnect', () => process.exit());
  return {
    post: (message) => process.send?.(message),
    onMessage: (listener) => process.on('message', listener),
  };
}
