import type { Failure, Result } from '../../core/base/result.ts';

export type StoreFailure = Failure<'STORE_LOCKED' | 'STORE_FULL' | 'STORE_CORRUPT' | 'STORE_FAILED' | 'STORE_CLOSED'>;
/** What the store answers, in its own time. */
export type Stored<T> = Promise<Result<T, StoreFailure>>;
