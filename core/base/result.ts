/** Expected failures are values. A `Result` is a plain object, so it survives structured clone. */
export type Result<T, E = Failure> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/**
 * A typed failure that may cross any seam.
 * `code` is stable and machine-readable; `message` is for the user: what failed, where, and what to do.
 * `detail` is for the log only and must never hold a secret.
 */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly retryable: boolean;
  readonly detail?: string;
}

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

export function fail<Code extends string>(
  code: Code,
  message: string,
  options: { retryable?: boolean; detail?: string } = {},
): { readonly ok: false; readonly error: Failure<Code> } {
  const { retryable = false, detail } = options;
  return err(detail === undefined ? { code, message, retryable } : { code, message, retryable, detail });
}

/** The text of anything that was thrown, without its stack. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
