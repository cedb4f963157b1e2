import type { PlacedBlock, ScaleGroup } from './schema.ts';

/** Below this a column differs only by rounding; dividing by it would turn rounding into a signal. */
const SMALLEST_STD = 1e-9;

/**
 * Measures a block's parameters over the known cells of `rows` rows from `cells[from]`, `stride` apart.
 * @param params pairs of mean and deviation, the block's own from its `paramOffset` on
 */
export function measureBlock(block: PlacedBlock, cells: Float64Array, from: number, stride: number, params: Float64Array): void {
  for (let g = 0; g < block.groups.length; g++) {
    const { scaling } = block.groups[g] as ScaleGroup;
    const at = 2 * (block.paramOffset + g);
    if (scaling === 'measured') measureGroup(block, g, cells, from, stride, params, at);
    else {
      params[at] = scaling.mean;
      params[at + 1] = scaling.std;
    }
  }
}

function measureGroup(
  block: PlacedBlock,
  group: number,
  cells: Float64Array,
  from: number,
  stride: number,
  params: Float64Array,
  at: number,
): void {
  const columns = block.measuredColumns[group] as Uint16Array;
  const end = from + block.rows * stride;
  let count = 0;
  // Deviations from the first known cell: one pass, and cents survive prices of tens of thousands.
  let shift = Number.NaN;
  let sum = 0;
  let squares = 0;
  for (let row = from; row < end; row += stride) {
    for (let k = 0; k < columns.length; k++) {
      const value = cells[row + (columns[k] as number)] as number;
      if (value !== value) continue;
      if (count === 0) shift = value;
      const away = value - shift;
      sum += away;
      squares += away * away;
      count++;
    }
  }
  if (count === 0) {
    params[at] = 0;
    params[at + 1] = 1;
    return;
  }
  const offset = sum / count;
  const variance = squares / count - offset * offset;
  const deviation = variance > 0 ? Math.sqrt(variance) : 0;
  params[at] = shift + offset;
  params[at + 1] = deviation > SMALLEST_STD * Math.max(1, Math.abs(shift)) ? deviation : 1;
}

/**
 * Writes the block's float32 values, normalised; a cell that is not known is 0. Answers how many are known.
 * The same cells and parameters give the same bits.
 */
export function normaliseBlock(
  block: PlacedBlock,
  cells: Float64Array,
  from: number,
  stride: number,
  params: Float64Array,
  out: Float32Array,
): number {
  const { rows, groupOf, paramOffset } = block;
  const width = groupOf.length;
  let known = 0;
  let to = block.offset;
  for (let row = from, r = 0; r < rows; r++, row += stride) {
    for (let c = 0; c < width; c++) {
      const value = cells[row + c] as number;
      if (value === value) {
        const pair = 2 * (paramOffset + (groupOf[c] as number));
        out[to] = (value - (params[pair] as number)) / (params[pair + 1] as number);
        known++;
      } else out[to] = 0;
      to++;
    }
  }
  return known;
}
