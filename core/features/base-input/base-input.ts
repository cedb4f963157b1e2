import type { BlockName } from './schema.ts';
import { BLOCKS, blockNamed, INPUT_LENGTH, PARAM_COUNT } from './schema.ts';

/** How much of a block there is and how far it can be trusted; each from 0 to 1 but the frames. */
export class BlockQuality {
  readonly name: BlockName;
  /** Frames, or what a block without frames is made of: minutes of context, figures, models. */
  expected = 0;
  frames = 0;
  /** Cells that are known, of `expectedCells`. */
  cells = 0;
  completeness = 0;
  freshness = 0;
  consistency = 0;
  score = 0;
  /** Checks made, and those that held. */
  checks = 0;
  held = 0;
  /** When the newest datum was complete; NaN when there is none. */
  newest = Number.NaN;

  constructor(name: BlockName) {
    this.name = name;
  }
}

/** Of the whole input: completeness weighted by block, the oldest block's freshness, the share of all checks that hold, their product. */
export interface WholeQuality {
  completeness: number;
  freshness: number;
  consistency: number;
  score: number;
}

/**
 * The one input of every model at one time: filled again and again by a `BaseInputBuilder`, so take copies of what is to be kept.
 * About 280 KB.
 */
export class BaseInput {
  symbol = '';
  /** Nothing later than this is in it. */
  t = Number.NaN;
  /** Normalised; blocks one after another, row-major. */
  readonly values = new Float32Array(INPUT_LENGTH);
  /** Pairs of mean and deviation, as `PARAM_NAMES`. */
  readonly params = new Float64Array(2 * PARAM_COUNT);
  /** By block: open time of its first and of its last known row, and how many are known. */
  readonly spans = new Float64Array(3 * BLOCKS.length);
  readonly blocks: readonly BlockQuality[] = BLOCKS.map(({ name }) => new BlockQuality(name));
  readonly quality: WholeQuality = { completeness: 0, freshness: 0, consistency: 0, score: 0 };

  /** The values of a block; a view, not a copy. */
  block(name: BlockName): Float32Array {
    const { offset, length } = blockNamed(name);
    return this.values.subarray(offset, offset + length);
  }
}
