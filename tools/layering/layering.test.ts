import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Proves that the layering gates close: forbidden code is planted in a scratch project outside the working tree, under
 * copies of the very configuration files that the checks use, and each gate must refuse it and let clean code pass.
 */

const root = resolve(import.meta.dirname, '..', '..');
const layers = ['core', 'models', 'main', 'workers', 'lab', 'renderer'];

interface Planted {
  readonly file: string;
  readonly source: string;
}

/** What the lint must refuse: a file, what stands in it, and the rule that has to speak. */
interface LintCase extends Planted {
  readonly rule: string;
}

const restrictedImports = 'eslint(no-restricted-imports)';
const restrictedGlobals = 'eslint(no-restricted-globals)';
const restrictedProperties = 'eslint(no-restricted-properties)';
const noCycle = 'import(no-cycle)';

/** One forbidden import for each wall of the table in ARCHITECTURE.md. */
const forbiddenImports: readonly (readonly [folder: string, specifier: string])[] = [
  ['core/market', '../../main/ports/store.ts'],
  ['core/market', '../../models/graph/tensor.ts'],
  ['core/market', 'node:fs'],
  ['core/market', 'zod'],
  ['core/market', 'electron'],
  ['core/contracts', 'node:fs'],
  ['core/contracts', 'zod-to-something'],
  ['models/graph', '../../main/ports/store.ts'],
  ['models/graph', '../../workers/training/main.ts'],
  ['models/graph', 'onnxruntime-node'],
  ['main/ports', '../services/data/data-service.ts'],
  ['main/ports', '../../models/graph/tensor.ts'],
  ['main/services/data', '../../venues/binance/http.ts'],
  ['main/services/data', '../../storage/store.ts'],
  ['main/services/data', '../../host/desk.ts'],
  ['main/services/data', '../execution/execution-service.ts'],
  ['main/services/data/candles', '../../execution/execution-service.ts'],
  ['main/services/data', '../../../models/graph/tensor.ts'],
  ['main/services/data', 'electron'],
  ['main/services/data', 'onnxruntime-node'],
  ['main/services/data', '@duckdb/node-api'],
  ['main/venues/binance', '../../services/data/data-service.ts'],
  ['main/venues/binance', '../bybit/http.ts'],
  ['main/venues/binance', '../conformance/run-venue-conformance.ts'],
  ['main/venues/binance/fixtures', '../../bybit/http.ts'],
  ['main/venues/binance/fixtures', '../../conformance/wire-bench.ts'],
  ['main/venues/session', '../binance/http.ts'],
  ['main/venues/binance', '../../storage/store.ts'],
  ['main/venues/binance', 'electron'],
  ['main/storage', '../venues/binance/http.ts'],
  ['main/storage', '../services/data/data-service.ts'],
  ['main/storage', 'electron'],
  ['main/host', '../electron/window.ts'],
  ['main/host', '../headless/http-server.ts'],
  ['main/host', 'electron'],
  ['main/headless', '../electron/window.ts'],
  ['main/headless', 'electron'],
  ['main/electron', '../headless/http-server.ts'],
  ['main/electron', 'onnxruntime-node'],
  ['main/electron', '../../renderer/ui/theme.ts'],
  ['main/preload', '../services/data/data-service.ts'],
  ['main/preload', 'node:fs'],
  ['workers/inference', '../../main/ports/store.ts'],
  ['workers/inference', 'electron'],
  ['workers/inference', 'react'],
  ['renderer/panels/chart', '../../../main/ports/store.ts'],
  ['renderer/panels/chart', '../../../models/graph/tensor.ts'],
  ['renderer/panels/chart', '../../../workers/training/main.ts'],
  ['renderer/panels/chart', 'electron'],
  ['renderer/panels/chart', 'node:fs'],
  ['lab/simulation', '../../main/ports/store.ts'],
  ['lab/simulation', 'electron'],
  ['lab/simulation', 'react'],
];

