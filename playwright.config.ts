import { defineConfig } from 'playwright/test';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: '.cache/e2e',
  // Each spec starts the whole app, which wants the machine's cores for itself.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 400_000,
  expect: { timeout: 40_000 },
  forbidOnly: process.env['CI'] === 'true',
});
