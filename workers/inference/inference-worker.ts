import { fail, ok, reasonOf, type Failure, type Result } from '../../core/base/result.ts';
import type { CheckpointManifest } from '../../core/contracts/learning.ts';
import type { FromInferenceWorker, ToInferenceWorker } from '../../core/contracts/worker-protocol.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash, writeCandleWindow } from '../../core/features/candle-window.ts';
import type { WorkerPort } from '../transport/port.ts';
import { type Model, openModel } from './inference-session.ts';

/** Reads and verifies a checkpoint folder: manifest, hashes, and that its input layout is `schemaHash`. */
export type ReadCheckpoint = (
  folder: string,
  schemaHash: string,
) => Promise<Result<{ readonly manifest: CheckpointManifest; readonly model: Uint8Array }>>;

interface LoadedModel {
  readonly manifest: CheckpointManifest;
  readonly model: Model;
}

type Request<Kind extends ToInferenceWorker['kind']> = Extract<ToInferenceWorker, { kind: Kind }>;

/**
 * Answers `ToInferenceWorker` on `port`: one model per symbol. A new checkpoint is verified, opened and warmed up while the one
 * before goes on answering, and takes over only when it is ready; when it fails, nothing changes. Every request with an id is
 * answered once.
 */
export function createInferenceWorker(port: WorkerPort, readCheckpoint: ReadCheckpoint): void {
  const models = new Map<string, LoadedModel>();
  /** Loads and unloads take effect in the order in which they were asked for. */
  let changes: Promise<void> = Promise.resolve();
  const post = (message: FromInferenceWorker): void => port.post(message);
  const swap = (symbol: string, next: LoadedModel | undefined): void => {
    models.get(symbol)?.model.release();
    if (next === undefined) models.delete(symbol);
    else models.set(symbol, next);
  };

  const load = async ({ requestId, symbol, folder }: Request<'load'>): Promise<void> => {
    const startedAt = performance.now();
    const opened = await openCheckpoint(folder, symbol, readCheckpoint);
    if (!opened.ok) return post({ kind: 'failed', requestId, error: opened.error });
    swap(symbol, opened.value);
    post({ kind: 'loaded', requestId, manifest: opened.value.manifest, loadMs: performance.now() - startedAt });
  };

  const predict = async ({ requestId, symbol, candles }: Request<'predict'>): Promise<void> => {
    const startedAt = performance.now();
    const loaded = models.get(symbol);
    if (loaded === undefined) {
      return post({
        kind: 'failed',
        requestId,
        error: fail('NO_MODEL', `no model is loaded for ${symbol}`, { retryable: true }).error,
      });
    }
    const x = new Float32Array(CANDLE_WINDOW.length * CANDLE_WINDOW.channels);
    if (candles.openTime.length === 0) {
      return post({
        kind: 'failed',
        requestId,
        error: fail('WINDOW_TOO_SHORT', `a window needs ${CANDLE_WINDOW.length} closed 1m candles, there are 0`).error,
      });
    }
    const window = writeCandleWindow(candles, candles.openTime.length - 1, x, 0);
    if (!window.ok) return post({ kind: 'failed', requestId, error: window.error });
    const answer = await loaded.model.run(x);
    if (!answer.ok) return post({ kind: 'failed', requestId, error: answer.error });
    post({
      kind: 'predicted',
      requestId,
      checkpointId: loaded.manifest.id,
      ...answer.value,
      normParams: window.value,
      latencyMs: performance.now() - startedAt,
    });
  };

  /** Whatever goes wrong, the host gets an answer. */
  const answered = (requestId: number, work: Promise<void>): Promise<void> =>
    work.catch((thrown: unknown) => post({ kind: 'failed', requestId, error: unexpected(thrown) }));

  port.onMessage((message) => {
    const request = message as ToInferenceWorker;
    switch (request.kind) {
      case 'load':
        changes = changes.then(() => answered(request.requestId, load(request)));
        break;
      case 'unload':
        changes = changes.then(() => swap(request.symbol, undefined));
        break;
      case 'predict':
        void answered(request.requestId, predict(request));
        break;
    }
  });
  post({ kind: 'ready', device: 'cpu' });
}

async function openCheckpoint(folder: string, symbol: string, readCheckpoint: ReadCheckpoint): Promise<Result<LoadedModel>> {
  const read = await readCheckpoint(folder, candleWindowSchemaHash);
  if (!read.ok) return read;
  const { manifest, model: onnx } = read.value;
  if (manifest.symbol !== symbol) {
    return fail(
      'CHECKPOINT_WRONG_SYMBOL',
      `Checkpoint ${manifest.id} was trained on ${manifest.symbol} and cannot predict ${symbol}.`,
    );
  }
  const opened = await openModel(onnx);
  return opened.ok ? ok({ manifest, model: opened.value }) : opened;
}

function unexpected(thrown: unknown): Failure {
  return fail('INFERENCE_FAILED', 'The inference worker failed unexpectedly; the log has the details.', {
    detail: reasonOf(thrown),
  }).error;
}
