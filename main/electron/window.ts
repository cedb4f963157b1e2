import { BrowserWindow, shell } from 'electron';
import type { Log } from '../ports/log.ts';
import { APP_ORIGIN } from './app-protocol.ts';

/** Set by the development server only; a packaged app never reads it. */
const DEV_URL = process.env['ELECTRON_RENDERER_URL'];
const MOST_RELOADS_PER_MINUTE = 5;

/** The origin that pages of this app have. */
export function pageOrigin(): string {
  return DEV_URL === undefined ? APP_ORIGIN : new URL(DEV_URL).origin;
}

/** When the page began to load, for start-up figures. */
export let navigationStartedAt = 0;

export function createMainWindow(preload: string, log: Log): BrowserWindow {
  const size = requestedSize();
  const window = new BrowserWindow({
    width: size.width,
    height: size.height,
    minWidth: 960,
    minHeight: 600,
    useContentSize: true,
    show: false,
    backgroundColor: '#0b0f14',
    title: 'Cobalt Desk',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
      webSecurity: true,
      spellcheck: false,
      // Charts must go on while the window is covered: a trader looks back at a picture that is current.
      backgroundThrottling: false,
    },
  });
  lockNavigation(window, log);
  survivePageCrashes(window, log);
  window.once('ready-to-show', () => window.show());
  navigationStartedAt = Date.now();
  void window.loadURL(DEV_URL ?? `${APP_ORIGIN}/`);
  return window;
}

/** `--window-size=1280x800`, else a size that suits most screens. */
function requestedSize(): { width: number; height: number } {
  const argument = process.argv.find((entry) => entry.startsWith('--window-size='));
  const match = /^--window-size=(\d{3,5})[x,](\d{3,5})$/.exec(argument ?? '');
  return match === null ? { width: 1600, height: 1000 } : { width: Number(match[1]), height: Number(match[2]) };
}

/** The page may reload itself and nothing else; links open in the user's browser when they are https. */
function lockNavigation(window: BrowserWindow, log: Log): void {
  const contents = window.webContents;
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  const refuse = (event: { preventDefault(): void }, url: string): void => {
    if (originOf(url) === pageOrigin()) return;
    event.preventDefault();
    log.warn({ url }, 'refused a navigation');
  };
  contents.on('will-navigate', (event) => refuse(event, event.url));
  contents.on('will-redirect', (event) => refuse(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** `app:` URLs have an opaque origin in Node, so it is put together from its parts. */
export function originOf(url: string): string | undefined {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}`;
  } catch {
    return undefined;
  }
}

function survivePageCrashes(window: BrowserWindow, log: Log): void {
  let reloads: number[] = [];
  window.webContents.on('render-process-gone', (_event, details) => {
    log.error({ reason: details.reason, exitCode: details.exitCode }, 'the page process ended');
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    const now = Date.now();
    reloads = [...reloads.filter((at) => now - at < 60_000), now];
    if (reloads.length <= MOST_RELOADS_PER_MINUTE) window.webContents.reload();
    else log.error({}, 'the page crashed too often; close and open the window to try again');
  });
}
