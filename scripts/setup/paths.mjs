import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');
export const at = (...parts) => join(root, ...parts);

/** Built entries; electron.vite.config.ts writes them. */
export const entries = {
  electron: at('out', 'main', 'electron.js'),
  headless: at('out', 'main', 'headless.js'),
  lab: at('out', 'main', 'lab.js'),
};
