import { contextBridge, ipcRenderer } from 'electron';

/**
 * The page's only door: it asks for a port, and the main process answers with one once it has checked who asks.
 * The port is handed to this page's own origin alone. Nothing else of Electron or Node reaches the page.
 */
contextBridge.exposeInMainWorld('cobaltDesk', {
  connect(): void {
    ipcRenderer.send('desk:connect');
  },
});

ipcRenderer.on('desk:port', (event) => {
  window.postMessage({ kind: 'cobalt-desk:port' }, window.location.origin, [...event.ports]);
});
