import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const MEMORY_FOLDER = '/dev/shm';
const ROOM_BYTES = 2 ** 30;

/**
 * Where Linux keeps a folder in memory with room enough, the stores and recordings of tests go there: tests ask what is left after a
 * process died, not after the machine did, and on a busy disk most of their time is waiting for it.
 */
function temporaryFolder(): { TMPDIR?: string } {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return process.env.TMPDIR === undefined && bavail * bsize >= ROOM_BYTES ? { TMPDIR: MEMORY_FOLDER } : {};
  } catch {
    return {};
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: ['**/*.test.ts', '**/*.test.tsx', '**/*.prop.test.ts'],
    exclude: ['**/node_modules/**', 'out/**', 'e2e/**', '.cache/**', '.runtime/**', 'bench/peers/**'],
    env: temporaryFolder(),
    // What waits, waits for conditions: a loaded machine is slow, not wrong.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A test file that asks for a mock gets a fresh one; nothing leaks from one test to the next.
    restoreMocks: true,
  },
});
