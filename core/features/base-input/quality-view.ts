import type { InputBlockQuality, InputQuality } from '../../contracts/base-input.ts';
import type { BaseInput, BlockQuality } from './base-input.ts';
import { actualShape, refuseInput } from './gate.ts';
import { baseInputSchemaHash, BLOCKS, type PlacedBlock } from './schema.ts';

/** An input's quality in plain objects, with the reason against running a model on it. */
export function qualityView(input: BaseInput): InputQuality {
  const refusal = refuseInput(input);
  return {
    symbol: input.symbol,
    t: input.t,
    schemaHash: baseInputSchemaHash,
    blocks: BLOCKS.map((block) => blockView(block, input.blocks[block.index] as BlockQuality)),
    ...input.quality,
    ...(refusal === undefined ? {} : { refusal: refusal.message }),
  };
}

function blockView(block: PlacedBlock, quality: BlockQuality): InputBlockQuality {
  const { name, frames, expected, completeness, freshness, consistency, score, newest } = quality;
  return {
    name,
    expectedShape: [...block.shape],
    actualShape: [...actualShape(block, quality)],
    unit: unitOf(block),
    frames,
    expected,
    completeness,
    freshness,
    consistency,
    score,
    counts: block.weight > 0,
    ...(Number.isNaN(newest) ? {} : { newest }),
  };
}

function unitOf({ name, framed, weight }: PlacedBlock): InputBlockQuality['unit'] {
  if (framed) return 'frames';
  if (name === 'pivots' || name === 'trends') return 'minutes';
  return weight > 0 ? 'figures' : 'models';
}
