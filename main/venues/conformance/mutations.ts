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
const WHOLE: readonly Frame[] = [
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

/** A damaged copy of one of `frames`: cut, bytes changed or swapped, values replaced by hostile ones. Always the same for a seed. */
export function mutated(frames: readonly Frame[], rng: Rng): Frame {
  const choice = nextInt(rng, 12);
  if (choice === 0) return WHOLE[nextInt(rng, WHOLE.length)] as Frame;
  const frame = frames[nextInt(rng, frames.length)] as Frame;
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

function sameKind(frame: Frame, bytes: Buffer): Frame {
  return typeof frame === 'string' ? bytes.toString('latin1') : bytes;
}
