import type { Tensor } from './graph.ts';
import { add, expand } from './ops.ts';
import { product } from './shape.ts';

/**
 * Reverse-mode differentiation: appends the nodes that compute d`loss`/d`leaf` for each leaf, in the leaf's shape.
 * `loss` has one element. A leaf that `loss` does not depend on is an error in the model's code and throws.
 * Nodes that turn out not to be needed are left out when the graph is written.
 */
export function gradients(loss: Tensor, leaves: readonly Tensor[]): Tensor[] {
  if (product(loss.shape) !== 1) throw new Error(`the loss has shape [${loss.shape.join(', ')}], not one element`);
  const { graph } = loss;
  const forward = graph.tensors.slice(0, loss.index + 1);

  const depends = new Set<Tensor>(leaves);
  for (const tensor of forward) {
    if (tensor.derivation?.inputs.some((input) => depends.has(input))) depends.add(tensor);
  }

  const gradientOf = new Map<Tensor, Tensor>([[loss, expand(graph.scalar(1), loss.shape)]]);
  const leafSet = new Set(leaves);
  for (const tensor of forward.reverse()) {
    const gradient = gradientOf.get(tensor);
    if (gradient === undefined || tensor.derivation === undefined || leafSet.has(tensor) || !depends.has(tensor)) continue;
    const { inputs, derivative } = tensor.derivation;
    derivative(gradient).forEach((part, i) => {
      const input = inputs[i];
      if (input === undefined || part === undefined || !depends.has(input)) return;
      const sum = gradientOf.get(input);
      gradientOf.set(input, sum === undefined ? part : add(sum, part));
    });
  }

  return leaves.map((leaf) => {
    const gradient = gradientOf.get(leaf);
    if (gradient === undefined) throw new Error(`the loss does not depend on ${leaf.name}`);
    return gradient;
  });
}
