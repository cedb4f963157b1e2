import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { buildDataset } from '../../../core/learning/dataset.ts';
import { BUY, HOLD, SELL } from '../../../core/learning/labels.ts';
import { ended, ETH, manifest, MINUTE, running, setUp, trades } from './training-desk.fixture.ts';

describe('starting', () => {
  it('hands the worker a job whose examples make a dataset', async () => {
    const desk = setUp();
    expect(await desk.start({ seed: 3 })).toMatchObject({ ok: true });
    const { job } = desk.worker;
    expect(job).toMatchObject({
      modelId: 'cnn',
      symbol: ETH,
      trainedOn: 'SIM',
      seed: 3,
      epochs: 10,
      batchSize: 32,
      annotationIds: ['a', 'b', 'c'],
      checkpointFolder: '/data/checkpoints',
    });
    expect(Math.max(...job.candles.openTime)).toBe(2999 * MINUTE);
    const actions = (action: number): number[] =>
      job.samples.filter((sample) => sample.action === action).map(({ openTime }) => openTime / MINUTE);
    expect(actions(BUY)).toEqual([2500, 2501, 2502, 2503, 2950, 2951, 2952, 2953]);
    expect(actions(SELL)).toEqual([2700, 2701, 2702, 2703]);
    expect(actions(HOLD)).toHaveLength(300);
    const dataset = buildDataset(job);
    expect(dataset.ok && dataset.value.annotatedCount).toBeGreaterThanOrEqual(9);
    expect(desk.asked).toEqual([[2500 - 1504, 3000]]);
    expect(desk.states()).toEqual(['preparing']);
  });

  it('draws the same examples from the same seed', async () => {
    const [one, two, other] = [setUp(), setUp(), setUp()];
    await Promise.all([one.start(), two.start(), other.start({ seed: 8 })]);
    expect(one.worker.job.samples).toEqual(two.worker.job.samples);
    expect(one.worker.job.samples).not.toEqual(other.worker.job.samples);
  });

  it.each([
    [0, 'no annotated trade; training needs at least 3. Annotate 3 more'],
    [1, '1 annotated trade; training needs at least 3. Annotate 2 more'],
    [2, '2 annotated trades; training needs at least 3. Annotate 1 more'],
  ])('with %i annotations says how many there are and how many more are needed', async (count, text) => {
    const desk = setUp({ annotations: trades.slice(0, count) });
    expect(await desk.start()).toMatchObject({ error: { code: 'TOO_FEW_ANNOTATIONS', message: expect.stringContaining(text) } });
    expect(desk.service.snapshot().status.state).toBe('idle');
    expect(desk.asked).toEqual([]);
  });

  it('without the candles says what is lacking and why, and can be tried again', async () => {
    const unreachable = async (): Promise<Result<unknown>> =>
      fail('VENUE_UNREACHABLE', 'the exchange does not answer', { retryable: true });
    const desk = setUp({ holes: (minute) => minute > 2660, ensureHistory: unreachable });
    expect(await desk.start()).toMatchObject({
      error: {
        code: 'TOO_LITTLE_HISTORY',
        retryable: true,
        message: expect.stringMatching(/1 of 3 annotated trades .* 3 are needed .*the exchange does not answer/),
      },
    });
    expect(desk.states()).toEqual(['preparing', 'failed']);
    expect(await desk.start()).toMatchObject({ error: { code: 'TOO_LITTLE_HISTORY' } });
  });

  it('with annotated trades and nothing else around them says so', async () => {
    const desk = setUp({
      holes: (minute) => minute < 2430 || (minute > 2510 && minute < 2630) || (minute > 2710 && minute < 2880),
    });
    expect(await desk.start()).toMatchObject({
      error: { code: 'TOO_LITTLE_HISTORY', message: expect.stringContaining('no stretch of 124 minutes') },
    });
  });

  it('is refused while one is running, and without a worker', async () => {
    const desk = await running();
    expect(await desk.start()).toMatchObject({ error: { code: 'TRAINING_IN_PROGRESS' } });
    const dead = setUp();
    dead.worker.state = 'restarting';
    expect(await dead.start()).toMatchObject({
      error: { code: 'TRAINING_UNAVAILABLE', retryable: true, message: expect.stringContaining('SIGKILL') },
    });
    expect(dead.service.snapshot().status.state).toBe('idle');
  });

  it('does not keep the lock when gathering breaks', async () => {
    const desk = setUp({ ensureHistory: () => Promise.reject(new Error('bug')) });
    expect(await desk.start()).toMatchObject({ error: { code: 'TRAINING_FAILED', detail: 'Error: bug' } });
    expect(await desk.start()).toMatchObject({ error: { code: 'TRAINING_FAILED' } });
  });
});

