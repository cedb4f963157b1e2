import type { Tensor } from './graph.ts';
import { broadcast, type Dim, isSymbolic, positiveAxis, product, sameShape, type Shape, staticDim } from './shape.ts';

/**
 * Differentiable operators, one ordinary ONNX node each (opset 18). Shapes are checked when a node is made.
 * Only operators with WebGPU kernels are used: no Sign, LogSoftmax or OneHot.
 */

export function add(a: Tensor, b: Tensor): Tensor {
  return binary('Add', a, b, (g) => [unbroadcast(g, a.shape), unbroadcast(g, b.shape)]);
}

export function sub(a: Tensor, b: Tensor): Tensor {
  return binary('Sub', a, b, (g) => [unbroadcast(g, a.shape), unbroadcast(neg(g), b.shape)]);
}

export function mul(a: Tensor, b: Tensor): Tensor {
  return binary('Mul', a, b, (g) => [unbroadcast(mul(g, b), a.shape), unbroadcast(mul(g, a), b.shape)]);
}

export function div(a: Tensor, b: Tensor): Tensor {
  const quotient: Tensor = binary('Div', a, b, (g) => {
    const scaled = div(g, b);
    return [unbroadcast(scaled, a.shape), unbroadcast(neg(mul(scaled, quotient)), b.shape)];
  });
  return quotient;
}

export function neg(x: Tensor): Tensor {
  return unary('Neg', x, (g) => neg(g));
}

export function exp(x: Tensor): Tensor {
  const y: Tensor = unary('Exp', x, (g) => mul(g, y));
  return y;
}

export function log(x: Tensor): Tensor {
  return unary('Log', x, (g) => div(g, x));
}

export function sqrt(x: Tensor): Tensor {
  const y: Tensor = unary('Sqrt', x, (g) => div(mul(g, x.graph.scalar(0.5)), y));
  return y;
}

/** max(x, 0). The derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  const zero = x.graph.scalar(0);
  const y: Tensor = unary('Relu', x, (g) => where(greater(y, zero), g, zero));
  return y;
}

/** `x` held within [low, high]; no gradient passes. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const { graph } = x;
  return graph.node({ op: 'Clip', inputs: [x, graph.scalar(low), graph.scalar(high)], shape: x.shape, type: x.type });
}

export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcast(condition.shape, broadcast(a.shape, b.shape));
  const zero = a.graph.scalar(0);
  return a.graph.node({
    op: 'Where',
    inputs: [condition, a, b],
    shape,
    type: a.type,
    derivative: (g) => [
      undefined,
      unbroadcast(where(condition, g, zero), a.shape),
      unbroadcast(where(condition, zero, g), b.shape),
    ],
  });
}

export function greater(a: Tensor, b: Tensor): Tensor {
  return a.graph.node({ op: 'Greater', inputs: [a, b], shape: broadcast(a.shape, b.shape), type: 'bool' });
}

export function equal(a: Tensor, b: Tensor): Tensor {
  return a.graph.node({ op: 'Equal', inputs: [a, b], shape: broadcast(a.shape, b.shape), type: 'bool' });
}

const ONNX_TYPE = { float32: 1, float64: 11 } as const;

/** True → 1, false → 0, in the graph's float type. */
export function toFloat(x: Tensor): Tensor {
  const type = x.graph.floatType;
  return x.graph.node({ op: 'Cast', inputs: [x], shape: x.shape, type, attributes: { to: ONNX_TYPE[type] } });
}

/**
 * `a·b + c` of matrices, either transposed first; `c` broadcasts over rows.
 * Both derivatives are again one Gemm each, with transposition by attribute.
 */
