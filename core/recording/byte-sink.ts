const NUMBER = new Float64Array(1);
const BYTES = new Uint8Array(NUMBER.buffer);
/** Below it a number is split into bytes by bit operations, which is faster. */
const SMALL = 0x8000_0000;

/** Bytes that are appended to; used again after `reset`. */
export class ByteSink {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** An integer in [0, 2^53) as LEB128: seven bits a byte, lowest first. */
  varint(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    const bytes = this.#bytes;
    let rest = value;
    while (rest >= SMALL) {
      bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** An integer in (−2^52, 2^52): zigzag, so that small ones of either sign are short. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(value: number): void {
    NUMBER[0] = value;
    this.bytes(BYTES);
  }

  /** UTF-16 code units, each as a varint: any text there can be, in one byte a character where it is ASCII. */
  text(value: string): void {
    this.varint(value.length);
    for (let i = 0; i < value.length; i++) this.varint(value.charCodeAt(i));
  }

  #grow(room: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + room));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a `ByteSink` wrote. Throws a RangeError at the end of the bytes. */
export class ByteSource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('the bytes end within a value');
    return value;
  }

  /** The next `count` bytes, not copied. */
  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError('the bytes end within a value');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  varint(): number {
    const bytes = this.#bytes;
    const end = bytes.length;
    let at = this.#at;
    let value = 0;
    // The first four bytes make an integer that bit operations can hold; few values have more.
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw new RangeError('the bytes end within a value');
      const byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) {
        this.#at = at;
        return value;
      }
    }
    for (let scale = 2 ** 28; ; scale *= 128) {
      if (at >= end) throw new RangeError('the bytes end within a value');
      const byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) {
        this.#at = at;
        return value;
      }
    }
  }

  signed(): number {
    const value = this.varint();
    if (value < SMALL) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  double(): number {
    BYTES.set(this.bytes(8));
    return NUMBER[0] as number;
  }

  text(): string {
    const length = this.varint();
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.varint());
    return text;
  }
}
