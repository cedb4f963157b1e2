import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 2_000;

/** Keeps the end of what a child process prints on standard error, so that its death can be explained. */
export function stderrTail(stream: NodeJS.ReadableStream | Readable | null): () => string {
  let tail = '';
  stream?.on('data', (chunk: Buffer | string) => {
    tail = (tail + chunk.toString()).slice(-KEPT_CHARACTERS);
  });
  return () => (tail.trim() === '' ? '' : `: ${tail.trim()}`);
}
