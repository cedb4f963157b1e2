import { gunzipSync } from 'node:zlib';

/** A whole book of 400 levels a side is below 40 KB of text; what unpacks to more is no message but an attack. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** A gzip frame → its text; undefined for one that is none, is cut off, or unpacks to more than 4 MiB. */
export function unpack(frame: Uint8Array): string | undefined {
  try {
    return gunzipSync(frame, { maxOutputLength: MAX_MESSAGE_BYTES }).toString();
  } catch {
    return undefined;
  }
}
