/** Kinds of field on the wire. Source: Protocol Buffers documentation, "Encoding". */
const VARINT = 0;
const LENGTH = 2;
const START_BYTES = 4_096;
/** What a number may take: 2^53 in sevens of bits. */
const VARINT_BYTES_MAX = 10;

/** Writes protobuf messages one field after another into a buffer that grows and is used again. */
export class ProtoWriter {
  #bytes = Buffer.allocUnsafe(START_BYTES);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  clear(): this {
    this.#at = 0;
    return this;
  }

  /** What was written, on its own. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  /** `value` is a whole number from 0 to 2^53. */
  int(field: number, value: number): this {
    this.#reserve(2 * VARINT_BYTES_MAX);
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  /** ASCII text. */
  text(field: number, value: string): this {
    this.#reserve(2 * VARINT_BYTES_MAX + value.length);
    this.#varint(field * 8 + LENGTH);
    this.#varint(value.length);
    this.#at += this.#bytes.write(value, this.#at, 'latin1');
    return this;
  }

  /** Another message as a field. */
  message(field: number, inner: ProtoWriter): this {
    this.#reserve(2 * VARINT_BYTES_MAX + inner.#at);
    this.#varint(field * 8 + LENGTH);
    this.#varint(inner.#at);
    inner.#bytes.copy(this.#bytes, this.#at, 0, inner.#at);
    this.#at += inner.#at;
    return this;
  }

  /** Seven bits a byte, the lowest first. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
