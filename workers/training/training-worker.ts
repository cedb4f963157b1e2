import { fail, reasonOf } from '../../core/base/result.ts';
import type { FromTrainingWorker, ToTrainingWorker, TrainingJob } from '../../core/contracts/worker-protocol.ts';
import type { WorkerPort } from '../transport/port.ts';
import { TrainingControl } from './training-control.ts';
import { runTraining } from './training-run.ts';

/**
 * Answers `ToTrainingWorker` on `port`: one job at a time. Every `start` is answered by `prepared … ended`, or by `failed`;
 * a second `start` meanwhile fails with TRAINING_BUSY and does not disturb the first.
 * Pause, resume and stop without a job are the echo of one that has just ended, and are ignored.
 */
export function createTrainingWorker(port: WorkerPort): void {
  let current: { readonly jobId: string; readonly control: TrainingControl } | undefined;
  const post = (message: FromTrainingWorker): void => port.post(message);

  const start = async (job: TrainingJob): Promise<void> => {
    const { jobId } = job;
    if (current !== undefined) {
      const { error } = fail('TRAINING_BUSY', `Job ${current.jobId} is still training: stop it, or wait until it has ended.`, {
        retryable: true,
      });
      return post({ kind: 'failed', jobId, error });
    }
    const control = new TrainingControl();
    current = { jobId, control };
    // The end is posted after the worker is free again, so that whoever hears of it can start the next job.
    const end: FromTrainingWorker[] = [];
    try {
      await runTraining(job, control, (message) => {
        if (message.kind === 'ended' || message.kind === 'failed') end.push(message);
        else post(message);
      });
    } catch (thrown) {
      const { error } = fail('TRAINING_FAILED', 'Training failed unexpectedly; the log has the details.', {
        detail: reasonOf(thrown),
      });
      end.push({ kind: 'failed', jobId, error });
    }
    current = undefined;
    end.forEach(post);
  };

  port.onMessage((message) => {
    const request = message as ToTrainingWorker;
    switch (request.kind) {
      case 'start':
        void start(request.job);
        break;
      case 'pause':
        current?.control.pause();
        break;
      case 'resume':
        current?.control.resume();
        break;
      case 'stop':
        current?.control.requestStop(request.keep);
        break;
    }
  });
  post({ kind: 'ready', device: 'cpu' });
}
