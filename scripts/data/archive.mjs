import { gunzipSync, inflateRawSync } from 'node:zlib';

/**
 * The bytes of one file in a gzipped tar, as npm packs them (ustar; names under 100 bytes, which npm's are here).
 * Throws when the archive has no such file.
 */
export function readTarGzEntry(archive, name) {
  const tar = gunzipSync(archive);
  for (let offset = 0; offset + 512 <= tar.length; ) {
    const entryName = text(tar, offset, 100);
    if (entryName === '') break;
    const size = Number.parseInt(text(tar, offset + 124, 12).trim(), 8);
    if (entryName === name) return tar.subarray(offset + 512, offset + 512 + size);
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the archive has no file ${name}`);
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

/** The bytes of the only file in a zip (no zip64, no encryption). Source: PKWARE APPNOTE 4.3. */
export function readOnlyZipEntry(zip) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new Error('not a zip file: no end-of-directory record');
  if (zip.readUInt16LE(end + 10) !== 1) throw new Error('expected a zip with exactly one file');
  const entry = zip.readUInt32LE(end + 16);
  if (zip.readUInt32LE(entry) !== DIRECTORY_ENTRY) throw new Error('the zip directory is damaged');
  const method = zip.readUInt16LE(entry + 10);
  const packedSize = zip.readUInt32LE(entry + 20);
  const size = zip.readUInt32LE(entry + 24);
  const local = zip.readUInt32LE(entry + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + packedSize);
  const bytes = method === 8 ? inflateRawSync(packed) : packed;
  if (bytes.length !== size) throw new Error(`the zip promises ${size} bytes and holds ${bytes.length}`);
  return bytes;
}

function text(bytes, offset, length) {
  const end = bytes.indexOf(0, offset);
  return bytes.toString('latin1', offset, end >= 0 && end < offset + length ? end : offset + length);
}
