import { connectDesk } from './connect-desk.ts';
import type { DeskClient } from './desk-client.ts';
import { dialMessagePort } from './message-port.ts';
import { dialWebSocket, socketUrl } from './web-socket.ts';

/** Connects this page the way it was opened: by the desktop app's preload, else by the headless host that served it. */
export function openDesk(): DeskClient {
  const bridge = window.cobaltDesk;
  return connectDesk(bridge === undefined ? () => dialWebSocket(socketUrl(location)) : () => dialMessagePort(bridge));
}
