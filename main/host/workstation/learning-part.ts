import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import { createAnnotationService } from '../../services/annotations/annotation-service.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import { createPredictionService } from '../../services/prediction/prediction-service.ts';
import { createTrainingService } from '../../services/training/training-service.ts';
import type { Frame } from './frame.ts';

/** Annotations, training on them, and predictions by what was learnt. */
export async function assembleLearning(frame: Frame, data: MarketDataService) {
  const { models, store, market, ids, report } = frame;
  // What is learnt from a replay is learnt from the market that was recorded.
  const mode = market.replay?.market ?? (frame.mode === 'LIVE' ? 'LIVE' : 'SIM');
  const symbols = (): readonly string[] => [...data.instruments.keys()];
  const annotations = createAnnotationService({ store: store.annotations, clock: market.clock, symbols });
  const started = await annotations.start();
  if (!started.ok) return started;

  const checkpointFolder = frame.paths.checkpoints(frame.mode);
  try {
    await mkdir(checkpointFolder, { recursive: true });
  } catch (thrown) {
    return fail('CHECKPOINT_FOLDER', `The folder for checkpoints, ${checkpointFolder}, could not be made: ${reasonOf(thrown)}`);
  }
  const prediction = createPredictionService({
    clock: market.clock,
    wall: frame.wall,
    ids,
    mode,
    symbols,
    store,
    worker: frame.inferenceWorker,
    recentMinutes: (symbol, count) => data.recentMinutes(symbol, count),
    ensureHistory: (symbol, timeframe, from, to) => data.ensureHistory(symbol, timeframe, from, to),
    checkpointFolderOf: (id) => join(checkpointFolder, id),
    report,
  });
  frame.onClose(() => prediction.close());
  const training = createTrainingService({
    clock: market.clock,
    ids,
    mode,
    symbols,
    models: models.models,
    learning: store.learning,
    market: store.market,
    worker: frame.trainingWorker,
    annotationsOf: (symbol) => annotations.list(symbol),
    ensureHistory: (symbol, timeframe, from, to) => data.ensureHistory(symbol, timeframe, from, to),
    checkpointFolder,
    removeCheckpointFiles: (id) => removeFolder(join(checkpointFolder, id)),
    activeCheckpoint: (symbol) => prediction.active(symbol)?.id,
    checkpointsChanged: (symbol) => prediction.reload(symbol),
    report,
  });
  frame.onClose(() => training.close());

  const known = new Set(symbols());

  data.changes.on(({ symbol, followed }) => {
    if (followed === undefined || known.has(symbol)) return;
    known.add(symbol);
    void prediction.follow(symbol).then((taken) => {
      if (!taken.ok) report(taken.error, 'predictions');
    });
  });
  data.minutes.on(({ symbol, candle }) => void prediction.onMinuteClosed(symbol, candle.openTime + 60_000));
  // Predictions look back over history, so they begin when it is there.
  void data.started
    .then(() => prediction.start())
    .then((begun) => {
      if (!begun.ok) report(begun.error, 'predictions');
    });
  return ok({ annotations, prediction, training });
}

async function removeFolder(folder: string): Promise<Result<void>> {
  try {
    await rm(folder, { recursive: true, force: true });
    return ok(undefined);
  } catch (thrown) {
    return fail(
      'CHECKPOINT_NOT_REMOVED',
      `${folder} could not be deleted: ${reasonOf(thrown)}. Delete it by hand to free its space.`,
    );
  }
}
