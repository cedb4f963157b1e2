import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveAsset, serveAsset } from './static-files.ts';

let folder: string;
let root: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cobalt-page-')));
  root = join(folder, 'page');
  mkdirSync(join(root, 'assets', 'folder.js'), { recursive: true });
  mkdirSync(join(folder, 'page-secrets'));
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'assets', 'app-1a2b.js'), 'app()');
  writeFileSync(join(root, 'assets', 'with space.css'), 'a{}');
  writeFileSync(join(root, '.env'), 'secret');
  writeFileSync(join(folder, 'secret.json'), 'secret');
  writeFileSync(join(folder, 'page-secrets', 'secret.json'), 'secret');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (body: Uint8Array): string => new TextDecoder().decode(body);

describe('serveAsset', () => {
  it('serves the page anew every time, and hashed assets for good, each with its type and the policy', async () => {
    for (const path of ['/', '', '/index.html']) {
      const page = await serveAsset(root, path);
      expect([page.status, text(page.body)]).toEqual([200, '<!doctype html>']);
      expect(page.headers).toMatchObject({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
      expect(page.headers['Content-Security-Policy']).toContain("default-src 'none'");
    }
    const script = await serveAsset(root, '/assets/app-1a2b.js');
    expect(script.headers).toMatchObject({
      'Content-Type': 'text/javascript; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    });
    expect(script.headers['Cache-Control']).toContain('immutable');
    expect((await serveAsset(root, '/assets/with%20space.css')).status).toBe(200);
  });

  it.each([
    '/nothing.js',
    '/assets',
    '/assets/folder.js',
    '/.env',
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/..%2f..%2fsecret.json',
    '/%252e%252e/secret.json',
    '/..%5csecret.json',
    '/..\\secret.json',
    '/../page-secrets/secret.json',
    '//../secret.json',
    '/index.html%00.js',
    '/%00',
    '/%',
    '/%E0%A4%A',
    '/index.html/',
    '/index.html/../../secret.json',
    '/etc/passwd',
    '/proc/self/environ',
  ])('knows nothing of %s', async (path) => {
    const answer = await serveAsset(root, path);
    expect([answer.status, text(answer.body)]).toEqual([404, 'Not found']);
    expect(answer.headers['Content-Security-Policy']).toBeDefined();
  });

  it('does not reach a file by its absolute path', async () => {
    for (const path of [
      join(folder, 'secret.json'),
      encodeURIComponent(join(folder, 'secret.json')),
      `/${join(folder, 'secret.json')}`,
    ]) {
      expect((await serveAsset(root, path)).status).toBe(404);
    }
  });
});

describe('resolveAsset', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '%2e',
    '%2E%2e',
    '%2f',
    '%5c',
    '%00',
    '%25',
    '%252e',
    '~',
    'C:',
    'secret.json',
    'page',
    'a.js',
  );

  it('never leaves the root, whatever is asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }),
        fc.constantFrom('/', '', '\\', '%2f'),
        (parts, joint) => {
          for (const base of [root, `${root}/`, '/']) {
            const file = resolveAsset(base, `/${parts.join(joint)}`);
            if (file === undefined) continue;
            const inside = relative(resolve(base), resolve(file));
            expect(inside === '..' || inside.startsWith(`..${sep}`) || inside === '').toBe(false);
            expect(file.includes('\0')).toBe(false);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
