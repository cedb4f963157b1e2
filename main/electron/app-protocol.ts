import { protocol } from 'electron';
import { serveAsset } from '../host/static-files.ts';

export const APP_ORIGIN = 'app://desk';

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the built page from `root` and nothing outside it. */
export function serveAppScheme(root: string): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'desk' || request.method !== 'GET') return new Response('Not found', { status: 404 });
    const file = await serveAsset(root, url.pathname);
    return new Response(file.body, { status: file.status, headers: { ...file.headers } });
  });
}
