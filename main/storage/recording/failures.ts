import { err, reasonOf } from '../../../core/base/result.ts';
import type { RecordingFailure } from '../../ports/recording.ts';

const FULL = /no space left on device|not enough space on the disk|disk quota exceeded|ENOSPC|EDQUOT/i;

/** Thrown inside to end with this failure. */
export class Refusal extends Error {
  readonly failure: RecordingFailure;

  constructor(failure: RecordingFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What an error of the file system or of DuckDB means to the user; `what` completes "… could not". */
export function recordingFailure(thrown: unknown, path: string, what: string): RecordingFailure {
  if (thrown instanceof Refusal) return thrown.failure;
  const detail = reasonOf(thrown);
  if (FULL.test(detail)) {
    const message = `The disk that holds ${path} is full. Free some space: recording resumes by itself.`;
    return { code: 'RECORDING_FULL', message, retryable: true, detail };
  }
  const message = `${path} could not ${what}: ${detail.split('\n', 1)[0]}`;
  return { code: 'RECORDING_FAILED', message, retryable: false, detail };
}

export function damaged(path: string, why: string): RecordingFailure {
  return {
    code: 'RECORDING_DAMAGED',
    message: `The recorded segment ${path} is damaged (${why}). It was left as it is; delete it, or bring back an archived copy.`,
    retryable: false,
  };
}

/** Runs `task`; what it throws becomes the failure. */
export async function attempt<T>(path: string, what: string, task: () => Promise<T>) {
  try {
    return { ok: true, value: await task() } as const;
  } catch (thrown) {
    return err(recordingFailure(thrown, path, what));
  }
}
