import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from './failures.ts';
import { cancelled } from './parquet-segments.ts';

/** Hashing so much takes the JS thread a fraction of a millisecond. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Copies a file under a temporary name, reads the copy back, compares the SHA-256 of both, makes it durable and only then gives
 * it its name. `progress` gets bytes as they are copied. A file that is there already with the same content counts as the
 * copy; with another content it is a failure. Failed or cancelled, nothing is left behind.
 */
export async function copyVerified(
  from: string,
  to: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<void> {
  const { size } = await stat(from);
  if (await exists(to)) {
    if ((await hashOf(from, signal)) !== (await hashOf(to, signal))) {
      throw new Refusal({
        code: 'RECORDING_EXISTS',
        message: `${to} is there already and differs from ${from}. Move one of them away; both were left as they are.`,
        retryable: false,
      });
    }
    progress(size);
    return;
  }
  const temporary = `${to}.part`;
  await mkdir(dirname(to), { recursive: true });
  try {
    const written = await copyHashing(from, temporary, signal, progress);
    if ((await hashOf(temporary, signal)) !== written) {
      throw new Refusal({
        code: 'RECORDING_FAILED',
        message: `The copy of ${from} in ${dirname(to)} came out different. The original was left as it is; check that disk.`,
        retryable: true,
      });
    }
    await rename(temporary, to);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function copyHashing(from: string, to: string, signal: AbortSignal, progress: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  const target = await open(to, 'w', 0o600);
  try {
    let at = 0;
    await eachChunk(from, signal, async (chunk) => {
      hash.update(chunk);
      await writeAll(target, chunk, at);
      at += chunk.length;
      progress(chunk.length);
    });
    await target.sync();
  } finally {
    await target.close();
  }
  return hash.digest('hex');
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await eachChunk(path, signal, (chunk) => {
    hash.update(chunk);
    return Promise.resolve();
  });
  return hash.digest('hex');
}

async function eachChunk(path: string, signal: AbortSignal, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      if (signal.aborted) throw new Refusal(cancelled(path));
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      await take(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
