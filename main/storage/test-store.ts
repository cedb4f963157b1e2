import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../core/base/manual-clock.ts';
import type { Result } from '../../core/base/result.ts';
import type { Store, StoreFailure } from '../ports/store.ts';
import { openStore, type StoreOptions } from './duckdb-store.ts';

export interface TestStore {
  readonly store: Store;
  readonly wall: ManualClock;
  readonly path: string;
  readonly logged: string[];
  /** Closes the store and opens its file again. */
  reopen(): Promise<TestStore>;
  remove(): Promise<void>;
}

/** A store in a folder of its own, whose wall clock stands still: nothing is written unless asked for or a batch is full. */
export async function testStore(options: Partial<StoreOptions> = {}): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'cobalt-store-'));
  return openIn(folder, { path: join(folder, 'sim', 'store.duckdb'), ...options });
}

async function openIn(folder: string, options: Partial<StoreOptions> & { path: string }): Promise<TestStore> {
  const wall = new ManualClock(1_700_000_000_000);
  const logged: string[] = [];
  const store = expectOk(
    await openStore({
      wall,
      flushMs: 500,
      batchRows: 1000,
      log: (level, message) => logged.push(`${level}: ${message}`),
      ...options,
    }),
  );
  return {
    store,
    wall,
    path: options.path,
    logged,
    async reopen() {
      await store.close();
      return openIn(folder, options);
    },
    async remove() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The value of an answer that must have succeeded. */
export function expectOk<T>(answer: Result<T, StoreFailure>): T {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message} (${answer.error.detail ?? ''})`);
  return answer.value;
}

export function expectFailure<T>(answer: Result<T, StoreFailure>): StoreFailure {
  if (answer.ok) throw new Error('a failure was expected');
  return answer.error;
}

/** Waits for a condition, a turn of the event loop at a time; throws after `timeoutMs` of wall time. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
