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

/** The values of a float output. Throws when there is no such output: graph and reader ship together. */
export function floatsOf(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`there is no float32 output ${name}`);
  return data;
}

/** As `floatsOf`, of a graph built in float64. */
export function doublesOf(outputs: InferenceSession.OnnxValueMapType, name: string): Float64Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float64Array)) throw new Error(`there is no float64 output ${name}`);
  return data;
}
