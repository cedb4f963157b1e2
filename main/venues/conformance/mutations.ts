import { nextInt, type Rng } from '../../../core/base/rng.ts';
import type { Frame } from './venue-conformance.ts';

const HOSTILE = [
  'null',
  'NaN',
  '-1',
  '1e999',
  '"-0.5"',
  '"1e9"',
  '"Infinity"',
  '""',
  '{}',
  '[]',
  '[[]]',
  'true',
  '9007199254740993',
];
/** What is no message of any venue. */
export const WHOLE: readonly Frame[] = [
  '',
  'null',
  '[]',
  '{}',
  '[[[[]]]]',
  '0',
  '"text"',
  '{"data":null}',
  '{"stream":1}',
  '{"topic":[]}',
  'garbage',
  '\u0000',
  `${'['.repeat(5_000)}`,
  Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  Buffer.alloc(0),
];

/**
 * A damaged copy of one of `frames`, of which only that one is made: cut, bytes changed or swapped, values replaced by hostile ones.
 * Always the same for a seed.
 */
export function mutated(frames: readonly (() => Frame)[], rng: Rng): Frame {
  const choice = nextInt(rng, 12);
  if (choice === 0) return WHOLE[nextInt(rng, WHOLE.length)] as Frame;
  const frame = (frames[nextInt(rng, frames.length)] as () => Frame)();
  if (typeof frame === 'string' && choice < 6) {
    // One value of the JSON, whichever its kind.
    const values = [...frame.matchAll(/(?<=[:,[])("[^"]*"|-?[\d.]+|true|false|null)(?=[,\]}])/g)];
    const value = values[nextInt(rng, Math.max(1, values.length))];
    if (value !== undefined) {
      const hostile = HOSTILE[nextInt(rng, HOSTILE.length)] as string;
      return frame.slice(0, value.index) + hostile + frame.slice(value.index + value[0].length);
    }
  }
  const bytes = Buffer.from(frame as string);
  if (bytes.length === 0) return frame;
  if (choice < 8) return sameKind(frame, bytes.subarray(0, nextInt(rng, bytes.length)));
  const hits = 1 + nextInt(rng, 4);
  for (let i = 0; i < hits; i++) bytes[nextInt(rng, bytes.length)] = nextInt(rng, choice < 10 ? 128 : 256);
  return sameKind(frame, bytes);
}

/** Some of the message's beginning, never all of it. */
export function truncated(frame: Frame, rng: Rng): Frame {
  return typeof frame === 'string' ? frame.slice(0, nextInt(rng, frame.length)) : frame.subarray(0, nextInt(rng, frame.length));
}

const SENSELESS = ['null', '"NaN"', '"1e999"', '"x"', '""', '{}', '[[]]', 'true'];

/**
 * One number of the message replaced by what is none: a price, a quantity, an id, a time. Another number in its place would be a
 * message like any other; that such a one does not arrive is TCP's affair.
 */
export function withoutSense(frame: Frame, rng: Rng): Frame {
  if (typeof frame === 'string') {
    const numbers = [...frame.matchAll(/(?<=[:,[])("-?[\d.]+"|-?[\d.]+)(?=[,\]}])/g)];
    const number = numbers[nextInt(rng, numbers.length)] as RegExpMatchArray;
    const senseless = SENSELESS[nextInt(rng, SENSELESS.length)] as string;
    return frame.slice(0, number.index) + senseless + frame.slice((number.index as number) + number[0].length);
  }
  const bytes = Buffer.from(frame);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    // Packed: any other byte is noticed when it is unpacked.
    const at = 10 + nextInt(rng, bytes.length - 10);
    bytes[at] = (bytes[at] as number) ^ (1 + nextInt(rng, 255));
    return bytes;
  }
  const digits = [...bytes.keys()].filter((at) => (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39);
  bytes[digits[nextInt(rng, digits.length)] as number] = 0x78;
  return bytes;
}

function sameKind(frame: Frame, bytes: Buffer): Frame {
  return typeof frame === 'string' ? bytes.toString('latin1') : bytes;
}
