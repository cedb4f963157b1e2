import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { annotationSchema } from '../../core/contracts/annotations.ts';
import { checkpointManifestSchema, type Prediction, predictionSchema } from '../../core/contracts/learning.ts';
import { fillSchema, type Order, orderSchema } from '../../core/contracts/orders.ts';
import * as arbitrary from './test-arbitraries.ts';
import { expectFailure, expectOk, type TestStore, testStore } from './test-store.ts';

/** The store of the test in hand; rows pile up in it over a property's runs, so ids are made distinct by a counter. */
let opened: TestStore;
let serial = 0;

beforeEach(async () => {
  opened = await testStore();
});

afterEach(() => opened.remove());

const RUNS = { numRuns: 25 };

function distinct(id: string): string {
  serial++;
  return `${id.slice(0, 50)}_${serial}`;
}

const FINAL = new Set(['filled', 'cancelled', 'rejected', 'expired']);

function byTimeThenId(a: { time: number; id: string }, b: { time: number; id: string }): number {
  return a.time - b.time || compareBytes(a.id, b.id);
}

/** The database orders text by its UTF-8 bytes; ids are ASCII. */
function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('annotations', () => {
  it('come back as they were saved, edited and deleted, also after a restart', async () => {
    const model = new Map<string, unknown>();
    await fc.assert(
      fc.asyncProperty(
        arbitrary.annotation,
        arbitrary.annotation,
        fc.constantFrom('keep', 'edit', 'delete'),
        async (first, second, then) => {
          const annotation = { ...first, id: distinct(first.id) };
          expect(annotationSchema.safeParse(annotation).success).toBe(true);
          expectOk(await opened.store.annotations.save(annotation));
          model.set(annotation.id, annotation);
          if (then === 'edit') {
            const edited = { ...second, id: annotation.id };
            expectOk(await opened.store.annotations.save(edited));
            model.set(annotation.id, edited);
          }
          if (then === 'delete') {
            expectOk(await opened.store.annotations.delete(annotation.id));
            model.delete(annotation.id);
          }
          const all = expectOk(await opened.store.annotations.all());
          expect(new Map(all.map((each) => [each.id, each]))).toStrictEqual(model);
        },
      ),
      RUNS,
    );
    opened = await opened.reopen();
    const all = expectOk(await opened.store.annotations.all());
    expect(new Map(all.map((each) => [each.id, each]))).toStrictEqual(model);
    expect(all.map((each) => each.createdAt)).toStrictEqual(all.map((each) => each.createdAt).sort((a, b) => a - b));
  });

  it('deletes an unknown one without complaint', async () => {
    expectOk(await opened.store.annotations.delete('nobody'));
  });
});

describe('orders and fills', () => {
  it('come back exactly, in order, also after a restart', async () => {
    const orders = new Map<string, Order>();
    const fills: { at: number; position: number; fill: unknown }[] = [];
    const check = async () => {
      const sorted = [...orders.values()].sort((a, b) =>
        byTimeThenId({ time: a.createdAt, id: a.id }, { time: b.createdAt, id: b.id }),
      );
      expect(expectOk(await opened.store.orders.openOrders())).toStrictEqual(sorted.filter((order) => !FINAL.has(order.state)));
      expect(expectOk(await opened.store.orders.recentOrders(5))).toStrictEqual(sorted.toReversed().slice(0, 5));
      const inOrder = fills.toSorted((a, b) => a.at - b.at || a.position - b.position).map((entry) => entry.fill);
      expect(expectOk(await opened.store.orders.fills())).toStrictEqual(inOrder);
    };
    await fc.assert(
      fc.asyncProperty(
        arbitrary.order,
        arbitrary.order,
        arbitrary.fill,
        fc.integer({ min: 0, max: 3 }),
        async (first, later, fill, at) => {
          const order = { ...first, id: distinct(first.id) };
          expect(orderSchema.safeParse(order).success).toBe(true);
          expectOk(await opened.store.orders.saveOrder(order));
          // A history only grows.
          const changed = { ...later, id: order.id, history: [...order.history, ...later.history] };
          const filled = { ...fill, id: distinct(fill.id), orderId: order.id, at };
          expect(fillSchema.safeParse(filled).success).toBe(true);
          expectOk(await opened.store.orders.saveFill(filled, changed));
          // Told twice, kept once.
          expectOk(await opened.store.orders.saveFill(filled, changed));
          orders.set(order.id, changed);
          fills.push({ at, position: fills.length, fill: filled });
          await check();
        },
      ),
      RUNS,
    );
    opened = await opened.reopen();
    await check();
  });

  it('answers no orders for a limit of zero', async () => {
    expect(expectOk(await opened.store.orders.recentOrders(0))).toEqual([]);
  });
});

