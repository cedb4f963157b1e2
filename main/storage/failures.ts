import { reasonOf } from '../../core/base/result.ts';
import type { StoreFailure } from '../ports/store.ts';

/** Thrown inside a storage task to end it with a failure of the request's own, not of the store (an unknown checkpoint, say). */
export class Refusal extends Error {
  readonly failure: StoreFailure;

  constructor(message: string) {
    super(message);
    this.failure = { code: 'STORE_FAILED', message, retryable: false };
  }
}

const FULL = /no space left on device|not enough space on the disk|disk quota exceeded|ENOSPC|EDQUOT/i;
const LOCKED = /could not set lock on file|conflicting lock is held|being used by another process/i;
const NEWER_FORMAT = /trying to read a database file with version number/i;
const CORRUPT =
  /not a valid duckdb database|corrupt|checksum|serialization error|failed to deserialize|replaying wal|could not read (all|enough) bytes|file is too small/i;
const INVALIDATED = /database has been invalidated|fatal error/i;

/** True when DuckDB has shut itself down inside: only reopening the file helps. */
export function invalidatesDatabase(thrown: unknown): boolean {
  return INVALIDATED.test(reasonOf(thrown));
}

/** What a DuckDB or file-system error means to the user. `path` is the store's file; while `opening`, DuckDB's broken invariants mean a broken file. */
export function storeFailure(thrown: unknown, path: string, opening = false): StoreFailure {
  if (thrown instanceof Refusal) return thrown.failure;
  const detail = reasonOf(thrown);
  if (FULL.test(detail)) {
    return {
      code: 'STORE_FULL',
      message: `The disk that holds ${path} is full. Free some space: writing resumes by itself, and nothing already saved is lost.`,
      retryable: true,
      detail,
    };
  }
  if (LOCKED.test(detail)) {
    const holder = /\(PID (\d+)\)/.exec(detail)?.[1];
    return lockedFailure(path, holder === undefined ? 'another process' : `another process (PID ${holder})`, detail);
  }
  if (NEWER_FORMAT.test(detail)) {
    return {
      code: 'STORE_FAILED',
      message: `${path} was written in a file format that this version of Cobalt Desk cannot read. Update Cobalt Desk; the file was left as it is.`,
      retryable: false,
      detail,
    };
  }
  if (CORRUPT.test(detail) || (opening && /internal error/i.test(detail))) {
    return {
      code: 'STORE_CORRUPT',
      message: `${path} is damaged or is not a Cobalt Desk store. It was left as it is: restore it from a backup, or move it (and ${path}.wal) away to start with an empty store.`,
      retryable: false,
      detail,
    };
  }
  if (INVALIDATED.test(detail)) {
    return {
      code: 'STORE_FAILED',
      message: `The store ${path} had to stop and is being reopened. Try again.`,
      retryable: true,
      detail,
    };
  }
  return { code: 'STORE_FAILED', message: `The store ${path} failed: ${firstLine(detail)}`, retryable: false, detail };
}

export function lockedFailure(path: string, holder: string, detail?: string): StoreFailure {
  return {
    code: 'STORE_LOCKED',
    message: `${path} is in use by ${holder}. Only one Cobalt Desk can use a store: close the other one, or start this one with another user-data folder.`,
    retryable: true,
    ...(detail === undefined ? {} : { detail }),
  };
}

export function closedFailure(path: string): StoreFailure {
  return { code: 'STORE_CLOSED', message: `The store ${path} is closed.`, retryable: false };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
