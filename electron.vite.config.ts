import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;

/** One file in out/main for each process; the names are what hosts and scripts start. */
const mainEntries: Record<string, string> = {
  electron: 'main/electron/main.ts',
  headless: 'main/headless/main.ts',
  inference: 'workers/inference/main.ts',
  training: 'workers/training/main.ts',
  lab: 'lab/main.ts',
};
const preloadEntry = 'main/preload/preload.ts';
const rendererPage = 'renderer/index.html';

function present(path: string, output: string): boolean {
  if (existsSync(resolve(root, path))) return true;
  console.error(`\n!!! BUILD WITHOUT ${output}: ${path} does not exist\n`);
  return false;
}

const mainInput = Object.fromEntries(
  Object.entries(mainEntries)
    .filter(([name, path]) => present(path, `out/main/${name}.js`))
    .map(([name, path]) => [name, resolve(root, path)]),
);

export default defineConfig({
  // electron-vite would guess targets from the `electron` package (45); the offline runtime is 42, and the headless
  // host also runs on plain Node 20, so the oldest of each is named.
  ...(Object.keys(mainInput).length > 0 && {
    main: {
      build: {
        outDir: resolve(root, 'out/main'),
        target: 'node20.19',
        sourcemap: true,
        // Bundled where that saves file lookups at start-up; native packages cannot be bundled.
        externalizeDeps: { exclude: ['zod', 'ws', 'yaml', 'big.js', 'pino'] },
        rolldownOptions: {
          input: mainInput,
          // Optional native accelerators of ws, which it does without.
          external: ['bufferutil', 'utf-8-validate'],
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        },
      },
    },
  }),
  ...(present(preloadEntry, 'out/preload/preload.cjs') && {
    preload: {
      build: {
        outDir: resolve(root, 'out/preload'),
        target: 'node20.19',
        sourcemap: true,
        // A sandboxed preload can require nothing but electron: one CommonJS file with everything inside.
        externalizeDeps: false,
        rolldownOptions: {
          input: { preload: resolve(root, preloadEntry) },
          output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
        },
      },
    },
  }),
  ...(present(rendererPage, 'out/renderer') && {
    renderer: {
      root: resolve(root, 'renderer'),
      plugins: [react()],
      build: {
        outDir: resolve(root, 'out/renderer'),
        target: 'chrome148',
        sourcemap: true,
        minify: true,
        // Loaded from disk, not over a network.
        chunkSizeWarningLimit: 4000,
        rolldownOptions: { input: resolve(root, rendererPage) },
      },
      server: { host: '127.0.0.1' },
    },
  }),
});
