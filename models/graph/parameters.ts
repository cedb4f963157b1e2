import { nextNormal, type Rng } from '../../core/base/rng.ts';
import { Graph, type Tensor } from './graph.ts';
import { reshape, slice } from './ops.ts';

/**
 * How a parameter starts.
 * `he`: normal with variance 2/fanIn, for layers followed by ReLU (He et al. 2015).
 * `lecun`: normal with variance 1/fanIn, for linear outputs. `zeros`: biases.
 */
export type Initialiser = { readonly kind: 'he' | 'lecun'; readonly fanIn: number } | { readonly kind: 'zeros' };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialiser: Initialiser;
  /** Weights decay, biases do not. */
  readonly decays: boolean;
}

export interface PlacedParameter extends ParameterSpec {
  /** First element in the flat vector. */
  readonly offset: number;
  readonly size: number;
}

/** Where each parameter lies in the one flat vector that is trained, stored and exported: first those that decay. */
export interface ParameterLayout {
  readonly parameters: readonly PlacedParameter[];
  readonly count: number;
  readonly decayingCount: number;
}

/** What a model function asks for its weights, whatever they turn out to be: slices of a flat input, or constants. */
export interface ModelContext {
  readonly graph: Graph;
  parameter(name: string, shape: readonly number[], initialiser: Initialiser): Tensor;
}

/** A model is one function, the same for training, evaluation and export. */
export type ModelFunction<Outputs> = (context: ModelContext, input: Tensor) => Outputs;

/** Runs the model function once, on a scratch graph, to learn which parameters it has. */
export function layOutParameters(model: (context: ModelContext) => unknown): ParameterLayout {
  const graph = new Graph();
  const specs = new Map<string, ParameterSpec>();
  model({
    graph,
    parameter(name, shape, initialiser) {
      if (specs.has(name)) throw new Error(`two parameters are named ${name}`);
      specs.set(name, { name, shape, initialiser, decays: initialiser.kind !== 'zeros' });
      return graph.input(name, shape);
    },
  });
  const ordered = [...specs.values()].sort((a, b) => Number(b.decays) - Number(a.decays));
  let offset = 0;
  const parameters = ordered.map((spec) => {
    const size = spec.shape.reduce((total, dim) => total * dim, 1);
    offset += size;
    return { ...spec, offset: offset - size, size };
  });
  const decayingCount = parameters.reduce((total, { decays, size }) => total + (decays ? size : 0), 0);
  return { parameters, count: offset, decayingCount };
}

/** First values of every parameter, in layout order: the same seed gives the same bits. */
export function initialiseParameters(layout: ParameterLayout, rng: Rng): Float32Array {
  const flat = new Float32Array(layout.count);
  for (const { initialiser, offset, size } of layout.parameters) {
    if (initialiser.kind === 'zeros') continue;
    const deviation = Math.sqrt((initialiser.kind === 'he' ? 2 : 1) / initialiser.fanIn);
    for (let i = 0; i < size; i++) flat[offset + i] = deviation * nextNormal(rng);
  }
  return flat;
}

export interface FlatParameters {
  readonly context: ModelContext;
  /** The tensors given out, in layout order; all of them once the model function has run. */
  leaves(): Tensor[];
}

/** Parameters as slices of one flat tensor [count]. */
export function flatParameters(flat: Tensor, layout: ParameterLayout): FlatParameters {
  const leaves = new Map<string, Tensor>();
  return {
    context: {
      graph: flat.graph,
      parameter(name) {
        const { offset, size, shape } = placeOf(layout, name);
        const leaf = reshape(slice(flat, 0, offset, offset + size), shape);
        leaves.set(name, leaf);
        return leaf;
      },
    },
    leaves: () =>
      layout.parameters.map(({ name }) => {
        const leaf = leaves.get(name);
        if (leaf === undefined) throw new Error(`the model did not ask for ${name}`);
        return leaf;
      }),
  };
}

/** Parameters as constants, for a model that is only run. */
export function constantParameters(graph: Graph, values: Float32Array, layout: ParameterLayout): ModelContext {
  if (values.length !== layout.count) throw new Error(`${values.length} parameter values for a layout of ${layout.count}`);
  return {
    graph,
    parameter(name) {
      const { offset, size, shape } = placeOf(layout, name);
      return graph.constant(values.subarray(offset, offset + size), shape);
    },
  };
}

function placeOf(layout: ParameterLayout, name: string): PlacedParameter {
  const place = layout.parameters.find((parameter) => parameter.name === name);
  if (place === undefined) throw new Error(`no parameter is named ${name}`);
  return place;
}
