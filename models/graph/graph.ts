import { product, type Shape } from './shape.ts';

export type FloatType = 'float32' | 'float64';
export type ElementType = FloatType | 'int32' | 'int64' | 'bool';
export type AttributeValue = number | string | readonly number[];
export type ConstantData = Float32Array | Float64Array | Int32Array | BigInt64Array;

/** Given the gradient of the output, the gradient of each input; `undefined` for an input that carries none. */
export type Derivative = (outputGradient: Tensor) => readonly (Tensor | undefined)[];

/** How a gradient passes from a tensor to those that it was computed from, past any nodes between. */
interface Derivation {
  readonly inputs: readonly Tensor[];
  readonly derivative: Derivative;
}

/** One value of a graph: an input, a constant, or the single output of an ONNX node. */
export interface Tensor {
  readonly graph: Graph;
  /** Position in the graph; what a tensor is computed from always has a lower one. */
  readonly index: number;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** ONNX operator; absent for inputs and constants. */
  readonly op?: string;
  /** An absent optional input of an operator is `undefined`. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly data?: ConstantData;
  derivation?: Derivation;
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly shape: Shape;
  readonly type: ElementType;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Absent when no gradient passes (comparisons, casts, labels). Answers one gradient per entry of `inputs`. */
  readonly derivative?: Derivative;
}

/** A graph under construction: an append-only list of tensors in topological order. */
export class Graph {
  /** Element type of every floating-point tensor: float32, or float64 to check gradients closely. */
  readonly floatType: FloatType;
  readonly tensors: Tensor[] = [];
  readonly inputs: Tensor[] = [];
  readonly outputs: { readonly name: string; readonly tensor: Tensor }[] = [];
  readonly #constants = new Map<string, Tensor>();

  constructor(floatType: FloatType = 'float32') {
    this.floatType = floatType;
  }

  input(name: string, shape: Shape, type: ElementType = this.floatType): Tensor {
    const tensor = this.#append({ name, type, shape });
    this.inputs.push(tensor);
    return tensor;
  }

  output(name: string, tensor: Tensor): void {
    this.outputs.push({ name, tensor });
  }

  node(spec: NodeSpec): Tensor {
    const { op, inputs, shape, type, attributes = {}, derivative } = spec;
    const tensor = this.#append({ name: `${op}_${this.tensors.length}`, type, shape, op, inputs, attributes });
    if (derivative !== undefined) {
      const present = inputs.flatMap((input, i) => (input === undefined ? [] : [{ input, i }]));
      tensor.derivation = {
        inputs: present.map(({ input }) => input),
        derivative: (gradient) => {
          const all = derivative(gradient);
          return present.map(({ i }) => all[i]);
        },
      };
    }
    return tensor;
  }

  /** A float constant in this graph's float type. */
  constant(values: ArrayLike<number>, shape: Shape): Tensor {
    const data = this.floatType === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
    return this.#constant(data, shape, this.floatType);
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  int32(values: readonly number[], shape: Shape = [values.length]): Tensor {
    return this.#constant(Int32Array.from(values), shape, 'int32');
  }

  /** Shapes, axes and offsets, as ONNX operators take them. */
  int64(values: readonly number[]): Tensor {
    return this.#constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  #constant(data: ConstantData, shape: Shape, type: ElementType): Tensor {
    if (product(shape) !== data.length) throw new Error(`${data.length} values for a constant of shape [${shape.join(', ')}]`);
    const key = data.length <= 16 ? `${type}[${shape.join(',')}]:${data.join(',')}` : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const tensor = this.#append({ name: `constant_${this.tensors.length}`, type, shape, data });
    if (key !== undefined) this.#constants.set(key, tensor);
    return tensor;
  }

  #append(
    fields: Pick<Tensor, 'name' | 'type' | 'shape'> & Partial<Pick<Tensor, 'op' | 'inputs' | 'attributes' | 'data'>>,
  ): Tensor {
    const tensor: Tensor = { inputs: [], attributes: {}, ...fields, graph: this, index: this.tensors.length };
    this.tensors.push(tensor);
    return tensor;
  }
}

/**
 * Replaces the way gradients pass through `tensor`: they go straight to `inputs`, past the nodes between.
 * For compositions whose combined derivative is cheaper or safer than the chain of its parts.
 */
export function withDerivative(tensor: Tensor, inputs: readonly Tensor[], derivative: Derivative): Tensor {
  tensor.derivation = { inputs, derivative };
  return tensor;
}
