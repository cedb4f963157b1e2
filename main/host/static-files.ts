import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** What every page is served with: it may load and reach only its own origin. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    // dockview and the chart set inline styles.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export interface StaticFile {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The file of `root` that a URL path names, or undefined when the path leads outside or is not one. */
export function resolveAsset(root: string, urlPath: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\')) return undefined;
  const file = normalize(join(root, path === '/' || path === '' ? 'index.html' : path));
  const inside = normalize(root + sep);
  return file.startsWith(inside) && TYPES[extname(file)] !== undefined ? file : undefined;
}

export async function serveAsset(root: string, urlPath: string): Promise<StaticFile> {
  const file = resolveAsset(root, urlPath);
  if (file !== undefined) {
    try {
      const body = new Uint8Array(await readFile(file));
      // Names of built assets carry their hash; the page itself must be asked for anew.
      const caching = file.endsWith('.html') ? 'no-store' : 'public, max-age=31536000, immutable';
      return {
        status: 200,
        headers: { 'Content-Type': TYPES[extname(file)] as string, 'Cache-Control': caching, ...SECURITY_HEADERS },
        body,
      };
    } catch {
      // Falls through to not found: what exists is a build fact, not something to tell a page about.
    }
  }
  return {
    status: 404,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...SECURITY_HEADERS },
    body: new TextEncoder().encode('Not found'),
  };
}
