import { describe, expect, it, vi } from 'vitest';
import { fail, ok } from '../../../core/base/result.ts';
import type { InferenceReference, Prediction } from '../../../core/contracts/learning.ts';
import {
  CANDLE_WINDOW,
  candleWindowSchemaHash,
  rebuildCandleWindow,
  writeCandleWindow,
} from '../../../core/features/candle-window.ts';
import { flatThresholds } from '../../../core/learning/labels.ts';
import { ETH, market, MINUTE, open, slice, withModel } from './prediction-desk.fixture.ts';

describe('a prediction', () => {
  it('is made at every closed minute and stored as a reference from which the input is rebuilt bit for bit', async () => {
    const desk = await withModel();
    const seen: Prediction[] = [];
    desk.service.events.predictions.on(({ event }) => event.kind === 'updated' && seen.push(event.prediction));
    await desk.close(200);
    const index = 200;
    expect(seen).toEqual([
      expect.objectContaining({
        symbol: ETH,
        checkpointId: 'one',
        modelId: 'cnn',
        t: 201 * MINUTE,
        referencePrice: market.close[index],
        latencyMs: 2,
      }),
    ]);
    expect(seen[0]?.flatThresholds).toEqual(flatThresholds(market, index));
    expect(seen[0]?.horizons.map(({ maturesAt }) => maturesAt / MINUTE - 201)).toEqual([1, 5, 15, 60]);
    expect(desk.service.snapshot(ETH).predictions).toEqual(seen);
    expect(desk.service.refusal(ETH)).toBeUndefined();

    const [reference] = desk.learning.references as [InferenceReference];
    expect(reference).toMatchObject({
      predictionId: seen[0]?.id,
      t: 201 * MINUTE,
      device: 'cpu',
      inputSchemaHash: candleWindowSchemaHash,
    });
    const [block] = reference.blocks;
    const stored = slice(market, (time) => time >= (block?.from as number) && time <= (block?.to as number));
    expect(stored.openTime.length).toBe(block?.count);
    const size = CANDLE_WINDOW.length * CANDLE_WINDOW.channels;
    const [then, again] = [new Float32Array(size), new Float32Array(size)];
    writeCandleWindow(market, index, then, 0);
    expect(rebuildCandleWindow(stored, stored.openTime.length - 1, reference.normParams, again, 0).ok).toBe(true);
    expect(again).toEqual(then);
  });

  it('gets each outcome when its horizon matures', async () => {
    const desk = await withModel();
    for (let minute = 200; minute <= 261; minute++) await desk.close(minute);
    const first = [...desk.learning.rows.values()][0] as Prediction;
    expect(first.horizons.map(({ outcome }) => (outcome?.recordedAt as number) / MINUTE)).toEqual([202, 206, 216, 261]);
    expect(first.horizons.map(({ outcome }) => outcome?.realisedReturn)).toEqual(
      [201, 205, 215, 260].map((index) => (market.close[index] as number) / first.referencePrice - 1),
    );
    expect(desk.learning.rows.size).toBe(62);
    expect(desk.asked).toEqual([]);
    expect(desk.problems).toEqual([]);
  });

  it('gets its outcomes after a restart, from the store and the venue', async () => {
    const first = await withModel();
    await first.close(200);
    await first.close(201);
    first.service.close();
    const second = await open(first.learning, 600, 'SIM', new Set(), new Set([230]));
    await vi.waitUntil(() =>
      [...second.learning.rows.values()].every((row) => row.horizons.every(({ outcome }) => outcome !== undefined)),
    );
    expect(second.asked).toEqual([[201, 262]]);
    expect(second.unfetched.size).toBe(0);
    expect(
      second.service
        .snapshot(ETH)
        .predictions.map(({ horizons }) => horizons.map(({ outcome }) => (outcome?.recordedAt as number) / MINUTE)),
    ).toEqual([
      [202, 600, 600, 600],
      [600, 600, 600, 600],
    ]);
  });

  it('keeps a horizon unknown when a minute of it exists nowhere, and asks the venue once', async () => {
    const desk = await withModel();
    desk.holes.add(207);
    for (let minute = 200; minute <= 270; minute++) if (minute !== 207) await desk.close(minute);
    const first = [...desk.learning.rows.values()][0] as Prediction;
    expect(first.horizons.map(({ outcome }) => outcome !== undefined)).toEqual([true, true, false, false]);
    expect(desk.asked.filter(([from, to]) => from === 201 && to >= 216)).toHaveLength(2);
    const asked = desk.asked.length;
    await desk.close(271);
    expect(desk.asked.length).toBe(asked);
  });

  it('asks again next minute while the venue cannot be reached', async () => {
    const desk = await withModel();
    await desk.close(200);
    desk.unfetched.add(201);
    desk.venue = fail('VENUE_UNREACHABLE', 'no answer', { retryable: true });
    await desk.close(202);
    await desk.close(203);
    expect([...desk.learning.rows.values()][0]?.horizons[0]?.outcome).toBeUndefined();
    desk.venue = ok(undefined);
    await desk.close(204);
    expect([...desk.learning.rows.values()][0]?.horizons[0]?.outcome).toMatchObject({ recordedAt: 205 * MINUTE });
  });

  it('is not shown when it could not be stored, and its outcome is recorded once the disk has room', async () => {
    const desk = await withModel();
    await desk.close(200);
    desk.learning.full = true;
    await desk.close(201);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'STORE_FULL' });
    expect(desk.service.snapshot(ETH).predictions).toHaveLength(1);
    expect(desk.problems).toMatchObject([{ code: 'STORE_FULL' }]);
    desk.learning.full = false;
    await desk.close(202);
    expect(desk.service.refusal(ETH)).toBeUndefined();
    expect(desk.service.snapshot(ETH).predictions[0]?.horizons[0]?.outcome).toBeDefined();
  });
});

