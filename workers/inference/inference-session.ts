import { InferenceSession, Tensor } from 'onnxruntime-node';
import { fail, ok, reasonOf, type Failure, type Result } from '../../core/base/result.ts';
import { ACTIONS, DIRECTIONS, HORIZONS_MIN } from '../../core/contracts/learning.ts';
import { CANDLE_WINDOW } from '../../core/features/candle-window.ts';

export type ModelFailure = Failure<'MODEL_UNUSABLE' | 'MODEL_RUN_FAILED'>;

type Triple = [number, number, number];

export interface ModelAnswer {
  readonly action: Triple;
  /** One per horizon of HORIZONS_MIN. */
  readonly directions: Triple[];
  readonly expectedReturns: number[];
}

/** A model ready to answer. */
export interface Model {
  /** `x`: one window, length × channels. Not to be changed before the answer. */
  run(x: Float32Array): Promise<Result<ModelAnswer, ModelFailure>>;
  /** Frees the session once the runs in progress have ended. */
  release(): void;
}

const OUTPUTS = ['action', 'directions', 'returns'] as const;
const SIZES = {
  action: ACTIONS.length,
  directions: HORIZONS_MIN.length * DIRECTIONS.length,
  returns: HORIZONS_MIN.length,
} as const;
/** Errors only: a warning per node says nothing to a user. */
const LOG_ERRORS = 3;
/** One window at a time gains nothing from more, and the host needs the other cores. */
const THREADS = 1;

/**
 * Creates a CPU session for a checkpoint's ONNX model and runs it once, so that the first prediction is not the slow one and a
 * model that cannot answer is refused here. MODEL_UNUSABLE says why.
 */
export async function openModel(onnx: Uint8Array): Promise<Result<Model, ModelFailure>> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(onnx, {
      executionProviders: ['cpu'],
      intraOpNumThreads: THREADS,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS,
    });
  } catch (thrown) {
    return fail('MODEL_UNUSABLE', 'The checkpoint holds no model that this version can run: choose another or train again.', {
      detail: reasonOf(thrown),
    });
  }
  const model = modelOf(session);
  const warmUp = await model.run(new Float32Array(CANDLE_WINDOW.length * CANDLE_WINDOW.channels));
  if (warmUp.ok) return ok(model);
  model.release();
  return fail('MODEL_UNUSABLE', `The checkpoint's model does not answer as expected: ${warmUp.error.message}`, {
    detail: warmUp.error.detail ?? '',
  });
}

function modelOf(session: InferenceSession): Model {
  let running = 0;
  let released = false;
  const releaseWhenIdle = (): void => {
    if (released && running === 0) void session.release();
  };
  return {
    async run(x) {
      running++;
      try {
        const input = new Tensor('float32', x, [1, CANDLE_WINDOW.length, CANDLE_WINDOW.channels]);
        return answerOf(await session.run({ x: input }, OUTPUTS));
      } catch (thrown) {
        return fail('MODEL_RUN_FAILED', 'the model could not be run', { detail: reasonOf(thrown) });
      } finally {
        running--;
        releaseWhenIdle();
      }
    },
    release() {
      if (released) return;
      released = true;
      releaseWhenIdle();
    },
  };
}

function answerOf(outputs: InferenceSession.OnnxValueMapType): Result<ModelAnswer, ModelFailure> {
  const values: Partial<Record<(typeof OUTPUTS)[number], Float32Array>> = {};
  for (const name of OUTPUTS) {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array) || data.length !== SIZES[name]) {
      return fail(
        'MODEL_RUN_FAILED',
        `output ${name} must be ${SIZES[name]} float32 values, got ${data instanceof Float32Array ? data.length : typeof data}`,
      );
    }
    if (!data.every(Number.isFinite)) return fail('MODEL_RUN_FAILED', `output ${name} holds a value that is not a number`);
    values[name] = data;
  }
  const { action, directions, returns } = values as Record<(typeof OUTPUTS)[number], Float32Array>;
  return ok({
    action: triple(action, 0),
    directions: HORIZONS_MIN.map((_, h) => triple(directions, h * DIRECTIONS.length)),
    expectedReturns: [...returns],
  });
}

function triple(values: Float32Array, offset: number): Triple {
  return [values[offset] as number, values[offset + 1] as number, values[offset + 2] as number];
}
