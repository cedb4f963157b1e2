import { BrowserWindow, ipcMain, MessageChannelMain } from 'electron';
import type { Desk } from '../host/desk.ts';
import type { Log } from '../ports/log.ts';
import { originOf, pageOrigin } from './window.ts';

/** Hands a port to each page that asks, after checking that it is the top frame of one of our own pages. */
export function connectWindows(desk: Desk, log: Log): void {
  ipcMain.on('desk:connect', (event) => {
    const frame = event.senderFrame;
    const window = BrowserWindow.fromWebContents(event.sender);
    if (frame === null || window === null || frame !== event.sender.mainFrame || originOf(frame.url) !== pageOrigin()) {
      log.warn({ url: frame?.url }, 'refused a connection from a page that is not ours');
      return;
    }
    const { port1, port2 } = new MessageChannelMain();
    const connection = desk.connect((message) => port1.postMessage(message));
    port1.on('message', (message) => connection.receive(message.data));
    port1.on('close', () => connection.close());
    port1.start();
    frame.postMessage('desk:port', null, [port2]);
  });
}
