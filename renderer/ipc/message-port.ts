import type { ClientMessage } from '../../core/contracts/wire.ts';
import type { Duplex } from './duplex.ts';

/** What the preload exposes to the page, and all of it. */
export interface PreloadBridge {
  /** Asks for a new port; it arrives as a window message `{ kind: 'cobalt-desk:port' }`. */
  connect(): void;
}

declare global {
  interface Window {
    readonly cobaltDesk?: PreloadBridge;
  }
}

const PORT_TIMEOUT_MS = 10_000;

/** Asks the preload for a port to the main process. Rejects when none came within ten seconds. */
export function dialMessagePort(bridge: PreloadBridge): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', onWindowMessage);
      reject(new Error(`the main process sent no port within ${PORT_TIMEOUT_MS / 1000} s`));
    }, PORT_TIMEOUT_MS);

    function onWindowMessage(event: MessageEvent<unknown>): void {
      if (event.source !== window || event.origin !== location.origin || !isPortMessage(event.data)) return;
      const port = event.ports[0];
      if (port === undefined) return;
      clearTimeout(timer);
      window.removeEventListener('message', onWindowMessage);
      resolve(portDuplex(port));
    }

    window.addEventListener('message', onWindowMessage);
    bridge.connect();
  });
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'cobalt-desk:port';
}

/** Messages that arrive before `onMessage` wait in the port, which is started only then. */
export function portDuplex(port: MessagePort): Duplex {
  let closed = false;
  let onClose: (() => void) | undefined;
  function closeOnce(): void {
    if (closed) return;
    closed = true;
    onClose?.();
  }
  port.addEventListener('close', closeOnce);
  return {
    send(message: ClientMessage) {
      if (!closed) port.postMessage(message);
    },
    onMessage(listener) {
      port.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
      port.start();
    },
    onClose(listener) {
      onClose = listener;
    },
    close() {
      port.close();
      closeOnce();
    },
  };
}
