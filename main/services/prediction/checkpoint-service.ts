import { Emitter } from '../../../core/base/emitter.ts';
import { err, fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { CheckpointManifest, CheckpointSummary } from '../../../core/contracts/learning.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import { checkpointToLoad, compareCheckpoints, type RankedCheckpoint } from '../../../core/learning/checkpoint-ranking.ts';
import type { LearningRepository } from '../../ports/store.ts';
import type { InferenceClient } from './inference-client.ts';

export interface CheckpointServiceDeps {
  readonly mode: DataMode;
  /** Those followed right now. */
  readonly symbols: () => readonly string[];
  readonly store: Pick<LearningRepository, 'checkpoints' | 'promote'>;
  readonly client: InferenceClient;
  /** Absolute folder of a checkpoint. */
  readonly folderOf: (checkpointId: string) => string;
  /** A failure that no caller waits for: for the log and the status panel. */
  readonly report: (failure: Failure, where: string) => void;
}

export interface CheckpointsChanged {
  readonly symbol: string;
  readonly checkpoints: CheckpointSummary[];
}

export interface CheckpointService {
  /** The model that answers for `symbol` now. */
  active(symbol: string): CheckpointManifest | undefined;
  /** Loads the promoted checkpoint, else the best; where that one fails, says so and takes the next best. */
  reload(symbol: string): Promise<void>;
  list(symbol: string): Promise<Result<CheckpointSummary[]>>;
  /** Loads the checkpoint and, when it answers, marks it for every start from now on. A failure changes nothing. */
  promote(id: string): Promise<Result<void>>;
  /** The worker's memory is gone. */
  forget(): void;
  readonly changed: Emitter<CheckpointsChanged>;
}

/** Knows which checkpoint predicts: the one promoted, else the best by held-out loss, of those trained on this market. */
export function createCheckpointService(deps: CheckpointServiceDeps): CheckpointService {
  const { mode, symbols, store, client, folderOf, report } = deps;
  const active = new Map<string, CheckpointManifest>();
  const changed = new Emitter<CheckpointsChanged>();
  /** One change at a time, so that what is active and what is stored agree. */
  let changes: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(change: () => Promise<T>): Promise<T> => {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  };

  const summaries = (symbol: string, checkpoints: readonly RankedCheckpoint[]): CheckpointSummary[] =>
    checkpoints
      .map(({ manifest: { id, modelId, trainedOn, createdAt, step, metrics, parameterCount }, promoted }) => ({
        ...{ id, modelId, symbol, trainedOn, createdAt, step, metrics, parameterCount, promoted },
        active: active.get(symbol)?.id === id,
      }))
      .sort((a, b) => b.createdAt - a.createdAt);

  const list = async (symbol: string): Promise<Result<CheckpointSummary[]>> => {
    const stored = await store.checkpoints(symbol);
    return stored.ok ? ok(summaries(symbol, stored.value)) : stored;
  };

  const announce = async (symbol: string): Promise<void> => {
    const listed = await list(symbol);
    if (listed.ok) changed.emit({ symbol, checkpoints: listed.value });
    else report(listed.error, `checkpoints of ${symbol}`);
  };

  const load = async (manifest: CheckpointManifest): Promise<Result<void>> => {
    const loaded = await client.load(manifest.symbol, folderOf(manifest.id));
    if (!loaded.ok) return loaded;
    if (loaded.value.manifest.id !== manifest.id) {
      return fail('CHECKPOINT_CORRUPT', `The folder of checkpoint ${manifest.id} holds checkpoint ${loaded.value.manifest.id}.`);
    }
    active.set(manifest.symbol, loaded.value.manifest);
    return ok(undefined);
  };

  const reload = async (symbol: string): Promise<void> => {
    if (!client.isUp()) return;
    const stored = await store.checkpoints(symbol);
    if (!stored.ok) return report(stored.error, `checkpoints of ${symbol}`);
    const usable = stored.value.filter(({ manifest }) => manifest.trainedOn === mode);
    const first = checkpointToLoad(usable);
    const rest = usable.map(({ manifest }) => manifest).filter((manifest) => manifest.id !== first?.id);
    const candidates = first === undefined ? [] : [first, ...rest.sort(compareCheckpoints)];
    for (const manifest of candidates) {
      const loaded = await load(manifest);
      if (loaded.ok) break;
      report(loaded.error, `checkpoint ${manifest.id}`);
      if (loaded.error.code === 'INFERENCE_UNAVAILABLE') return;
    }
    if (candidates.length === 0) {
      client.unload(symbol);
      active.delete(symbol);
    }
    await announce(symbol);
  };

  const promote = async (id: string): Promise<Result<void>> => {
    const found = await find(id);
    if (!found.ok) return found;
    const { manifest } = found.value;
    if (manifest.trainedOn === 'SIM' && mode === 'LIVE') {
      return fail(
        'CHECKPOINT_TRAINED_ON_SIM',
        `Checkpoint ${id} was trained on the practice market (SIM) and cannot be promoted for a live market. Train on LIVE data instead.`,
      );
    }
    const loaded = await load(manifest);
    if (!loaded.ok) return loaded;
    const promoted = await store.promote(id);
    if (!promoted.ok) return promoted;
    await announce(manifest.symbol);
    return ok(undefined);
  };

  const find = async (id: string): Promise<Result<RankedCheckpoint>> => {
    for (const symbol of symbols()) {
      const stored = await store.checkpoints(symbol);
      if (!stored.ok) return err(stored.error);
      const found = stored.value.find(({ manifest }) => manifest.id === id);
      if (found !== undefined) return ok(found);
    }
    return fail('CHECKPOINT_UNKNOWN', `There is no checkpoint ${id}; it may have been pruned.`);
  };

  return {
    active: (symbol) => active.get(symbol),
    reload: (symbol) => inOrder(() => reload(symbol)),
    list,
    promote: (id) => inOrder(() => promote(id)),
    forget: () => active.clear(),
    changed,
  };
}
