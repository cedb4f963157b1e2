/**
 * Shapes of graph tensors. A dimension is a number, or a whole multiple of the batch size where that is left open
 * (`batch*64` is 64 rows per example): training graphs are static, inference graphs keep the batch symbolic.
 */
export type BatchDim = `batch*${number}`;
export type Dim = number | BatchDim;
export type Shape = readonly Dim[];

export const BATCH: BatchDim = 'batch*1';

export function isSymbolic(dim: Dim): dim is BatchDim {
  return typeof dim === 'string';
}

/** How many elements of the tensor belong to one example along this dimension. */
function multipleOf(dim: Dim): number {
  return isSymbolic(dim) ? Number(dim.slice('batch*'.length)) : dim;
}

/** The product of dimensions, at most one of which may be symbolic. */
export function product(dims: Shape): Dim {
  let times = 1;
  let symbolic = 0;
  for (const dim of dims) {
    times *= multipleOf(dim);
    if (isSymbolic(dim)) symbolic++;
  }
  if (symbolic > 1) throw new Error(`more than one symbolic dimension in [${dims.join(', ')}]`);
  return symbolic === 1 ? `batch*${times}` : times;
}

/** Numpy broadcasting. Throws when the shapes do not fit: that is an error in the model's code. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    out.push(left === 1 ? right : left);
  }
  return out;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The dimension at `axis` (negative counts from the end) as a number. Throws when it is symbolic or absent. */
export function staticDim(shape: Shape, axis: number): number {
  const dim = shape.at(axis);
  if (typeof dim !== 'number') throw new Error(`dimension ${axis} of [${shape.join(', ')}] is not static`);
  return dim;
}

export function positiveAxis(shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (positive < 0 || positive >= shape.length) throw new Error(`axis ${axis} is outside [${shape.join(', ')}]`);
  return positive;
}
