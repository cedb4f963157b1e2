import { describe, expect, it } from 'vitest';
import { add } from '../../../core/base/decimal.ts';
import { lastReason } from '../../../core/execution/order-machine.ts';
import { Disk, limitIntent, marketIntent, TestDesk } from './test-desk.ts';

/** Lets every promise that can settle do so. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function submitted(desk: TestDesk, ...args: Parameters<TestDesk['service']['submit']>) {
  const result = await desk.service.submit(...args);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('the life of an order', () => {
  it('goes from intent to filled, journals each state before it shows it, and moves the position', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const late: string[] = [];
    desk.service.onOrders((event) => {
      if (event.kind === 'order' && disk.orders.get(event.order.id)?.state !== event.order.state) late.push(event.order.state);
      if (event.kind === 'fill' && !disk.fills.some(({ id }) => id === event.fill.id)) late.push(event.fill.id);
    });
    const accounts: unknown[] = [];
    desk.service.onAccount((account) => accounts.push(account));
    const order = await submitted(desk, marketIntent('c1', 'buy', '6'));
    expect(order.state).toBe('submitted');
    await desk.pass();
    expect(desk.states(order.id)).toEqual(['intent', 'riskChecked', 'submitted', 'accepted', 'partiallyFilled', 'filled']);
    expect(desk.order(order.id)).toMatchObject({ filledQuantity: '6', averagePrice: '200.025', fees: '1.20015' });
    expect(desk.seen.map((event) => (event.kind === 'order' ? event.order.state : event.kind))).toEqual([
      'intent',
      'riskChecked',
      'submitted',
      'accepted',
      'partiallyFilled',
      'fill',
      'filled',
      'fill',
    ]);
    expect(late).toEqual([]);
    expect(accounts).toHaveLength(2);
    expect(desk.service.account()).toMatchObject({
      balance: '9998.79985',
      unrealisedPnl: '-0.15',
      equity: '9998.64985',
      positions: [{ symbol: 'ETH/USDT', quantity: '6', averagePrice: '200.025', mark: '200' }],
    });
    expect(desk.service.snapshot().fills.map(({ price }) => price)).toEqual(['200.1', '200.01']);
  });

  it('rejects at the gate with the reason in the journal and in the order, and never sends', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const order = await submitted(desk, marketIntent('c1', 'buy', '26'));
    expect(order.state).toBe('rejected');
    expect(lastReason(order)).toContain('5000');
    expect(disk.orders.get(order.id)).toEqual(order);
    expect(desk.calls).toEqual([]);
    desk.live = false;
    expect(lastReason(await submitted(desk, marketIntent('c2', 'buy', '1')))).toContain('no live book');
  });

  it('answers a repeated submission with the same order, also while the first is on its way and after a restart', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const intent = limitIntent('c1', 'buy', '1', '199.00');
    const [first, second] = await Promise.all([submitted(desk, intent), submitted(desk, intent)]);
    expect(second.id).toBe(first.id);
    expect(desk.calls).toEqual([`submit ${first.id}`]);
    const other = await desk.service.submit({ ...intent, quantity: '2' });
    expect(other).toMatchObject({ ok: false, error: { code: 'CLIENT_ORDER_ID_REUSED' } });
    const next = await new TestDesk({ disk, seed: 2 }).started();
    expect((await submitted(next, intent)).id).toBe(first.id);
    expect(next.calls).toEqual([`restore ${first.id}`]);
  });

  it('counts orders on their way: submissions at the same time cannot pass the limits together', async () => {
    const desk = await new TestDesk().started();
    const orders = await Promise.all(['a', 'b', 'c'].map((id) => submitted(desk, marketIntent(id, 'buy', '24'))));
    expect(orders.map(({ state }) => state)).toEqual(['submitted', 'submitted', 'rejected']);
    expect(lastReason(orders[2] as (typeof orders)[0])).toMatch(/position could reach/);
    const few = await new TestDesk({ maxOpenOrders: 2 }).started();
    const states = (await Promise.all(['a', 'b', 'c'].map((id) => submitted(few, limitIntent(id, 'buy', '1', '199.00'))))).map(
      ({ state }) => state,
    );
    expect(states).toEqual(['submitted', 'submitted', 'rejected']);
  });

  it('frees the room of orders that ended', async () => {
    const desk = await new TestDesk({ maxOpenOrders: 1 }).started();
    const resting = await submitted(desk, limitIntent('a', 'buy', '1', '199.00'));
    await desk.pass();
    expect(desk.service.cancel(resting.id).ok).toBe(true);
    await desk.pass();
    expect((await submitted(desk, marketIntent('b', 'buy', '1'))).state).toBe('submitted');
    await desk.pass();
    expect((await submitted(desk, marketIntent('c', 'sell', '1'))).state).toBe('submitted');
    await desk.pass();
    expect(desk.service.account().positions[0]?.quantity).toBe('0');
  });

  it('refuses before it has recovered', async () => {
    const desk = new TestDesk();
    expect(await desk.service.submit(marketIntent('a', 'buy', '1'))).toMatchObject({
      ok: false,
      error: { code: 'EXECUTION_NOT_READY' },
    });
  });
});

describe('cancelling', () => {
  it('cancels a resting order, says what cannot be cancelled, and leaves fills alone', async () => {
    const desk = await new TestDesk().started();
    const order = await submitted(desk, limitIntent('c1', 'buy', '1', '199.00'));
    await desk.pass();
    expect(desk.service.cancel(order.id).ok).toBe(true);
    await desk.pass();
    expect(desk.states(order.id)).toEqual(['intent', 'riskChecked', 'submitted', 'accepted', 'cancelled']);
    expect(desk.service.cancel(order.id)).toMatchObject({ ok: false, error: { code: 'ORDER_FINAL' } });
    expect(desk.service.cancel('nobody')).toMatchObject({ ok: false, error: { code: 'ORDER_UNKNOWN' } });
  });

  it('stops an order that is still being journalled: it is never sent', async () => {
    const desk = await new TestDesk().started();
    const sending = desk.service.submit(limitIntent('c1', 'buy', '1', '199.00'));
    expect(desk.service.cancelAll()).toBe(1);
    const order = await sending;
    expect(order).toMatchObject({ ok: true, value: { state: 'cancelled' } });
    expect(desk.calls).toEqual([]);
  });
});

describe('an open order of a symbol that is followed no more', () => {
  it('is cancelled at the next start, with the reason, and reaches no broker', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const order = await submitted(desk, limitIntent('c1', 'buy', '1', '199.00'));
    await desk.pass();
    const next = await new TestDesk({ disk, seed: 2, follows: 'nothing' }).started();
    await next.service.settled();
    expect(next.order(order.id)?.state).toBe('cancelled');
    expect(lastReason(next.order(order.id) as typeof order)).toContain('not followed any more');
    expect(next.calls).toEqual([]);
  });
});

describe('kill switch', () => {
  it('cancels everything, refuses new orders, survives a restart and lets go when released', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const order = await submitted(desk, limitIntent('c1', 'buy', '1', '199.00'));
    await desk.pass();
    expect((await desk.service.setKillSwitch(true, 'news')).ok).toBe(true);
    await desk.pass();
    expect(lastReason(desk.order(order.id) as typeof order)).toBe('Kill switch: news');
    expect((await submitted(desk, marketIntent('c2', 'buy', '1'))).state).toBe('rejected');

    const next = await new TestDesk({ disk, seed: 2 }).started();
    expect(next.service.account().killSwitch).toMatchObject({ engaged: true, reason: 'news' });
    expect((await submitted(next, marketIntent('c3', 'buy', '1'))).state).toBe('rejected');
    expect((await next.service.setKillSwitch(false, '')).ok).toBe(true);
    expect((await submitted(next, marketIntent('c4', 'buy', '1'))).state).toBe('submitted');
  });

  it('stops orders that passed the gate but are not sent yet', async () => {
    const desk = await new TestDesk().started();
    const sending = desk.service.submit(marketIntent('c1', 'buy', '1'));
    let shown = 0;
    desk.service.onOrders((event) => {
      // At the very last moment: journalled as submitted, about to be sent.
      if (event.kind === 'order' && event.order.state === 'submitted' && shown++ === 0)
        void desk.service.setKillSwitch(true, 'now');
    });
    expect(await sending).toMatchObject({ ok: true, value: { state: 'cancelled' } });
    expect(desk.calls).toEqual([]);
  });

  it('cancels restored orders when it was engaged as the app died', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const order = await submitted(desk, limitIntent('c1', 'buy', '1', '199.00'));
    await desk.pass();
    await desk.service.setKillSwitch(true, 'news');
    const next = await new TestDesk({ disk, seed: 2 }).started();
    await next.pass();
    expect(next.order(order.id)?.state).toBe('cancelled');
  });

  it('is engaged even when it cannot be saved, and is not released unless that is saved', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    desk.store.trouble = () => 'full';
    expect(await desk.service.setKillSwitch(true, 'news')).toMatchObject({ ok: false, error: { code: 'KILL_SWITCH_NOT_SAVED' } });
    expect(desk.service.account().killSwitch.engaged).toBe(true);
    expect((await desk.service.setKillSwitch(false, '')).ok).toBe(false);
    expect(desk.service.account().killSwitch.engaged).toBe(true);
  });

  it('counts as engaged when its saved state makes no sense', async () => {
    const disk = new Disk();
    disk.settings.set('execution.killSwitch', 'garbage');
    expect((await new TestDesk({ disk }).started()).service.account().killSwitch.engaged).toBe(true);
  });
});

describe('a full disk', () => {
  it.each([0, 1, 2])('at write %i of a submission refuses the order and never sends it', async (failing) => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    desk.store.trouble = (write) => (write >= failing ? 'full' : undefined);
    const refused = await desk.service.submit(marketIntent('c1', 'buy', '1'));
    expect(refused).toMatchObject({ ok: false, error: { code: 'ORDER_NOT_JOURNALLED' } });
    expect(desk.calls).toEqual([]);
    await drained();
    desk.store.trouble = () => undefined;
    await desk.pass(2_000);
    // Either nobody ever saw it, or it is shown and journalled as rejected.
    const states = [...disk.orders.values()].map(({ state }) => state);
    expect(states).toEqual(failing === 0 ? [] : ['rejected']);
    expect(desk.service.snapshot().orders.map(({ state }) => state)).toEqual(states);
    expect(desk.calls).toEqual([]);
  });

  it('holds fills until they can be written, engages the kill switch, and loses none', async () => {
    const disk = new Disk();
    const desk = await new TestDesk({ disk }).started();
    const order = await submitted(desk, marketIntent('c1', 'buy', '6'));
    desk.store.trouble = () => 'full';
    desk.clock.advanceBy(60);
    await drained();
    expect(desk.order(order.id)?.state).toBe('submitted');
    expect(desk.service.account()).toMatchObject({ positions: [], killSwitch: { engaged: true } });
    desk.store.trouble = () => undefined;
    await desk.pass(1_000);
    expect(desk.order(order.id)).toMatchObject({ state: 'filled', filledQuantity: '6' });
    expect(disk.fills.reduce((sum, { quantity }) => add(sum, quantity), '0')).toBe('6');
    expect(desk.service.account().positions[0]?.quantity).toBe('6');
  });
});

describe('broker events', () => {
  it('leaves out a fill that comes twice and events that cannot be', async () => {
    let tell: (event: Parameters<Parameters<TestDesk['paper']['on']>[0]>[0]) => void = () => {};
    const desk = await new TestDesk({
      wrap: (paper) => ({
        ...paper,
        on: (listener) => {
          tell = listener;
          return paper.on(listener);
        },
      }),
    }).started();
    const order = await submitted(desk, marketIntent('c1', 'buy', '6'));
    await desk.pass();
    const fill = desk.service.snapshot().fills[0];
    if (fill === undefined) throw new Error('no fill');
    tell({ kind: 'filled', orderId: order.id, at: 5, fill });
    tell({ kind: 'cancelled', orderId: order.id, at: 5, reason: 'late' });
    tell({ kind: 'accepted', orderId: 'stranger', at: 5 });
    await desk.service.settled();
    expect(desk.order(order.id)?.state).toBe('filled');
    expect(desk.service.account().positions[0]?.quantity).toBe('6');
    expect(desk.service.account().killSwitch.engaged).toBe(false);
    expect(desk.logged).toHaveLength(3);
    tell({ kind: 'filled', orderId: order.id, at: 5, fill: { ...fill, id: 'too-much' } });
    await desk.service.settled();
    expect(desk.service.account().killSwitch).toMatchObject({ engaged: true, reason: expect.stringContaining('did not fit') });
  });

  it('stops taking events when closed', async () => {
    const desk = await new TestDesk().started();
    const order = await submitted(desk, marketIntent('c1', 'buy', '6'));
    await desk.service.close();
    desk.clock.advanceBy(60);
    expect(await desk.service.submit(marketIntent('c2', 'buy', '1'))).toMatchObject({
      ok: false,
      error: { code: 'EXECUTION_NOT_READY' },
    });
    expect(desk.order(order.id)?.state).toBe('submitted');
  });
});
