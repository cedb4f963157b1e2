import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { AnnotationsEvent } from '../../../core/contracts/streams.ts';
import type { AnnotationRepository } from '../../ports/store.ts';
import { type AnnotationService, createAnnotationService } from './annotation-service.ts';

const MINUTE = 60_000;

class MemoryRepository implements AnnotationRepository {
  readonly rows = new Map<string, Annotation>();
  broken = false;
  readonly #gates: (() => void)[] = [];
  held = false;

  async all() {
    return this.broken ? fail('STORE_CLOSED', 'closed') : ok([...this.rows.values()]);
  }

  async save(annotation: Annotation) {
    if (this.held) await new Promise<void>((resolve) => this.#gates.push(resolve));
    if (this.broken) return fail('STORE_FULL', 'the disk is full', { retryable: true });
    this.rows.set(annotation.id, annotation);
    return ok(undefined);
  }

  async delete(id: string) {
    if (this.broken) return fail('STORE_FULL', 'the disk is full', { retryable: true });
    this.rows.delete(id);
    return ok(undefined);
  }

  release(): void {
    this.held = false;
    for (const open of this.#gates.splice(0)) open();
  }
}

function annotation(id: string, entryMinute = 10, part: Partial<Annotation> = {}): Annotation {
  return {
    id,
    symbol: 'ETH/USDT',
    timeframe: '1m',
    direction: 'long',
    entry: { time: entryMinute * MINUTE, price: 200 },
    exit: { time: (entryMinute + 5) * MINUTE, price: 202 },
    note: '',
    createdAt: 0,
    updatedAt: 0,
    ...part,
  };
}

async function setUp(
  store = new MemoryRepository(),
): Promise<{ store: MemoryRepository; clock: ManualClock; service: AnnotationService; seen: AnnotationsEvent[] }> {
  const clock = new ManualClock(100 * MINUTE);
  const service = createAnnotationService({ store, clock, symbols: () => ['ETH/USDT'] });
  await service.start();
  const seen: AnnotationsEvent[] = [];
  service.events.on((event) => seen.push(event));
  return { store, clock, service, seen };
}

describe('annotation service', () => {
  it('saves, replaces, stamps, lists by entry and finds everything again', async () => {
    const { store, clock, service, seen } = await setUp();
    await service.save(annotation('late', 30));
    clock.advanceBy(MINUTE);
    await service.save(annotation('early', 20));
    clock.advanceBy(MINUTE);
    expect(await service.save(annotation('late', 30, { note: 'edited', createdAt: 5 }))).toMatchObject({
      ok: true,
      value: { note: 'edited', createdAt: 100 * MINUTE, updatedAt: 102 * MINUTE },
    });
    expect(service.list('ETH/USDT').map(({ id }) => id)).toEqual(['early', 'late']);
    expect(service.list('BTC/USDT')).toEqual([]);
    expect(seen.map((event) => event.kind)).toEqual(['saved', 'saved', 'saved']);
    const again = await setUp(store);
    expect(again.service.snapshot()).toEqual({ kind: 'snapshot', annotations: service.list() });
  });

  it('deletes, and says so when there is nothing to delete', async () => {
    const { store, service, seen } = await setUp();
    await service.save(annotation('a'));
    expect(await service.delete('a')).toEqual(ok(undefined));
    expect(await service.delete('a')).toMatchObject({ error: { code: 'ANNOTATION_UNKNOWN' } });
    expect(store.rows.size).toBe(0);
    expect(seen.at(-1)).toEqual({ kind: 'deleted', id: 'a' });
  });

  it.each([
    ['exit before entry', annotation('a', 10, { exit: { time: 9 * MINUTE, price: 200 } }), 'later than the entry'],
    ['price', annotation('a', 10, { entry: { time: 10 * MINUTE, price: -1 } }), 'entry.price'],
    ['symbol', annotation('a', 10, { symbol: 'DOGE/USDT' }), 'ETH/USDT are'],
    ['grid', annotation('a', 10, { entry: { time: 10 * MINUTE + 1, price: 200 } }), 'open time'],
    ['future', annotation('a', 97), 'future'],
  ])('refuses a wrong %s and names it', async (_, wrong, text) => {
    const { store, service, seen } = await setUp();
    const saved = await service.save(wrong);
    expect(saved).toMatchObject({ ok: false, error: { code: 'ANNOTATION_INVALID', message: expect.stringContaining(text) } });
    expect([store.rows.size, seen.length, service.list().length]).toEqual([0, 0, 0]);
  });

  it('changes nothing in memory when the store fails', async () => {
    const { store, service, seen } = await setUp();
    await service.save(annotation('a'));
    store.broken = true;
    expect(await service.save(annotation('b'))).toMatchObject({ error: { code: 'STORE_FULL' } });
    expect(await service.delete('a')).toMatchObject({ error: { code: 'STORE_FULL' } });
    expect(service.list().map(({ id }) => id)).toEqual(['a']);
    expect(seen).toHaveLength(1);
    expect(await createAnnotationService({ store, clock: new ManualClock(), symbols: () => [] }).start()).toMatchObject({
      error: { code: 'STORE_CLOSED' },
    });
  });

  it('keeps the order of changes while the disk is slow', async () => {
    const { store, service, seen } = await setUp();
    store.held = true;
    const saving = service.save(annotation('a'));
    const deleting = service.delete('a');
    await Promise.resolve();
    store.release();
    expect([(await saving).ok, (await deleting).ok]).toEqual([true, true]);
    expect(seen.map((event) => event.kind)).toEqual(['saved', 'deleted']);
    expect(store.rows.size).toBe(0);
  });
});