describe('no prediction', () => {
  it('without a model, and says what to do', async () => {
    const desk = await open();
    const refusals: (string | undefined)[] = [];
    desk.service.events.refusals.on(({ failure }) => refusals.push(failure?.code));
    await desk.close(200);
    desk.worker.come();
    await desk.close(201);
    await desk.close(202);
    expect(refusals).toEqual(['INFERENCE_UNAVAILABLE', 'NO_MODEL']);
    expect(desk.service.refusal(ETH)?.message).toContain('annotate trades');
    expect(desk.learning.rows.size).toBe(0);
  });

  it('while a minute of the window is missing, naming it', async () => {
    const desk = await withModel(200, new Set([180]));
    await desk.close(200);
    expect(desk.service.refusal(ETH)).toMatchObject({
      code: 'WINDOW_HAS_GAP',
      message: expect.stringContaining(`expected ${180 * MINUTE}, got ${181 * MINUTE}`),
    });
    for (let minute = 201; minute < 244; minute++) await desk.close(minute);
    expect(desk.learning.rows.size).toBe(0);
    await desk.close(244);
    expect(desk.learning.rows.size).toBe(1);
  });

  it('from candles that end before the minute that closed', async () => {
    const desk = await withModel();
    desk.clock.advanceTo(205 * MINUTE);
    await desk.service.onMinuteClosed(ETH, 207 * MINUTE);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'WINDOW_STALE' });
  });
});

describe('the worker', () => {
  it('may die between question and answer: the minute is refused, and predictions go on when it is back', async () => {
    const desk = await withModel();
    desk.worker.silent = true;
    const minute = desk.close(200);
    await vi.waitUntil(() => desk.worker.posted.at(-1)?.kind === 'predict');
    desk.worker.die();
    await minute;
    expect(desk.service.refusal(ETH)).toMatchObject({
      code: 'INFERENCE_UNAVAILABLE',
      message: expect.stringContaining('SIGKILL'),
    });
    expect(desk.service.active(ETH)).toBeUndefined();
    desk.worker.silent = false;
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'one');
    await desk.close(201);
    expect(desk.service.refusal(ETH)).toBeUndefined();
    expect(desk.learning.rows.size).toBe(1);
  });

  it('is not blamed for minutes that close all at once, as after an outage', async () => {
    const desk = await withModel();
    await Promise.all(Array.from({ length: 12 }, (_, i) => desk.service.onMinuteClosed(ETH, (188 + i) * MINUTE)));
    expect(desk.worker.restarts).toBe(0);
    expect(desk.problems).toEqual([]);
    await desk.close(200);
    expect(desk.service.refusal(ETH)).toBeUndefined();
  });

  it('is restarted when it has kept silent for five minutes', async () => {
    const desk = await withModel();
    desk.worker.silent = true;
    const stuck = desk.close(200);
    for (let minute = 201; minute <= 204; minute++) await desk.close(minute);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'INFERENCE_BUSY' });
    expect(desk.worker.restarts).toBe(0);
    await desk.close(205);
    await stuck;
    expect(desk.worker.restarts).toBe(1);
    expect(desk.problems).toMatchObject([{ code: 'INFERENCE_HUNG' }]);
    await vi.waitUntil(() => desk.service.active(ETH) !== undefined);
    await desk.close(206);
    expect(desk.learning.rows.size).toBe(1);
  });
});