const allowedImports: readonly (readonly [folder: string, specifier: string])[] = [
  ['core/market', '../base/clock.ts'],
  ['core/contracts', 'zod'],
  ['models/graph', '../../core/base/rng.ts'],
  ['main/services/data', '../../ports/store.ts'],
  ['main/services/data', './candles/builder.ts'],
  ['main/services/data', '../../../core/base/clock.ts'],
  ['main/venues/binance', '../../ports/venue.ts'],
  ['main/venues/binance', '../session/http-client.ts'],
  ['main/venues/binance/fixtures', '../../session/depth-delta.ts'],
  ['main/venues/binance', 'ws'],
  ['main/storage', '@duckdb/node-api'],
  ['main/host', '../services/data/data-service.ts'],
  ['main/host', '../venues/binance/connector.ts'],
  ['main/electron', '../host/desk.ts'],
  ['main/electron', 'electron'],
  ['main/headless', '../host/desk.ts'],
  ['main/preload', 'electron'],
  ['workers/inference', '../../models/graph/tensor.ts'],
  ['workers/inference', 'onnxruntime-node'],
  ['workers/transport', 'electron'],
  ['renderer/panels/chart', '../../../core/market/candle.ts'],
  ['renderer/panels/chart', 'react'],
  ['lab/simulation', '../../core/base/rng.ts'],
];

const forbiddenGlobals: readonly (readonly [expression: string, rule: string])[] = [
  ['Date.now()', restrictedGlobals],
  ['new Date()', restrictedGlobals],
  ['Math.random()', restrictedProperties],
  ['setTimeout(String, 1)', restrictedGlobals],
  ['setInterval(String, 1)', restrictedGlobals],
  ['process.pid', restrictedGlobals],
  ['console.log(1)', restrictedGlobals],
  ['performance.now()', restrictedGlobals],
  ['globalThis.process', restrictedGlobals],
];

const lintCases: readonly LintCase[] = [
  ...forbiddenImports.map(([folder, specifier], index) => ({
    file: `${folder}/planted-import-${index}.ts`,
    source: `import * as forbidden from '${specifier}';\nexport const planted = forbidden;\n`,
    rule: restrictedImports,
  })),
  {
    file: 'core/market/planted-type-import.ts',
    source: "import type { Store } from '../../main/ports/store.ts';\nexport type Planted = Store;\n",
    rule: restrictedImports,
  },
  {
    file: 'core/market/planted-dynamic-import.ts',
    source: "export const planted = () => import('electron');\n",
    rule: restrictedImports,
  },
  {
    file: 'core/market/planted-re-export.ts',
    source: "export { readFileSync } from 'node:fs';\n",
    rule: restrictedImports,
  },
  ...['core/market', 'models/graph'].flatMap((folder) =>
    forbiddenGlobals.map(([expression, rule], index) => ({
      file: `${folder}/planted-global-${index}.ts`,
      source: `export const planted = (): unknown => ${expression};\n`,
      rule,
    })),
  ),
  {
    file: 'core/market/cycle-a.ts',
    source: "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;\n",
    rule: noCycle,
  },
  {
    file: 'core/market/cycle-b.ts',
    source: "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;\n",
    rule: noCycle,
  },
  {
    file: 'main/host/planted-any.ts',
    source: 'export const planted: any = 1;\n',
    rule: 'typescript(no-explicit-any)',
  },
];

const cleanCases: readonly Planted[] = [
  ...allowedImports.map(([folder, specifier], index) => ({
    file: `${folder}/clean-import-${index}.ts`,
    source: `import * as allowed from '${specifier}';\nexport const clean = allowed;\n`,
  })),
  { file: 'main/host/clean-clock.ts', source: 'export const now = (): number => Date.now() + Math.random();\n' },
  { file: 'core/market/clean-sum.ts', source: 'export const sum = (a: number, b: number): number => a + b;\n' },
];

let scratch = '';

function createScratch(): string {
  // Resolved, because tools report the real path where the temporary folder is a link.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'cobalt-layering-'));
  const configs = ['.oxlintrc.json', 'tsconfig.base.json', ...layers.map((layer) => `${layer}/tsconfig.json`)];
  for (const path of configs) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return folder;
}

function plant({ file, source }: Planted): void {
  mkdirSync(dirname(join(scratch, file)), { recursive: true });
  writeFileSync(join(scratch, file), source);
}

function runTool(entry: string, args: readonly string[]): { code: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(root, 'node_modules', entry), ...args], {
    cwd: scratch,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  return { code: status, output: stdout + stderr };
}

