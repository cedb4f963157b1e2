import type { Fault } from './fault.ts';

export type Frame = string | Buffer;

/** Larger than the 16 MiB that the desk takes. */
const OVERSIZE_BYTES = 17 * 1024 * 1024;
const NESTING = 100_000;
const JUNK = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf8, 0x88, 0x0a, 0x7f, 0x01]);

/** Price and size of a level, as they may stand in a frame, that no client may believe. */
export const HOSTILE_LEVELS: readonly (readonly [price: string, size: string])[] = [
  ['1e308', '1'],
  ['9'.repeat(400), '1'],
  ['-100', '1'],
  ['NaN', 'NaN'],
  ['100', '-1'],
  ['100', '1e308'],
  ['Infinity', '-Infinity'],
  ['', ''],
];

/** Frames that belong to no stream. */
const HOSTILE_FRAMES: readonly Frame[] = [
  '',
  'null',
  '[]',
  '"text"',
  '{"stream":7,"topic":{},"params":[],"channel":null}',
  `${'['.repeat(NESTING)}${']'.repeat(NESTING)}`,
  `{"a":`.repeat(1_000),
  '\u0000\uffff\ud800',
  JUNK,
];

/** What scripted faults make of the next depth frame of each symbol. */
export class FrameFaults {
  readonly #marks = new Map<string, Fault['kind'][]>();
  readonly #held = new Map<string, Frame>();
  readonly #symbols: readonly string[];

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    for (const symbol of symbols) this.#marks.set(symbol, []);
  }

  mark(kind: Fault['kind']): void {
    for (const symbol of this.#symbols) this.#marks.get(symbol)?.push(kind);
  }

  /** Whether a fault of this kind waits for the symbol's next frame, which it then is taken from. */
  take(symbol: string, kind: Fault['kind']): boolean {
    const marks = this.#marks.get(symbol) as Fault['kind'][];
    const index = marks.indexOf(kind);
    if (index >= 0) marks.splice(index, 1);
    return index >= 0;
  }

  /** The frames that go out for one; `hostile` writes a depth frame with an impossible level. */
  frames(symbol: string, frame: Frame, hostile: (price: string, size: string) => Frame): readonly Frame[] {
    const marks = this.#marks.get(symbol) as Fault['kind'][];
    const held = this.#held.get(symbol);
    if (marks.length === 0 && held === undefined) return [frame];
    let out: Frame[] = [frame];
    for (const kind of marks.splice(0)) {
      if (kind === 'gap') out = [];
      else if (kind === 'duplicate') out = [...out, ...out];
      else if (kind === 'truncate') out = out.map(firstHalf);
      else if (kind === 'malformed') out = out.map(damaged);
      else if (kind === 'hostile')
        out = [...HOSTILE_FRAMES, ...HOSTILE_LEVELS.map(([price, size]) => hostile(price, size)), ...out];
      else if (kind === 'oversize') out = ['x'.repeat(OVERSIZE_BYTES), ...out];
      else if (kind === 'reorder' && held === undefined && out.length === 1) {
        this.#held.set(symbol, out[0] as Frame);
        out = [];
      }
    }
    if (held !== undefined) {
      out.push(held);
      this.#held.delete(symbol);
    }
    return out;
  }
}

/** As long as before, and no longer readable. */
function damaged(frame: Frame): Frame {
  if (typeof frame === 'string') return `${frame.slice(0, -1)},`;
  const bytes = Buffer.from(frame);
  bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 12);
  return bytes;
}

function firstHalf(frame: Frame): Frame {
  const half = Math.ceil(frame.length / 2);
  return typeof frame === 'string' ? frame.slice(0, half) : frame.subarray(0, half);
}
