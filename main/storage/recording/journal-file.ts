import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from '../../../core/recording/crc32.ts';
import { type EncodedBatch, RECORDING_FORMAT } from '../../../core/recording/encoded-batch.ts';
import { batchOf, FRAME_HEAD_BYTES, frameOf, framed, MAX_FRAME_BYTES } from './batch-frame.ts';
import { type JournalHead, journalHeadSchema } from './segment-schemas.ts';

/**
 * The batches of a segment in progress, one frame after the other. What a call has answered for a killed process leaves
 * behind; a frame that was cut off is recognised by its length and CRC, and what follows it does not count.
 */
export class JournalFile {
  readonly path: string;
  readonly #file: FileHandle;
  #length: number;
  #events = 0;

  private constructor(path: string, file: FileHandle, length: number) {
    this.path = path;
    this.#file = file;
    this.#length = length;
  }

  static async create(path: string, head: Omit<JournalHead, 'format'>): Promise<JournalFile> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx', 0o600);
    const journal = new JournalFile(path, file, 0);
    try {
      await journal.#write(framed(Buffer.from(JSON.stringify({ format: RECORDING_FORMAT, ...head }))));
      return journal;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  get bytes(): number {
    return this.#length;
  }

  get events(): number {
    return this.#events;
  }

  /** Failed, it may be called again: the next frame is written where this one should have been. */
  async append(batch: EncodedBatch): Promise<void> {
    await this.#write(frameOf(batch));
    this.#events += batch.events;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(frame: Uint8Array): Promise<void> {
    let written = 0;
    while (written < frame.length) {
      const { bytesWritten } = await this.#file.write(frame, written, frame.length - written, this.#length + written);
      written += bytesWritten;
    }
    this.#length += written;
  }
}

export interface JournalContent {
  /** Undefined when not even the head is whole. */
  readonly head: JournalHead | undefined;
  /** Bytes behind the last whole frame. */
  readonly cutBytes: number;
}

/** Hands out the whole batches of a journal in order. */
export async function readJournal(path: string, take: (batch: EncodedBatch) => Promise<void>): Promise<JournalContent> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let head: JournalHead | undefined;
    let at = 0;
    for (;;) {
      const payload = await readFrame(file, at, size);
      if (payload === undefined) break;
      if (head === undefined) {
        const parsed = journalHeadSchema.safeParse(parseJson(payload));
        if (!parsed.success) break;
        head = parsed.data;
      } else await take(batchOf(payload));
      at += FRAME_HEAD_BYTES + payload.length;
    }
    return { head, cutBytes: size - at };
  } finally {
    await file.close();
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function readFrame(file: FileHandle, at: number, size: number): Promise<Uint8Array | undefined> {
  if (at + FRAME_HEAD_BYTES > size) return undefined;
  const head = new DataView(new ArrayBuffer(FRAME_HEAD_BYTES));
  await file.read(head, 0, FRAME_HEAD_BYTES, at);
  const length = head.getUint32(0, true);
  if (length > MAX_FRAME_BYTES || at + FRAME_HEAD_BYTES + length > size) return undefined;
  const payload = new Uint8Array(length);
  const { bytesRead } = await file.read(payload, 0, length, at + FRAME_HEAD_BYTES);
  return bytesRead === length && crc32(payload) === head.getUint32(4, true) ? payload : undefined;
}