describe('predictions', () => {
  it('come back with every head and what became of it', async () => {
    const model = new Map<string, Prediction>();
    const check = async (symbol: string, from: number, to: number) => {
      const all = [...model.values()]
        .filter((each) => each.symbol === symbol)
        .sort((a, b) => byTimeThenId({ time: a.t, id: a.id }, { time: b.t, id: b.id }));
      expect(expectOk(await opened.store.learning.predictions(symbol, from, to))).toStrictEqual(
        all.filter((each) => each.t >= from && each.t < to),
      );
      expect(expectOk(await opened.store.learning.latestPredictions(symbol, 3))).toStrictEqual(all.slice(-3));
      expect(expectOk(await opened.store.learning.unresolvedPredictions(symbol))).toStrictEqual(
        all.filter((each) => each.horizons.some((horizon) => horizon.outcome === undefined)),
      );
    };
    await fc.assert(
      fc.asyncProperty(
        arbitrary.prediction,
        arbitrary.prediction,
        arbitrary.reference,
        arbitrary.time,
        async (first, other, reference, from) => {
          const prediction = { ...first, id: distinct(first.id) };
          expect(predictionSchema.safeParse(prediction).success).toBe(true);
          expectOk(
            await opened.store.learning.savePrediction(prediction, {
              ...reference,
              id: distinct(reference.id),
              predictionId: prediction.id,
            }),
          );
          model.set(prediction.id, prediction);
          await check(prediction.symbol, from, prediction.t + 1);
          // Later some heads mature: those of `other` that have an outcome.
          const horizons = prediction.horizons.map((horizon, i) => {
            const outcome = other.horizons[i]?.outcome;
            return outcome === undefined ? horizon : { ...horizon, outcome };
          });
          const matured = { ...prediction, horizons };
          expectOk(await opened.store.learning.saveOutcomes(matured));
          model.set(prediction.id, matured);
          await check(prediction.symbol, from, prediction.t + 1);
        },
      ),
      RUNS,
    );
    opened = await opened.reopen();
    await check('ETH/USDT', 0, 8.64e15);
  });

  it('refuses outcomes of a prediction that it does not have, and stores nothing of them', async () => {
    const [prediction] = fc.sample(arbitrary.prediction, { numRuns: 1, seed: 4 });
    if (prediction === undefined) throw new Error('no sample');
    const failure = expectFailure(await opened.store.learning.saveOutcomes(prediction));
    expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(failure.message).toContain(prediction.id);
    expect(opened.store.health().lastError).toBeUndefined();
  });
});

describe('checkpoints', () => {
  it('come back newest first, one promoted for each model and symbol', async () => {
    const model = new Map<
      string,
      { manifest: typeof arbitrary.manifest extends fc.Arbitrary<infer T> ? T : never; promoted: boolean }
    >();
    const check = async (symbol: string) => {
      const expected = [...model.values()]
        .filter((each) => each.manifest.symbol === symbol)
        .sort((a, b) =>
          byTimeThenId({ time: b.manifest.createdAt, id: b.manifest.id }, { time: a.manifest.createdAt, id: a.manifest.id }),
        );
      const stored = expectOk(await opened.store.learning.checkpoints(symbol));
      expect(stored.map((each) => each.manifest.createdAt)).toStrictEqual(expected.map((each) => each.manifest.createdAt));
      expect(new Map(stored.map((each) => [each.manifest.id, each]))).toStrictEqual(
        new Map(expected.map((each) => [each.manifest.id, each])),
      );
    };
    await fc.assert(
      fc.asyncProperty(arbitrary.manifest, fc.constantFrom('keep', 'promote', 'saveAgain', 'delete'), async (first, then) => {
        const manifest = { ...first, id: distinct(first.id) };
        expect(checkpointManifestSchema.safeParse(manifest).success).toBe(true);
        expectOk(await opened.store.learning.saveCheckpoint(manifest));
        model.set(manifest.id, { manifest, promoted: false });
        if (then === 'promote' || then === 'saveAgain') {
          expectOk(await opened.store.learning.promote(manifest.id));
          for (const [id, each] of model) {
            if (each.manifest.symbol === manifest.symbol && each.manifest.modelId === manifest.modelId) {
              model.set(id, { ...each, promoted: id === manifest.id });
            }
          }
        }
        if (then === 'saveAgain') expectOk(await opened.store.learning.saveCheckpoint(manifest));
        if (then === 'delete') {
          expectOk(await opened.store.learning.deleteCheckpoint(manifest.id));
          model.delete(manifest.id);
        }
        await check(manifest.symbol);
      }),
      RUNS,
    );
    opened = await opened.reopen();
    await check('BTC/USDT');
  });

  it('refuses to promote one that it does not have, and keeps the promoted one', async () => {
    const [manifest] = fc.sample(arbitrary.manifest, { numRuns: 1, seed: 5 });
    if (manifest === undefined) throw new Error('no sample');
    expectOk(await opened.store.learning.saveCheckpoint(manifest));
    expectOk(await opened.store.learning.promote(manifest.id));
    expect(expectFailure(await opened.store.learning.promote('nobody')).message).toContain('nobody');
    expect(expectOk(await opened.store.learning.checkpoints(manifest.symbol)).map((each) => each.promoted)).toEqual([true]);
  });
});

describe('settings', () => {
  it('keep any JSON value, the newest one', async () => {
    const model = new Map<string, unknown>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('practice.now', 'risk.killSwitch', "it's"),
        fc.jsonValue({ noUnicodeString: false }),
        async (key, value) => {
          const json: unknown = JSON.parse(JSON.stringify(value));
          expectOk(await opened.store.settings.set(key, json));
          model.set(key, json);
          for (const [known, expected] of model) expect(expectOk(await opened.store.settings.get(known))).toStrictEqual(expected);
        },
      ),
      RUNS,
    );
    opened = await opened.reopen();
    for (const [known, expected] of model) expect(expectOk(await opened.store.settings.get(known))).toStrictEqual(expected);
  });

  it('answer undefined for an unknown key and for one that was unset', async () => {
    expect(expectOk(await opened.store.settings.get('nothing'))).toBeUndefined();
    expectOk(await opened.store.settings.set('theme', 'dark'));
    expectOk(await opened.store.settings.set('theme', undefined));
    expect(expectOk(await opened.store.settings.get('theme'))).toBeUndefined();
  });
});
