import type { Tensor } from './graph.ts';
import { add, clip, concat, div, exp, mul, pad, reshape, slice, sqrt, sub, sumAll } from './ops.ts';
import type { ParameterLayout } from './parameters.ts';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: each step takes learningRate × weightDecay of every decaying parameter away. */
  readonly weightDecay: number;
  /** The gradient is scaled down to this Euclidean norm when it is longer. */
  readonly maxGradientNorm: number;
}

export interface AdamWState {
  /** Flat vectors [count]. */
  readonly parameters: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/**
 * One AdamW step on flat vectors, with bias correction and clipping by the global norm.
 * `step` counts from 1; it and `learningRate` have one element.
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
 */
export function adamW(
  state: AdamWState,
  gradient: Tensor,
  step: Tensor,
  learningRate: Tensor,
  layout: ParameterLayout,
  options: AdamWOptions,
): AdamWState & { readonly gradientNorm: Tensor } {
  const { graph } = gradient;
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = options;
  const scalar = (value: number) => graph.scalar(value);

  const gradientNorm = sqrt(sumAll(mul(gradient, gradient)));
  const scale = clip(div(scalar(maxGradientNorm), add(gradientNorm, scalar(1e-12))), 0, 1);
  const clipped = mul(gradient, scale);

  const m = add(mul(state.m, scalar(beta1)), mul(clipped, scalar(1 - beta1)));
  const v = add(mul(state.v, scalar(beta2)), mul(mul(clipped, clipped), scalar(1 - beta2)));
  // 1 − βᵗ, with the power as an exponential: one kernel that every provider has.
  const correction = (beta: number) => sub(scalar(1), exp(mul(step, scalar(Math.log(beta)))));
  const direction = div(div(m, correction(beta1)), add(sqrt(div(v, correction(beta2))), scalar(epsilon)));

  const decaying = pad(slice(state.parameters, 0, 0, layout.decayingCount), 0, 0, layout.count - layout.decayingCount);
  const move = add(direction, mul(decaying, scalar(weightDecay)));
  return { parameters: sub(state.parameters, mul(move, learningRate)), m, v, gradientNorm };
}

/** Gradients of each parameter, in layout order, as one flat vector [count]. */
export function flatten(gradients: readonly Tensor[], layout: ParameterLayout): Tensor {
  return concat(
    gradients.map((gradient, i) => reshape(gradient, [layout.parameters[i]?.size ?? 0])),
    0,
  );
}
