import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * Loads a training or evaluation graph on the CPU with one thread: it leaves the other cores to market data and the window,
 * and makes sums come out in the same order every time, so a seed gives the same parameters to the last bit.
 */
export function openSession(model: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
}

/** A float tensor over `data`, not a copy: what is written to one is seen in the other. */
export function floats(data: Float32Array, shape: readonly number[] = [data.length]): Tensor {
  return new Tensor('float32', data, shape);
}

export function ints(data: Int32Array, shape: readonly number[] = [data.length]): Tensor {
  return new Tensor('int32', data, shape);
}
