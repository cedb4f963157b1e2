import { err, fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { FromInferenceWorker, ToInferenceWorker } from '../../../core/contracts/worker-protocol.ts';
import type { CandleColumns } from '../../../core/market/candle.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';

type Answer = Extract<FromInferenceWorker, { readonly requestId: number }>;
export type Loaded = Extract<FromInferenceWorker, { kind: 'loaded' }>;
export type Predicted = Extract<FromInferenceWorker, { kind: 'predicted' }>;

export interface InferenceClient {
  /** Whether there is a worker to ask. */
  isUp(): boolean;
  /** What the worker computes on, as it said when it came up. */
  device(): string;
  load(symbol: string, folder: string): Promise<Result<Loaded>>;
  predict(symbol: string, candles: CandleColumns): Promise<Result<Predicted>>;
  unload(symbol: string): void;
  /** Asks for a new process; every request in progress fails when the old one ends. */
  restart(): void;
  close(): void;
}

/** Questions and answers over the worker's messages. Every question is answered: by the worker, or by its death. */
export function createInferenceClient(worker: SupervisedWorker): InferenceClient {
  const waiting = new Map<number, (answer: Result<Answer>) => void>();
  let nextId = 1;
  let device = 'unknown';
  let up = worker.health().state === 'ready';

  const unavailable = (): Failure => {
    const { lastError } = worker.health();
    const reason = lastError === undefined ? '' : ` (${lastError})`;
    return fail('INFERENCE_UNAVAILABLE', `The inference worker is not running${reason}; it is restarted automatically.`, {
      retryable: true,
    }).error;
  };

  const stopListening = [
    worker.onMessage((message) => {
      const answer = message as FromInferenceWorker;
      if (answer.kind === 'ready') {
        device = answer.device;
        return;
      }
      const settle = waiting.get(answer.requestId);
      waiting.delete(answer.requestId);
      settle?.(answer.kind === 'failed' ? err(answer.error) : ok(answer));
    }),
    worker.onChange((change) => {
      up = change === 'up';
      if (up) return;
      const lost = [...waiting.values()];
      waiting.clear();
      for (const settle of lost) settle(err(unavailable()));
    }),
  ];

  const ask = (request: (requestId: number) => ToInferenceWorker): Promise<Result<Answer>> =>
    new Promise((resolve) => {
      const requestId = nextId++;
      if (!up) return resolve(err(unavailable()));
      waiting.set(requestId, resolve);
      if (worker.post(request(requestId))) return;
      waiting.delete(requestId);
      resolve(err(unavailable()));
    });

  return {
    isUp: () => up,
    device: () => device,
    async load(symbol, folder) {
      const answer = await ask((requestId) => ({ kind: 'load', requestId, symbol, folder }));
      return answer.ok ? ok(answer.value as Loaded) : answer;
    },
    async predict(symbol, candles) {
      const answer = await ask((requestId) => ({ kind: 'predict', requestId, symbol, candles }));
      return answer.ok ? ok(answer.value as Predicted) : answer;
    },
    unload(symbol) {
      if (up) worker.post({ kind: 'unload', symbol } satisfies ToInferenceWorker);
    },
    restart: () => worker.restart(),
    close() {
      for (const stop of stopListening) stop();
      const lost = [...waiting.values()];
      waiting.clear();
      for (const settle of lost) settle(fail('INFERENCE_UNAVAILABLE', 'The desk is closing.'));
    },
  };
}