beforeAll(() => {
  scratch = createScratch();
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('oxlint', () => {
  /** Rules that spoke, for each planted file. */
  const spoken = new Map<string, Set<string>>();
  let exitCode: number | null = 0;
  let cleanRun: { code: number | null; output: string };

  beforeAll(() => {
    for (const planted of cleanCases) plant(planted);
    cleanRun = runTool('oxlint/bin/oxlint', []);
    for (const planted of lintCases) plant(planted);
    const { code, output } = runTool('oxlint/bin/oxlint', ['--format=json']);
    exitCode = code;
    const report = JSON.parse(output) as { diagnostics: { filename: string; code: string; severity: string }[] };
    for (const diagnostic of report.diagnostics) {
      if (diagnostic.severity !== 'error') continue;
      const file = relative(scratch, resolve(scratch, diagnostic.filename)).replaceAll('\\', '/');
      const rules = spoken.get(file) ?? new Set();
      spoken.set(file, rules.add(diagnostic.code));
    }
    for (const { file } of lintCases) rmSync(join(scratch, file));
  });

  it('passes a tree that keeps to the table', () => {
    expect(cleanRun.output).toContain('0 errors');
    expect(cleanRun.code).toBe(0);
  });

  it('fails as a whole on a planted tree', () => {
    expect(exitCode).not.toBe(0);
  });

  it.each(lintCases)('refuses $file with $rule', ({ file, source, rule }) => {
    expect([...(spoken.get(file) ?? [])], source).toContain(rule);
  });

  it.each(cleanCases)('still passes $file beside planted files', ({ file }) => {
    expect([...(spoken.get(file) ?? [])]).toEqual([]);
  });
});

describe('TypeScript projects', () => {
  const clean: readonly Planted[] = [
    { file: 'core/base/clock.ts', source: 'export interface Clock {\n  now(): number;\n}\n' },
    {
      file: 'core/clean.ts',
      source: "import type { Clock } from './base/clock.ts';\nexport const read = (clock: Clock): number => clock.now();\n",
    },
    {
      file: 'models/clean.ts',
      source: "import type { Clock } from '../core/base/clock.ts';\nexport const read = (clock: Clock): number => clock.now();\n",
    },
    { file: 'main/clean.ts', source: "import { pid } from 'node:process';\nexport const id = pid;\n" },
  ];
  const forbidden: readonly (Planted & { readonly code: string })[] = [
    { file: 'core/planted-main.ts', source: "export { id } from '../main/clean.ts';\n", code: 'TS6307' },
    { file: 'core/planted-models.ts', source: "export { read } from '../models/clean.ts';\n", code: 'TS6307' },
    { file: 'core/planted-process.ts', source: 'export const planted = process.pid;\n', code: 'TS2591' },
    { file: 'core/planted-timer.ts', source: 'setTimeout(String, 1);\n', code: 'TS2304' },
    { file: 'core/planted-dom.ts', source: 'export const planted = document.title;\n', code: 'TS2584' },
    { file: 'models/planted-main.ts', source: "export { id } from '../main/clean.ts';\n", code: 'TS6307' },
    { file: 'models/planted-timer.ts', source: 'setTimeout(String, 1);\n', code: 'TS2304' },
  ];

  it('build a clean tree and refuse each planted file', () => {
    for (const layer of layers) rmSync(join(scratch, layer), { recursive: true, force: true });
    for (const layer of layers) {
      mkdirSync(join(scratch, layer), { recursive: true });
      cpSync(join(root, layer, 'tsconfig.json'), join(scratch, layer, 'tsconfig.json'));
    }
    for (const planted of clean) plant(planted);
    const before = runTool('typescript/bin/tsc', ['-b', 'core', 'models', '--pretty', 'false']);
    expect(before.output.trim()).toBe('');
    expect(before.code).toBe(0);

    for (const planted of forbidden) plant(planted);
    const { code, output } = runTool('typescript/bin/tsc', ['-b', 'core', 'models', '--pretty', 'false']);
    expect(code).not.toBe(0);
    const errors = output.split('\n');
    for (const { file, code: error } of forbidden) {
      expect(errors.filter((line) => line.startsWith(`${file}(`)).join('\n'), `${file}\n${output}`).toContain(error);
    }
  });
});
