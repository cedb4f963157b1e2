import { describe, expect, it } from 'vitest';
import { add } from '../../../core/base/decimal.ts';
import type { Order } from '../../../core/contracts/orders.ts';
import { isFinal } from '../../../core/execution/order-machine.ts';
import { Disk, limitIntent, marketIntent, TestDesk, type Trouble } from './test-desk.ts';

/** Lets every promise that can settle do so. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const INTENTS = [
  marketIntent('sweep', 'buy', '6'),
  limitIntent('resting', 'sell', '2', '201.00'),
  marketIntent('over', 'buy', '26'),
];

/** Submits, lets everything match, moves the market so that the resting order fills, cancels what is left. */
async function session(desk: TestDesk): Promise<void> {
  for (const intent of INTENTS) void desk.service.submit(intent);
  await drained();
  desk.clock.advanceBy(60);
  await drained();
  desk.book.applySnapshot([[20_110, 10_000]], [[20_120, 900_000]]);
  desk.paper.onBook('ETH/USDT');
  await drained();
  desk.service.cancelAll();
  desk.clock.advanceBy(60);
  await drained();
}

function filledOf(disk: Disk, order: Order): string {
  return disk.fills.filter(({ orderId }) => orderId === order.id).reduce((sum, { quantity }) => add(sum, quantity), '0');
}

async function writesOfAWholeSession(): Promise<number> {
  const desk = await new TestDesk().started();
  await session(desk);
  const states = desk.service
    .snapshot()
    .orders.map(({ intent, state, filledQuantity }) => [intent.clientOrderId, state, filledQuantity]);
  expect(states).toEqual([
    ['over', 'rejected', '0'],
    ['resting', 'cancelled', '1'],
    ['sweep', 'filled', '6'],
  ]);
  return desk.store.writes;
}

describe('killed at any write', async () => {
  const writes = await writesOfAWholeSession();
  const cases = Array.from({ length: writes }, (_, write) =>
    (['dead', 'deadAfter'] as const).map((trouble) => [write, trouble] as const),
  ).flat();

  it('covers a whole session', () => expect(writes).toBeGreaterThan(12));

  it.each(cases)('write %i, %s: no order lost, none sent twice, no fill lost', async (fatal: number, trouble: Trouble) => {
    const disk = new Disk();
    const first = new TestDesk({
      disk,
      wrap: (paper) => ({
        ...paper,
        submit: (order) => {
          // Journal before action.
          expect(disk.orders.get(order.id)?.state).toBe('submitted');
          paper.submit(order);
        },
      }),
    });
    await first.started();
    first.store.trouble = (write) => (write < fatal ? undefined : write === fatal ? trouble : 'dead');
    await session(first);

    const left = structuredClone(disk);
    // Nothing was shown that is not on disk.
    for (const event of first.seen) {
      if (event.kind === 'order')
        expect(left.orders.get(event.order.id)?.history.slice(0, event.order.history.length)).toEqual(event.order.history);
      if (event.kind === 'fill') expect(left.fills).toContainEqual(event.fill);
    }
    expect(new Set(first.calls).size - first.calls.filter((call) => call.startsWith('cancel')).length).toBe(
      first.calls.filter((call) => call.startsWith('submit')).length,
    );

    const second = await new TestDesk({ disk, seed: 2, startMs: 2_000_000 }).started();
    // No order lost.
    expect(
      second.service
        .snapshot()
        .orders.map(({ id }) => id)
        .sort(),
    ).toEqual([...left.orders.keys()].sort());
    // What may have been at the venue goes back to it once; what cannot have been is never sent.
    for (const order of left.orders.values()) {
      const calls = second.calls.filter((call) => call.endsWith(order.id));
      expect(calls).toEqual(['submitted', 'accepted', 'partiallyFilled'].includes(order.state) ? [`restore ${order.id}`] : []);
      if (order.state === 'intent' || order.state === 'riskChecked') expect(second.order(order.id)?.state).toBe('rejected');
    }
    // No fill lost, none made up.
    expect(disk.fills).toEqual(left.fills);
    const held = left.fills.reduce((sum, fill) => add(sum, fill.side === 'buy' ? fill.quantity : `-${fill.quantity}`), '0');
    expect(second.service.account().positions[0]?.quantity ?? '0').toBe(held);

    // The same submissions again: those that are known are not sent again.
    const known = new Set([...left.orders.values()].map(({ intent }) => intent.clientOrderId));
    const callsBefore = second.calls.length;
    for (const intent of INTENTS.filter(({ clientOrderId }) => known.has(clientOrderId)))
      expect((await second.service.submit(intent)).ok).toBe(true);
    expect(second.calls).toHaveLength(callsBefore);

    await second.pass();
    second.service.cancelAll();
    await second.pass();
    for (const order of disk.orders.values()) {
      expect(isFinal(order.state)).toBe(true);
      expect(order.filledQuantity).toBe(filledOf(disk, order));
      expect(second.order(order.id)).toEqual(order);
    }
  });
});