export function gemm(a: Tensor, b: Tensor, options: { transA?: boolean; transB?: boolean; c?: Tensor } = {}): Tensor {
  const { transA = false, transB = false, c } = options;
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new Error(`Gemm of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  const [rows, inner] = transA ? [a.shape[1], a.shape[0]] : [a.shape[0], a.shape[1]];
  const [innerB, columns] = transB ? [b.shape[1], b.shape[0]] : [b.shape[0], b.shape[1]];
  if (inner !== innerB || rows === undefined || columns === undefined) {
    throw new Error(`Gemm of [${a.shape.join(', ')}]${transA ? 'ᵀ' : ''} and [${b.shape.join(', ')}]${transB ? 'ᵀ' : ''}`);
  }
  return a.graph.node({
    op: 'Gemm',
    inputs: c === undefined ? [a, b] : [a, b, c],
    shape: [rows, columns],
    type: a.type,
    attributes: { transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
    derivative: (g) => [
      transA ? gemm(b, g, { transA: transB, transB: true }) : gemm(g, b, { transB: !transB }),
      transB ? gemm(g, a, { transA: true, transB: transA }) : gemm(a, g, { transA: !transA }),
      c === undefined ? undefined : unbroadcast(g, c.shape),
    ],
  });
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (product(x.shape) !== product(shape)) throw new Error(`[${x.shape.join(', ')}] does not reshape to [${shape.join(', ')}]`);
  return x.graph.node({
    op: 'Reshape',
    inputs: [x, x.graph.int64(shape.map((dim) => (isSymbolic(dim) ? -1 : dim)))],
    shape,
    type: x.type,
    derivative: (g) => [reshape(g, x.shape), undefined],
  });
}

/** Output axis `i` is input axis `order[i]`. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return x.graph.node({
    op: 'Transpose',
    inputs: [x],
    shape: order.map((axis) => x.shape[axis] as Dim),
    type: x.type,
    attributes: { perm: [...order] },
    derivative: (g) => [transpose(g, inverse)],
  });
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to concatenate');
  const at = positiveAxis(first.shape, axis);
  const sizes = parts.map((part) => staticDim(part.shape, at));
  const shape = first.shape.map((dim, i) => (i === at ? sizes.reduce((sum, size) => sum + size, 0) : dim));
  for (const part of parts) {
    if (!part.shape.every((dim, i) => i === at || dim === shape[i]))
      throw new Error(`[${part.shape.join(', ')}] does not concatenate to [${shape.join(', ')}]`);
  }
  return first.graph.node({
    op: 'Concat',
    inputs: parts,
    shape,
    type: first.type,
    attributes: { axis: at },
    derivative: (g) => {
      let start = 0;
      return sizes.map((size) => {
        start += size;
        return slice(g, at, start - size, start);
      });
    },
  });
}

/** Elements [start, end) along `axis`. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = positiveAxis(x.shape, axis);
  const size = staticDim(x.shape, at);
  if (start < 0 || end > size || start >= end)
    throw new Error(`slice [${start}, ${end}) of axis ${at} of [${x.shape.join(', ')}]`);
  if (start === 0 && end === size) return x;
  const { graph } = x;
  return graph.node({
    op: 'Slice',
    inputs: [x, graph.int64([start]), graph.int64([end]), graph.int64([at])],
    shape: x.shape.map((dim, i) => (i === at ? end - start : dim)),
    type: x.type,
    derivative: (g) => [pad(g, at, start, size - end), undefined, undefined, undefined],
  });
}

/** The elements of `axis` in reverse order. */
export function reverse(x: Tensor, axis: number): Tensor {
  const at = positiveAxis(x.shape, axis);
  const { graph } = x;
  return graph.node({
    op: 'Slice',
    inputs: [x, graph.int64([-1]), graph.int64([-staticDim(x.shape, at) - 1]), graph.int64([at]), graph.int64([-1])],
    shape: x.shape,
    type: x.type,
    derivative: (g) => [reverse(g, at), undefined, undefined, undefined, undefined],
  });
}

/** `before` and `after` zeros added along `axis`. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const at = positiveAxis(x.shape, axis);
  const size = staticDim(x.shape, at);
  if (before === 0 && after === 0) return x;
  const pads = new Array<number>(x.shape.length * 2).fill(0);
  pads[at] = before;
  pads[at + x.shape.length] = after;
  return x.graph.node({
    op: 'Pad',
    inputs: [x, x.graph.int64(pads)],
    shape: x.shape.map((dim, i) => (i === at ? size + before + after : dim)),
    type: x.type,
    attributes: { mode: 'constant' },
    derivative: (g) => [slice(g, at, before, before + size), undefined],
  });
}

/** Sum over `axes`, which stay as dimensions of 1. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  return reduce('ReduceSum', x, axes, (g) => expand(g, x.shape));
}

/** Mean over `axes` (static), which stay as dimensions of 1. */
export function reduceMean(x: Tensor, axes: readonly number[]): Tensor {
  const count = axes.reduce((total, axis) => total * staticDim(x.shape, axis), 1);
  return reduce('ReduceMean', x, axes, (g) => expand(mul(g, x.graph.scalar(1 / count)), x.shape));
}

/** Maximum over `axes`, which stay as dimensions of 1. Elements that tie share the gradient. */
export function reduceMax(x: Tensor, axes: readonly number[]): Tensor {
  const y: Tensor = reduce('ReduceMax', x, axes, (g) => {
    const isMax = toFloat(equal(x, y));
    return mul(isMax, div(g, reduceSum(isMax, axes)));
  });
  return y;
}

/** The sum of every element, as a scalar. */
export function sumAll(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return axes.length === 0 ? x : reshape(reduceSum(x, axes), []);
}

/** `x` repeated up to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcast(x.shape, shape), shape))
    throw new Error(`[${x.shape.join(', ')}] does not expand to [${shape.join(', ')}]`);
  return x.graph.node({
    op: 'Expand',
    inputs: [x, x.graph.int64(shape.map((dim) => (isSymbolic(dim) ? 1 : dim)))],
    shape,
    type: x.type,
    derivative: (g) => [unbroadcast(g, x.shape), undefined],
  });
}

/** Sums `x` over the axes along which `shape` was broadcast to become `x.shape`. */
export function unbroadcast(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, axis) => (axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  return reshape(axes.length === 0 ? x : reduceSum(x, axes), shape);
}

function unary(op: string, x: Tensor, derivative: (g: Tensor) => Tensor): Tensor {
  return x.graph.node({ op, inputs: [x], shape: x.shape, type: x.type, derivative: (g) => [derivative(g)] });
}

function binary(op: string, a: Tensor, b: Tensor, derivative: (g: Tensor) => readonly Tensor[]): Tensor {
  if (a.type !== b.type) throw new Error(`${op} of ${a.type} and ${b.type}`);
  return a.graph.node({ op, inputs: [a, b], shape: broadcast(a.shape, b.shape), type: a.type, derivative });
}

function reduce(op: string, x: Tensor, axes: readonly number[], derivative: (g: Tensor) => Tensor): Tensor {
  const at = axes.map((axis) => positiveAxis(x.shape, axis));
  return x.graph.node({
    op,
    inputs: [x, x.graph.int64(at)],
    shape: x.shape.map((dim, i) => (at.includes(i) ? 1 : dim)),
    type: x.type,
    attributes: { keepdims: 1 },
    derivative: (g) => [derivative(g), undefined],
  });
}
