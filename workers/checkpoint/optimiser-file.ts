import { fail, ok, type Failure, type Result } from '../../core/base/result.ts';

/** All that training needs to go on as if it had never stopped. The three vectors have the same length. */
export interface OptimiserState {
  readonly parameters: Float32Array;
  /** AdamW's first and second moments. */
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Steps taken. */
  readonly step: number;
  /** Seed of the job: with the step it gives the order of the examples that follow. */
  readonly seed: number;
}

/**
 * Little-endian: "CDOP", u32 version, u32 parameter count, u32 step, f64 seed, 8 bytes of zero; then parameters, m and v as float32.
 */
const MAGIC = 0x504f4443;
const VERSION = 1;
const HEADER_BYTES = 32;

export function encodeOptimiser({ parameters, m, v, step, seed }: OptimiserState): Uint8Array {
  const count = parameters.length;
  if (m.length !== count || v.length !== count) throw new Error(`vectors of ${count}, ${m.length} and ${v.length} elements`);
  const bytes = new Uint8Array(HEADER_BYTES + 3 * 4 * count);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint32(4, VERSION, true);
  header.setUint32(8, count, true);
  header.setUint32(12, step, true);
  header.setFloat64(16, seed, true);
  [parameters, m, v].forEach((vector, i) => {
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), HEADER_BYTES + i * 4 * count);
  });
  return bytes;
}

/** The state, or in `message` what is wrong with the bytes: expected and actual. */
export function decodeOptimiser(bytes: Uint8Array): Result<OptimiserState, Failure<'NOT_AN_OPTIMISER'>> {
  const refuse = (message: string) => fail('NOT_AN_OPTIMISER', message);
  if (bytes.length < HEADER_BYTES) return refuse(`expected a header of ${HEADER_BYTES} bytes, got ${bytes.length}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.getUint32(0, true) !== MAGIC) return refuse(`expected it to begin with CDOP, got ${hex(bytes.subarray(0, 4))}`);
  const version = header.getUint32(4, true);
  if (version !== VERSION) return refuse(`expected version ${VERSION}, got ${version}`);
  const count = header.getUint32(8, true);
  const expected = HEADER_BYTES + 3 * 4 * count;
  if (bytes.length !== expected) return refuse(`expected ${expected} bytes for ${count} parameters, got ${bytes.length}`);
  // Copied, so that the floats are aligned wherever the bytes came from. (Not by slice: a Buffer's shares its memory.)
  const vectors = new Float32Array(new Uint8Array(bytes.subarray(HEADER_BYTES)).buffer);
  return ok({
    parameters: vectors.subarray(0, count),
    m: vectors.subarray(count, 2 * count),
    v: vectors.subarray(2 * count),
    step: header.getUint32(12, true),
    seed: header.getFloat64(16, true),
  });
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
