import { instrumentEntriesSchema } from './segment-schemas.ts';
import { ByteSink, ByteSource } from '../../../core/recording/byte-sink.ts';
import { crc32 } from '../../../core/recording/crc32.ts';
import { BATCH_COLUMNS, type BatchColumn, type EncodedBatch } from '../../../core/recording/encoded-batch.ts';

/** Length and CRC-32 of what follows, each four bytes, lowest first. */
export const FRAME_HEAD_BYTES = 8;
/** No batch comes near it: a length beyond is damage. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** A batch as one frame of a journal, its head included. */
export function frameOf(batch: EncodedBatch): Uint8Array {
  const sink = new ByteSink();
  sink.varint(batch.events);
  sink.varint(batch.trades);
  sink.varint(batch.firstReceived);
  sink.varint(batch.lastReceived);
  sink.text(batch.instruments.length === 0 ? '' : JSON.stringify(batch.instruments));
  for (const name of BATCH_COLUMNS) {
    sink.varint(batch.columns[name].length);
    sink.bytes(batch.columns[name]);
  }
  return framed(sink.take());
}

export function framed(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** @throws on what no `frameOf` wrote. The columns are views of `payload`. */
export function batchOf(payload: Uint8Array): EncodedBatch {
  const source = new ByteSource(payload);
  const events = source.varint();
  const trades = source.varint();
  const firstReceived = source.varint();
  const lastReceived = source.varint();
  const named = source.text();
  const columns = {} as Record<BatchColumn, Uint8Array>;
  for (const name of BATCH_COLUMNS) columns[name] = source.bytes(source.varint());
  const instruments = named === '' ? [] : instrumentEntriesSchema.parse(JSON.parse(named));
  return { events, trades, firstReceived, lastReceived, instruments, columns };
}
