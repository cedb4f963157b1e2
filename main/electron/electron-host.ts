import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, type BrowserWindow, Menu, session } from 'electron';
import { reasonOf } from '../../core/base/result.ts';
import { createDesk, type Desk } from '../host/desk.ts';
import { applicationRoot } from '../host/application-root.ts';
import { deskPaths } from '../host/desk-paths.ts';
import { openLog } from '../host/log.ts';
import { registerAppScheme, serveAppScheme } from './app-protocol.ts';
import { electronMemory } from './process-memory.ts';
import { pickImportFile } from './pick-file.ts';
import { pickRecordingFolder } from './pick-folder.ts';
import { armSmoke } from './smoke.ts';
import { connectWindows } from './window-port.ts';
import { createMainWindow } from './window.ts';
import { electronLauncher } from './worker-launcher.ts';

const CLOSE_WITHIN_MS = 15_000;
const WINDOW_CLOSE_WITHIN_MS = 1_500;

/** The desktop host: one instance per data folder, one window, everything else in `Desk`. */
export function startElectronHost(): void {
  const smoke = process.argv.includes('--smoke');
  const dataFolder = smoke ? mkdtempSync(join(tmpdir(), 'cobalt-desk-smoke-')) : process.env['COBALT_DATA_DIR'];
  if (dataFolder !== undefined && dataFolder !== '') {
    mkdirSync(dataFolder, { recursive: true });
    app.setPath('userData', dataFolder);
  }
  // The lock belongs to the data folder: two desks on one store would lose data, two on different ones are fine.
  if (!app.requestSingleInstanceLock()) {
    console.error(`Cobalt Desk is already running on ${app.getPath('userData')}; its window was brought to the front.`);
    app.exit(0);
    return;
  }
  // Root cannot use Chromium's sandbox; enabling it regardless would stop the app from starting at all.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerAppScheme();
  app
    .whenReady()
    .then(() => run(smoke))
    .catch((thrown: unknown) => {
      console.error(`Cobalt Desk could not start: ${reasonOf(thrown)}`);
      app.exit(1);
    });
}

function run(smoke: boolean): void {
  const paths = deskPaths(app.getPath('userData'));
  const { log, flush } = openLog(paths.log, { level: process.env['COBALT_LOG_LEVEL'] ?? 'info', echo: smoke });
  process.on('uncaughtException', (thrown) => {
    // A broken invariant: state can no longer be trusted, so the process ends and the next start recovers from the store.
    log.error({ detail: thrown.stack }, 'uncaught exception');
    flush();
    console.error(thrown);
    app.exit(70);
  });
  process.on('unhandledRejection', (thrown) => {
    log.error({ detail: thrown instanceof Error ? thrown.stack : reasonOf(thrown) }, 'unhandled rejection');
  });

  const root = applicationRoot();
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  serveAppScheme(join(root, 'out', 'renderer'));

  const smokeRun = smoke ? armSmoke(() => desk) : undefined;
  const desk: Desk = createDesk({
    paths,
    defaultsFolder: join(root, 'config'),
    recordingFolders: [join(root, 'resources', 'sample-year'), join(root, 'resources', 'sample')],
    environment: process.env,
    version: app.getVersion(),
    launcher: electronLauncher(join(root, 'out', 'main')),
    processMemory: electronMemory,
    pickFile: () => pickImportFile(window),
    pickFolder: (purpose) => pickRecordingFolder(window, purpose),
    onStartFailed: (why) => smokeRun?.failed(why),
    onPaint: (paint) => smokeRun?.painted(paint),
    log,
  });
  connectWindows(desk, log);

  let window: BrowserWindow | undefined = openWindow();
  function openWindow(): BrowserWindow {
    const created = createMainWindow(join(root, 'out', 'preload', 'preload.cjs'), log);
    created.on('closed', () => {
      window = undefined;
    });
    return created;
  }
  app.on('second-instance', () => {
    if (window === undefined) window = openWindow();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  app.on('activate', () => {
    window ??= openWindow();
  });
  app.on('window-all-closed', () => app.quit());

  let closing = false;
  app.on('before-quit', (event) => {
    // The process ends by `finish`, whoever asks again meanwhile.
    event.preventDefault();
    if (closing) return;
    closing = true;
    const deadline = setTimeout(() => finish(1), CLOSE_WITHIN_MS);
    const finish = (code: number): void => {
      clearTimeout(deadline);
      flush();
      app.exit(code);
    };
    closed(window)
      .then(() => desk.close())
      .then(
        () => finish(smokeRun?.exitCode() ?? 0),
        (thrown: unknown) => {
          log.error({ reason: reasonOf(thrown) }, 'closing failed');
          finish(1);
        },
      );
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
}

/** Closes the window first: a page that goes away saves what it has not saved yet. A page that hangs is not waited for. */
function closed(window: BrowserWindow | undefined): Promise<void> {
  if (window === undefined || window.isDestroyed()) return Promise.resolve();
  return new Promise((resolve) => {
    const deadline = setTimeout(resolve, WINDOW_CLOSE_WITHIN_MS);
    window.once('closed', () => {
      clearTimeout(deadline);
      // Its last message is delivered on the turn after.
      setImmediate(resolve);
    });
    window.close();
  });
}