describe('a job', () => {
  it('reports its progress, and late readers get the whole curve', async () => {
    const desk = await running();
    for (let step = 1; step <= 3; step++) {
      desk.worker.say({
        kind: 'progress',
        jobId: desk.jobId,
        point: { step, epoch: 0, trainLoss: 1 / step },
        samplesPerSecond: 500,
      });
    }
    expect(desk.service.snapshot()).toMatchObject({
      status: {
        state: 'running',
        step: 3,
        totalSteps: 40,
        samplesPerSecond: 500,
        samples: { annotated: 9, hold: 200, heldOut: 60 },
      },
      metrics: [{ step: 1 }, { step: 2 }, { step: 3 }],
    });
    expect(desk.seen.filter((event) => event.kind === 'metric')).toHaveLength(3);
  });

  it('pauses, resumes and stops through the worker', async () => {
    const desk = await running();
    expect(desk.service.resume()).toMatchObject({ error: { code: 'TRAINING_NOT_RUNNING' } });
    expect(desk.service.pause()).toEqual(ok(undefined));
    desk.worker.say({ kind: 'paused', jobId: desk.jobId, step: 5 });
    expect(desk.service.pause()).toMatchObject({ error: { code: 'TRAINING_NOT_RUNNING' } });
    expect(desk.service.resume()).toEqual(ok(undefined));
    desk.worker.say({ kind: 'resumed', jobId: desk.jobId, step: 5 });
    expect(desk.service.stop()).toEqual(ok(undefined));
    expect(desk.service.stop()).toEqual(ok(undefined));
    expect(desk.worker.posted.slice(1)).toEqual([{ kind: 'pause' }, { kind: 'resume' }, { kind: 'stop', keep: true }]);
    const over = ended(desk);
    desk.worker.say({ kind: 'ended', jobId: desk.jobId, step: 6, stopped: true, manifest: manifest('new', 0.5, 9) });
    await over;
    expect(desk.states().slice(1)).toEqual(['running', 'paused', 'running', 'stopping', 'stopping', 'stopping', 'stopped']);
    expect(desk.service.snapshot().status).toMatchObject({
      step: 6,
      checkpointId: 'new',
      message: expect.stringContaining('Stopped at step 6'),
    });
  });

  it('that finishes is stored, pruned beside, announced, and frees the lock', async () => {
    const desk = await running({ activeCheckpoint: () => 'active' });
    for (const [id, loss, promoted] of [
      ['best', 0.1, false],
      ['worst', 0.9, false],
      ['active', 0.8, false],
      ['good', 0.2, false],
    ] as const) {
      desk.rows.set(id, { manifest: manifest(id, loss, 1), promoted });
    }
    const over = ended(desk);
    desk.worker.say({ kind: 'ended', jobId: desk.jobId, step: 40, stopped: false, manifest: manifest('new', 0.95, 9) });
    await over;
    await Promise.resolve();
    expect(desk.removed).toEqual(['worst']);
    expect([...desk.rows.keys()].sort()).toEqual(['active', 'best', 'good', 'new']);
    expect(desk.reloaded).toEqual([ETH]);
    expect(desk.service.snapshot().status).toMatchObject({
      state: 'finished',
      checkpointId: 'new',
      message: expect.stringContaining('0.9500'),
    });
    expect(await desk.start()).toMatchObject({ ok: true });
    expect(desk.service.snapshot()).toMatchObject({ status: { state: 'preparing', step: 0 }, metrics: [] });
  });

  it('that was stopped before it had learnt anything keeps nothing', async () => {
    const desk = await running();
    desk.service.stop();
    const over = ended(desk);
    desk.worker.say({ kind: 'ended', jobId: desk.jobId, step: 0, stopped: true });
    await over;
    expect(desk.rows.size).toBe(0);
    expect(desk.reloaded).toEqual([]);
    expect(desk.service.snapshot().status).toMatchObject({
      state: 'stopped',
      message: expect.stringContaining('before there was anything to keep'),
    });
  });

  it('can be stopped while its examples are gathered', async () => {
    let answer: (result: Result<unknown>) => void = () => undefined;
    const desk = setUp({ ensureHistory: () => new Promise((resolve) => (answer = resolve)) });
    const starting = desk.start();
    expect(desk.service.stop()).toEqual(ok(undefined));
    answer(ok(undefined));
    expect(await starting).toMatchObject({ error: { code: 'TRAINING_STOPPED' } });
    expect(desk.worker.posted).toEqual([]);
    expect(desk.service.snapshot().status.state).toBe('stopped');
  });

  it('whose worker dies has failed with the reason, and the lock is free', async () => {
    const desk = await running();
    desk.worker.say({ kind: 'progress', jobId: desk.jobId, point: { step: 12, epoch: 0, trainLoss: 1 }, samplesPerSecond: 500 });
    desk.worker.die();
    expect(desk.service.snapshot().status).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/step 12 .*SIGKILL/),
    });
    desk.worker.state = 'ready';
    expect(await desk.start()).toMatchObject({ ok: true });
    desk.worker.say({ kind: 'progress', jobId: desk.jobId, point: { step: 13, epoch: 0, trainLoss: 1 }, samplesPerSecond: 500 });
    expect(desk.service.snapshot().metrics).toEqual([]);
  });

  it('that fails in the worker says why', async () => {
    const desk = await running();
    desk.worker.say({
      kind: 'failed',
      jobId: desk.jobId,
      error: fail('TRAINING_DIVERGED', 'The loss is no longer a number.').error,
    });
    expect(desk.service.snapshot().status).toMatchObject({ state: 'failed', message: 'The loss is no longer a number.' });
    expect(desk.problems).toMatchObject([{ code: 'TRAINING_DIVERGED' }]);
  });

  it('whose checkpoint cannot be stored has failed, and says so', async () => {
    const desk = await running({ full: true });
    const over = ended(desk);
    desk.worker.say({ kind: 'ended', jobId: desk.jobId, step: 40, stopped: false, manifest: manifest('new', 0.5, 9) });
    desk.worker.die();
    await over;
    expect(desk.service.snapshot().status).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('the disk is full'),
    });
    expect(desk.states().filter((state) => state === 'failed')).toHaveLength(1);
  });
});
