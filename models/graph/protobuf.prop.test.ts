import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufWriter, utf8 } from './protobuf.ts';

/** Any code point that stands alone. fast-check's own unit `binary` lists all of them first, which takes longer than the tests. */
const anyCharacter = fc.nat(0x10f7ff).map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

type Field = { readonly field: number; readonly value: bigint | Uint8Array };

/** Reads wire types 0, 2 and 5, one bit of the specification at a time. */
function decode(bytes: Uint8Array): Field[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const take = (length: number): Uint8Array => bytes.slice(at, (at += length));
  const fields: Field[] = [];
  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (wireType !== 0 && wireType !== 2 && wireType !== 5) throw new Error(`wire type ${wireType}`);
    const value = wireType === 0 ? varint() : take(wireType === 5 ? 4 : Number(varint()));
    fields.push({ field: tag >> 3, value });
  }
  return fields;
}

const field = fc.integer({ min: 1, max: 100_000 });
const whole = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

describe('the protobuf writer', () => {
  it('writes integers that read back, negative ones as 64-bit two’s complement', () => {
    fc.assert(
      fc.property(field, whole, (number, value) => {
        const [read] = decode(new ProtobufWriter().int(number, value).finish());
        expect(read?.field).toBe(number);
        expect(BigInt.asIntN(64, read?.value as bigint)).toBe(BigInt(value));
      }),
    );
  });

  it('writes floats as float32', () => {
    fc.assert(
      fc.property(field, fc.float({ noNaN: true }), (number, value) => {
        const [read] = decode(new ProtobufWriter().float(number, value).finish());
        expect(new DataView((read?.value as Uint8Array).buffer).getFloat32(0, true)).toBe(value);
      }),
    );
  });

  it('writes nested messages, text and bytes of any length in order', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter }),
        fc.uint8Array({ maxLength: 5_000 }),
        fc.array(whole),
        (text, bytes, ints) => {
          const written = new ProtobufWriter()
            .message(7, (nested) => nested.text(1, text).packedInts(2, ints))
            .bytes(8, bytes)
            .finish();
          const [message, rest] = decode(written);
          expect([message?.field, rest?.field]).toEqual([7, 8]);
          expect(rest?.value).toEqual(bytes);
          const [textField, intsField] = decode(message?.value as Uint8Array);
          expect(new TextDecoder().decode(textField?.value as Uint8Array)).toBe(text);
          // A packed list is varints one after the other: give each a tag to read it back.
          const tagged: number[] = [];
          let fresh = true;
          for (const byte of intsField?.value as Uint8Array) {
            if (fresh) tagged.push(8);
            tagged.push(byte);
            fresh = byte < 128;
          }
          expect(decode(Uint8Array.from(tagged)).map(({ value }) => Number(BigInt.asIntN(64, value as bigint)))).toEqual(
            ints.map((i) => i + 0),
          );
        },
      ),
    );
  });

  it('encodes text as TextEncoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(utf8(text)).toEqual(new TextEncoder().encode(text));
      }),
    );
  });

  it('refuses what a varint cannot hold', () => {
    expect(() => new ProtobufWriter().int(1, 1.5)).toThrow(RangeError);
    expect(() => new ProtobufWriter().int(1, 2 ** 53)).toThrow(RangeError);
  });
});
