import type { Failure } from '../../core/base/result.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';

/** The message if it is one that this page knows, else `undefined`. Payloads are the host's and are trusted. */
export function readHostMessage(data: unknown): HostMessage | undefined {
  if (!isRecord(data) || typeof data.id !== 'number') return undefined;
  if (data.kind === 'event') {
    if (typeof data.seq !== 'number') return undefined;
    return { kind: 'event', id: data.id, seq: data.seq, gap: data.gap === true, event: data.event };
  }
  if (data.kind !== 'answer') return undefined;
  if (data.ok === true) return { kind: 'answer', id: data.id, ok: true, value: data.value };
  return isFailure(data.error) ? { kind: 'answer', id: data.id, ok: false, error: data.error } : undefined;
}

function isFailure(value: unknown): value is Failure {
  return (
    isRecord(value) && typeof value.code === 'string' && typeof value.message === 'string' && typeof value.retryable === 'boolean'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
