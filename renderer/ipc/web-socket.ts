import type { ClientMessage } from '../../core/contracts/wire.ts';
import type { Duplex } from './duplex.ts';

/** Where the headless host that served this page listens. The session cookie authenticates. */
export function socketUrl(page: Pick<Location, 'protocol' | 'host'>): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/api/socket`;
}

/** Opens a WebSocket that carries one JSON message per frame. */
export function dialWebSocket(url: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    let opened = false;
    let closed = false;
    let onClose: (() => void) | undefined;
    socket.addEventListener('open', () => {
      opened = true;
      resolve({
        send(message: ClientMessage) {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
        },
        onMessage(listener) {
          socket.addEventListener('message', (event: MessageEvent<unknown>) => {
            const message = parse(event.data);
            if (message !== undefined) listener(message);
          });
        },
        onClose(listener) {
          onClose = listener;
          if (closed) listener();
        },
        close: () => socket.close(),
      });
    });
    socket.addEventListener('close', (event) => {
      closed = true;
      if (opened) onClose?.();
      else reject(new Error(`the desk's host did not open a connection (code ${event.code})`));
    });
  });
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
