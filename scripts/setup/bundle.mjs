import { existsSync } from 'node:fs';
import { SetupError } from './log.mjs';
import { at } from './paths.mjs';

const outFolder = at('.cache', 'bench');

/**
 * Bundles a TypeScript program with the same bundler as the app's: what is measured is what ships.
 * @returns {Promise<string>} path of the program
 */
export async function bundle(source, name) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: at('.'),
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: source,
      outDir: outFolder,
      emptyOutDir: false,
      target: 'node20.19',
      minify: false,
      rolldownOptions: {
        external: [/^node:/, /^@duckdb\//, 'onnxruntime-node', 'electron', 'bufferutil', 'utf-8-validate'],
        output: { format: 'es', entryFileNames: `${name}.js`, chunkFileNames: `${name}-[hash].js` },
      },
    },
  });
  const program = at('.cache', 'bench', `${name}.js`);
  if (!existsSync(program)) throw new SetupError(`bundling ${source} left no file in ${outFolder}`);
  return program;
}
