import { mkdirSync, readFileSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../../core/base/result.ts';
import { applicationRoot } from '../host/application-root.ts';
import { createDesk } from '../host/desk.ts';
import { deskPaths } from '../host/desk-paths.ts';
import { openLog } from '../host/log.ts';
import { readEnvironment } from './environment.ts';
import { forkLauncher } from './fork-launcher.ts';
import { createAccess } from './access.ts';
import { startHttpServer } from './http-server.ts';
import { headlessMemory } from './process-memory.ts';

/** The same services without a window of their own: the page is served on loopback to whoever has the printed link. */
export async function startHeadlessHost(): Promise<void> {
  const root = applicationRoot();
  const environment = readEnvironment(process.env, [join(process.cwd(), '.env')]);
  const userData = environment['COBALT_DATA_DIR'] ?? defaultDataFolder();
  mkdirSync(userData, { recursive: true });
  const paths = deskPaths(userData);
  const { log, flush } = openLog(paths.log, { level: environment['COBALT_LOG_LEVEL'] ?? 'info', echo: false });
  const launcher = forkLauncher(join(root, 'out', 'main'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

  const desk = createDesk({
    paths,
    defaultsFolder: join(root, 'config'),
    recordingFolders: [join(root, 'resources', 'sample-year'), join(root, 'resources', 'sample')],
    environment,
    version,
    launcher,
    processMemory: () => headlessMemory(launcher.running()),
    onStartFailed: (why) => console.error(`The desk could not start: ${why}`),
    onPaint: () => {},
    log,
  });
  const { host, port } = await desk.headlessAddress();
  const access = createAccess(environment['COBALT_HEADLESS_TOKEN']);
  const server = await startHttpServer({ host, port, pageFolder: join(root, 'out', 'renderer'), access, desk, log });
  access.onLink((token) =>
    console.log(
      `Cobalt Desk (${desk.mode()}) is at ${server.url}/?token=${token}\nThe link works once; the browser stays signed in until the desk stops.`,
    ),
  );

  let closing = false;
  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    await server.close();
    await desk.close();
    flush();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close());
  process.on('uncaughtException', (thrown) => {
    log.error({ detail: thrown.stack }, 'uncaught exception');
    flush();
    console.error(thrown);
    process.exit(70);
  });
  process.on('unhandledRejection', (thrown) => log.error({ detail: reasonOf(thrown) }, 'unhandled rejection'));
}

/** Where the desktop app keeps its data too, so that both hosts show the same desk. */
function defaultDataFolder(): string {
  const name = 'cobalt-desk';
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', name);
  if (platform() === 'win32') return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), name);
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), name);
}
