#!/usr/bin/env node
/**
 * npm test [-- --unit | --e2e]
 *
 * Sets up what is missing, runs every stage even when one fails, and ends with one line `N passed, M failed`.
 * --unit: type check, lint, format and unit tests. --e2e: build and the window's specs. Neither: all of it.
 * Each stage without tests of its own (type check, lint, format, build) counts as one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { resolveElectronRuntime } from './electron-runtime.mjs';
import { build } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './setup/display.mjs';
import { say } from './setup/log.mjs';
import { at } from './setup/paths.mjs';
import { run } from './setup/processes.mjs';
import { requireSystemLibraries } from './setup/system-libraries.mjs';

const results = at('.cache', 'test');
/** A little larger than the largest window that is photographed. */
const DISPLAY_SIZE = '2600x1500x24';
const unitReport = at('.cache', 'test', 'unit.json');
const windowReport = at('.cache', 'test', 'e2e.json');

const node = (path, ...args) => run(process.execPath, [at(...path.split('/')), ...args]);
const asOne = (code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

const stages = [
  { name: 'type check', part: 'unit', run: async () => asOne(await node('node_modules/typescript/bin/tsc', '-b')) },
  { name: 'lint and layering', part: 'unit', run: async () => asOne(await node('node_modules/oxlint/bin/oxlint', '--quiet')) },
  {
    name: 'format',
    part: 'unit',
    run: async () => asOne(await node('node_modules/@biomejs/biome/bin/biome', 'format', '--reporter=summary')),
  },
  { name: 'unit tests', part: 'unit', run: unitTests },
  { name: 'build', part: 'e2e', run: async () => asOne(await build({ quiet: true })) },
  { name: 'window tests', part: 'e2e', run: windowTests },
];

async function unitTests() {
  const code = await node(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${unitReport}`,
  );
  const report = readReport(unitReport);
  if (!report) return { passed: 0, failed: 1 };
  // A file that does not load has no tests to count, and an error outside any test fails the run alone.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: Math.max(failed, code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function windowTests() {
  const specs = existsSync(at('e2e'))
    ? readdirSync(at('e2e'), { recursive: true }).filter((name) => name.endsWith('.spec.ts'))
    : [];
  if (specs.length === 0) {
    say('there is no e2e/*.spec.ts: the window is not tested');
    return { passed: 0, failed: 0 };
  }
  const runtime = await resolveElectronRuntime();
  say(`testing on Electron ${runtime.version} (${runtime.source}): ${runtime.why}`);
  const display = hasDisplay();
  await requireSystemLibraries({ virtualDisplay: !display });
  const virtual = display ? { env: process.env, stop: async () => {} } : await startVirtualDisplay(DISPLAY_SIZE);
  try {
    const env = { ...virtual.env, COBALT_ELECTRON: runtime.path, PLAYWRIGHT_JSON_OUTPUT_FILE: windowReport };
    delete env.ELECTRON_RUN_AS_NODE;
    const code = await run(process.execPath, [at('node_modules', 'playwright', 'cli.js'), 'test', '--reporter=list,json'], {
      env,
    });
    const stats = readReport(windowReport)?.stats;
    if (!stats) return { passed: 0, failed: 1 };
    return {
      passed: stats.expected + stats.flaky,
      failed: Math.max(stats.unexpected, code === 0 ? 0 : 1),
      skipped: stats.skipped,
    };
  } finally {
    await virtual.stop();
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    say(`no report at ${path}: ${error.message}`);
    return undefined;
  }
}

async function main() {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => flag !== '--unit' && flag !== '--e2e');
  if (unknown) {
    say(`unknown argument ${unknown}; known are --unit and --e2e`);
    return { passed: 0, failed: 1 };
  }
  const wanted = (part) => flags.length === 0 || flags.includes(`--${part}`);
  await ensureDependencies();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });

  const total = { passed: 0, failed: 0 };
  const summary = [];
  for (const stage of stages.filter(({ part }) => wanted(part))) {
    say(`${stage.name}…`);
    const startedAt = performance.now();
    let counts;
    try {
      counts = await stage.run();
    } catch (error) {
      say(`${stage.name}: ${error.message}`);
      counts = { passed: 0, failed: 1 };
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
    summary.push(`${stage.name.padEnd(18)} ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds} s)`);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  process.stdout.write(`\n${summary.join('\n')}\n`);
  return total;
}

main()
  .catch((error) => {
    say(error.message);
    return { passed: 0, failed: 1 };
  })
  .then(({ passed, failed }) => {
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  });
