import { fail, type Failure } from '../../base/result.ts';
import type { BaseInput, BlockQuality } from './base-input.ts';
import { BLOCKS, type BlockName, FEWEST_FRAMES, LEAST_COMPLETENESS, type PlacedBlock, shapeText } from './schema.ts';

export type InputRefusal = Failure<'INPUT_INCOMPLETE'>;

/** The shape of what a block really holds: of a sequence its known frames, of a row its known figures. */
export function actualShape(block: PlacedBlock, { frames, cells, expected }: BlockQuality): readonly number[] {
  if (block.framed) return [frames, ...block.shape.slice(1)];
  if (block.rows === 1) return [cells];
  // The structure's rows are there as soon as it was analysed over all of its context.
  return frames >= expected ? block.shape : [0, ...block.shape.slice(1)];
}

/**
 * Whether a model that takes these blocks may run on an input, DOMAIN section 6: not with fewer than 100 frames in one of them, not with a
 * completeness below 0.8. Answers the reason against it, which names each block that is missing; undefined when it may run.
 * @param takes the blocks that the model takes; all of them when absent
 */
export function refuseInput(input: BaseInput, takes?: ReadonlySet<BlockName>): InputRefusal | undefined {
  let complete = 0;
  let weights = 0;
  let tooFew = false;
  for (const block of BLOCKS) {
    if (takes !== undefined && !takes.has(block.name)) continue;
    const quality = input.blocks[block.index] as BlockQuality;
    if (block.framed && quality.frames < FEWEST_FRAMES) tooFew = true;
    complete += block.weight * quality.completeness;
    weights += block.weight;
  }
  const completeness = weights === 0 ? 1 : complete / weights;
  if (!tooFew && completeness >= LEAST_COMPLETENESS) return undefined;
  const missing: string[] = [];
  for (const block of BLOCKS) {
    if (takes !== undefined && !takes.has(block.name)) continue;
    const quality = input.blocks[block.index] as BlockQuality;
    if (block.weight > 0 && isMissing(block, quality, completeness)) missing.push(missingText(block, quality));
  }
  const whole =
    completeness < LEAST_COMPLETENESS ? `completeness ${round(completeness)}, at least ${LEAST_COMPLETENESS} wanted; ` : '';
  return fail('INPUT_INCOMPLETE', `${input.symbol}: no model may run: ${whole}${missing.join('; ')}.`, {
    retryable: true,
  }).error;
}

function isMissing({ framed }: PlacedBlock, { frames, completeness }: BlockQuality, whole: number): boolean {
  if (framed && frames < FEWEST_FRAMES) return true;
  return whole < LEAST_COMPLETENESS && completeness < LEAST_COMPLETENESS;
}

function missingText(block: PlacedBlock, quality: BlockQuality): string {
  const { name, shape } = block;
  const { frames, expected, completeness } = quality;
  const actual = actualShape(block, quality);
  const text = `${name}: expected ${shapeText(shape)}, got ${shapeText(actual)}`;
  if (block.name === 'pivots' || block.name === 'trends') return `${text} (${frames} of ${expected} minutes of context)`;
  const ofFrames = block.framed ? frames / expected : completeness;
  return completeness < ofFrames ? `${text} with ${round(completeness / ofFrames)} of their cells` : text;
}

function round(share: number): number {
  return Math.floor(100 * share) / 100;
}
