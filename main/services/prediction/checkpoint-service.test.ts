import { describe, expect, it, vi } from 'vitest';
import { ok } from '../../../core/base/result.ts';
import type { CheckpointManifest } from '../../../core/contracts/learning.ts';
import { ETH, manifest, MemoryLearning, open, withModel } from './prediction-desk.fixture.ts';

describe('checkpoints', () => {
  const loss = (heldOutLoss: number): Partial<CheckpointManifest> => ({
    metrics: { heldOutLoss, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0, heldOutAnnotated: 3 },
  });

  function stored(...rows: [CheckpointManifest, boolean][]): MemoryLearning {
    const learning = new MemoryLearning();
    for (const [own, promoted] of rows) learning.kept.push({ manifest: own, promoted });
    return learning;
  }

  it('are loaded at start: the promoted one, else the best', async () => {
    const best = await open(stored([manifest('a', loss(2)), false], [manifest('b', loss(1)), false]));
    best.worker.come();
    await vi.waitUntil(() => best.service.active(ETH)?.id === 'b');
    const promoted = await open(stored([manifest('a', loss(2)), true], [manifest('b', loss(1)), false]));
    promoted.worker.come();
    await vi.waitUntil(() => promoted.service.active(ETH)?.id === 'a');
  });

  it('fall back to the next best when one is damaged, and say so', async () => {
    const desk = await open(
      stored([manifest('a', loss(2)), true], [manifest('b', loss(3)), false], [manifest('c', loss(1)), false]),
    );
    desk.worker.loadable.delete('/checkpoints/a');
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'c');
    expect(desk.problems).toMatchObject([{ code: 'CHECKPOINT_CORRUPT' }]);
    const listed = await desk.service.listCheckpoints(ETH);
    expect(listed.ok && listed.value.map(({ id, promoted, active }) => [id, promoted, active])).toEqual([
      ['a', true, false],
      ['b', false, false],
      ['c', false, true],
    ]);
  });

  it('are promoted once they answer, and stay so after a restart', async () => {
    const desk = await open(stored([manifest('a', loss(1)), false], [manifest('b', loss(2)), false]));
    const lists: string[] = [];
    desk.service.events.checkpoints.on(({ checkpoints }) =>
      lists.push(
        checkpoints
          .filter(({ active, promoted }) => active && promoted)
          .map(({ id }) => id)
          .join(),
      ),
    );
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'a');
    expect(await desk.service.promoteCheckpoint('b')).toEqual(ok(undefined));
    expect(desk.service.active(ETH)?.id).toBe('b');
    expect(lists).toEqual(['', 'b']);
    const again = await open(desk.learning);
    again.worker.come();
    await vi.waitUntil(() => again.service.active(ETH)?.id === 'b');
  });

  it('are not promoted when damaged, unknown or with no worker to try them', async () => {
    const desk = await open(stored([manifest('a', loss(1)), false], [manifest('b', loss(2)), false]));
    expect(await desk.service.promoteCheckpoint('a')).toMatchObject({ error: { code: 'INFERENCE_UNAVAILABLE' } });
    desk.worker.loadable.delete('/checkpoints/b');
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'a');
    expect(await desk.service.promoteCheckpoint('b')).toMatchObject({ error: { code: 'CHECKPOINT_CORRUPT' } });
    expect(await desk.service.promoteCheckpoint('zzz')).toMatchObject({ error: { code: 'CHECKPOINT_UNKNOWN' } });
    expect(desk.learning.kept.some(({ promoted }) => promoted)).toBe(false);
    expect(desk.service.active(ETH)?.id).toBe('a');
  });

  it('that were trained on the practice market neither predict nor are promoted on a live one', async () => {
    const desk = await open(
      stored([manifest('sim', loss(1)), false], [manifest('live', { ...loss(2), trainedOn: 'LIVE' }), false]),
      200,
      'LIVE',
    );
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'live');
    expect(await desk.service.promoteCheckpoint('sim')).toMatchObject({
      error: { code: 'CHECKPOINT_TRAINED_ON_SIM', message: expect.stringContaining('SIM') },
    });
    expect(desk.worker.posted.filter((message) => message.kind === 'load')).toHaveLength(1);
  });

  it('are unloaded when the last one is gone', async () => {
    const desk = await withModel();
    desk.learning.kept.length = 0;
    await desk.service.reload(ETH);
    expect(desk.service.active(ETH)).toBeUndefined();
    expect(desk.worker.posted.at(-1)).toEqual({ kind: 'unload', symbol: ETH });
  });
});
