import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['**/*.test.ts', '**/*.test.tsx', '**/*.prop.test.ts'],
    exclude: ['**/node_modules/**', 'out/**', 'e2e/**', '.cache/**', '.runtime/**', 'bench/peers/**'],
    // What waits, waits for conditions: a loaded machine is slow, not wrong.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A test file that asks for a mock gets a fresh one; nothing leaks from one test to the next.
    restoreMocks: true,
  },
});
