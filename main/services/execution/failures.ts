import type { Failure } from '../../../core/base/result.ts';
import { fail, reasonOf } from '../../../core/base/result.ts';
import type { StoreFailure, Stored } from '../../ports/store.ts';

export type ExecutionFailure = Failure<
  | 'EXECUTION_NOT_READY'
  | 'ORDER_NOT_JOURNALLED'
  | 'CLIENT_ORDER_ID_REUSED'
  | 'ORDER_UNKNOWN'
  | 'ORDER_FINAL'
  | 'KILL_SWITCH_NOT_SAVED'
  | 'ORDERS_NOT_READ'
>;
type Failed = { readonly ok: false; readonly error: ExecutionFailure };

/** A store call whose every failure, thrown ones included, is a value. */
export async function attempt<T>(call: () => Stored<T>): Stored<T> {
  try {
    return await call();
  } catch (thrown) {
    return fail('STORE_FAILED', 'The store failed unexpectedly.', { detail: reasonOf(thrown) });
  }
}

export function notReady(): Failed {
  return fail(
    'EXECUTION_NOT_READY',
    'Orders of the last session are still being taken up, or the desk is closing. Try again in a moment.',
    { retryable: true },
  );
}

export function notRead(cause: StoreFailure): Failed {
  return fail('ORDERS_NOT_READ', `The order journal could not be read, so nothing may trade: ${cause.message}`, {
    retryable: cause.retryable,
    detail: cause.detail ?? cause.code,
  });
}

export function notJournalled(cause: StoreFailure): Failed {
  return fail('ORDER_NOT_JOURNALLED', `The order was not sent, because it could not be written to disk first: ${cause.message}`, {
    retryable: true,
    detail: cause.detail ?? cause.code,
  });
}
