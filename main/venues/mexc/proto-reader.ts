import { bytesToSteps, type DecimalStep } from '../../../core/market/decimal-parse.ts';

/** Kinds of field on the wire. Source: Protocol Buffers documentation, "Encoding". */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const ZERO = 0x30;

/**
 * Walks the fields of protobuf messages in the socket's bytes, without making anything. A nested message is entered by
 * its bounds (`from`, `to`). After a damaged field `next` answers 0 and `isSound` is false: everything that was read of
 * this message has to be thrown away.
 */
export class ProtoReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #sound = true;
  /** Of the field that `next` found: the value of a varint (NaN beyond 2^53 − 1), NaN for other kinds. */
  value = Number.NaN;
  /** Of the field that `next` found: where its bytes lie; both −1 unless it has a length. */
  from = -1;
  to = -1;

  get isSound(): boolean {
    return this.#sound;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#sound = true;
  }

  /** The number of the next field, 0 at the end of the message or at damage. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.#varint();
    // Field numbers reach to 2^29 − 1; the three lowest bits tell the kind.
    if (!(tag >= 8 && tag < 4_294_967_296)) return this.#damaged();
    const kind = tag & 7;
    const field = tag >>> 3;
    this.value = Number.NaN;
    this.from = -1;
    this.to = -1;
    if (kind === VARINT) {
      this.value = this.#varint();
      return this.#sound ? field : 0;
    }
    if (kind === LENGTH) {
      const length = this.#varint();
      if (!(length <= this.#end - this.#at)) return this.#damaged();
      this.from = this.#at;
      this.#at += length;
      this.to = this.#at;
      return field;
    }
    const width = kind === FIXED64 ? 8 : kind === FIXED32 ? 4 : Number.NaN;
    if (!(width <= this.#end - this.#at)) return this.#damaged();
    this.#at += width;
    return field;
  }

  /** The found field as decimal text → whole steps; NaN for what core's `bytesToSteps` refuses. */
  steps(step: DecimalStep): number {
    return this.from < 0 ? Number.NaN : bytesToSteps(this.#bytes, this.from, this.to, step);
  }

  /** The found field as text of digits → an id below 2^53; NaN for anything else. */
  digits(): number {
    const { from, to } = this;
    if (from < 0 || to === from || to - from > 16) return Number.NaN;
    let value = 0;
    for (let at = from; at < to; at++) {
      const digit = (this.#bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      value = value * 10 + digit;
    }
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
  }

  /** Seven bits a byte, the lowest first. Ten bytes at most; what is beyond 2^53 − 1 reads as NaN. */
  #varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length++) {
      if (this.#at >= this.#end) break;
      const byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
      scale *= 128;
    }
    this.#damaged();
    return Number.NaN;
  }

  #damaged(): 0 {
    this.#sound = false;
    this.#at = this.#end;
    return 0;
  }
}
