import { beforeEach, describe, expect, it } from 'vitest';
import type { Prediction } from '../../core/contracts/learning.ts';
import type { Fill, Order } from '../../core/contracts/orders.ts';
import { tallyHorizons, useForecasts } from './forecasts.ts';
import { useOrders } from './orders.ts';
import { useSelection } from './selection.ts';
import { useTicket } from './ticket.ts';
import { useToasts } from './toasts.ts';
import { useTraining } from './training.ts';

const order = (id: string, createdAt: number, state: Order['state'] = 'filled'): Order => ({ id, createdAt, state }) as Order;
const fill = (id: string, at: number): Fill => ({ id, at }) as Fill;

describe('orders', () => {
  beforeEach(() => useOrders.setState({ orders: undefined, fills: [] }));
  const take = useOrders.getState().take;
  const ids = () => useOrders.getState().orders?.map((each) => each.id);

  it('are newest first, and change in place', () => {
    take({ kind: 'snapshot', orders: [order('a', 1), order('c', 3)], fills: [fill('f1', 1), fill('f2', 2)] });
    take({ kind: 'order', order: order('b', 2, 'accepted') });
    expect(ids()).toEqual(['c', 'b', 'a']);
    take({ kind: 'order', order: order('b', 2, 'cancelled') });
    expect(useOrders.getState().orders?.[1]?.state).toBe('cancelled');
    expect(useOrders.getState().fills.map((each) => each.id)).toEqual(['f2', 'f1']);
  });

  it('show a fill once though it is told twice', () => {
    take({ kind: 'fill', fill: fill('f1', 1) });
    take({ kind: 'fill', fill: fill('f2', 2) });
    take({ kind: 'fill', fill: fill('f1', 1) });
    expect(useOrders.getState().fills.map((each) => each.id)).toEqual(['f2', 'f1']);
  });

  it('are kept within a bound, but an open one is never lost', () => {
    take({ kind: 'snapshot', orders: [order('open', 0, 'accepted')], fills: [] });
    for (let i = 1; i <= 600; i++) take({ kind: 'order', order: order(`o${i}`, i) });
    expect(ids()).toHaveLength(501);
    expect(ids()?.at(-1)).toBe('open');
    expect(ids()?.[0]).toBe('o600');
  });
});

describe('forecasts', () => {
  beforeEach(() => useForecasts.getState().clear());
  const prediction = (id: string, t: number, hits: readonly (boolean | undefined)[] = []): Prediction =>
    ({
      id,
      t,
      horizons: [1, 5, 15, 60].map((horizonMin, i) => ({
        horizonMin,
        ...(hits[i] === undefined ? {} : { outcome: { hit: hits[i] } }),
      })),
    }) as unknown as Prediction;

  it('are newest first, replaced by their id, and at most 200', () => {
    const { take } = useForecasts.getState();
    take({ kind: 'snapshot', predictions: [prediction('a', 1), prediction('b', 2)] });
    take({ kind: 'updated', prediction: prediction('a', 1, [true]) });
    const shown = useForecasts.getState().predictions;
    expect(shown?.map((each) => each.id)).toEqual(['b', 'a']);
    expect(shown?.[1]?.horizons[0]?.outcome?.hit).toBe(true);
    for (let i = 0; i < 300; i++) take({ kind: 'updated', prediction: prediction(`p${i}`, 10 + i) });
    expect(useForecasts.getState().predictions).toHaveLength(200);
    expect(useForecasts.getState().predictions?.[0]?.id).toBe('p299');
  });

  it('are counted by horizon: hits, misses and what is still open', () => {
    const list = [prediction('a', 1, [true, false]), prediction('b', 2, [true, true]), prediction('c', 3)];
    expect(tallyHorizons(list)).toEqual([
      { horizonMin: 1, hits: 2, misses: 0, pending: 1 },
      { horizonMin: 5, hits: 1, misses: 1, pending: 1 },
      { horizonMin: 15, hits: 0, misses: 0, pending: 3 },
      { horizonMin: 60, hits: 0, misses: 0, pending: 3 },
    ]);
  });
});

describe('training', () => {
  it('keeps the curves of a job and begins anew with the next', () => {
    const { take } = useTraining.getState();
    const status = (jobId: string, step: number) => ({ state: 'running' as const, jobId, step, totalSteps: 10 });
    const steps = () => useTraining.getState().metrics.map((point) => point.step);
    const point = (step: number) => ({ step, epoch: 0, trainLoss: 1 });
    take({ kind: 'snapshot', status: status('a', 2), metrics: [point(1), point(2)] });
    take({ kind: 'metric', point: point(3) });
    take({ kind: 'status', status: status('a', 3) });
    const version = useTraining.getState().metricsVersion;
    expect(steps()).toEqual([1, 2, 3]);
    take({ kind: 'status', status: status('b', 0) });
    expect(steps()).toEqual([]);
    expect(useTraining.getState().metricsVersion).toBeGreaterThan(version);
    take({ kind: 'snapshot', status: status('b', 1), metrics: [point(1)] });
    expect(steps()).toEqual([1]);
  });
});

describe('toasts', () => {
  it('are shown once each, the newest four', () => {
    useToasts.setState({ toasts: [] });
    const { show, dismiss } = useToasts.getState();
    const texts = () => useToasts.getState().toasts.map((toast) => toast.text);
    for (const text of ['1', '2', '3', '2', '4', '5']) show({ level: 'info', title: 't', text });
    expect(texts()).toEqual(['3', '2', '4', '5']);
    dismiss(useToasts.getState().toasts[1]?.id as number);
    expect(texts()).toEqual(['3', '4', '5']);
  });
});

describe('the ticket', () => {
  it('forgets the price, not the quantity, with the symbol', () => {
    useSelection.getState().selectSymbol('ETH/USDT');
    useTicket.getState().edit({ limitPrice: '190', quantity: '2' });
    useSelection.getState().jumpTo(5);
    expect(useTicket.getState().limitPrice).toBe('190');
    useSelection.getState().selectSymbol('BTC/USDT');
    expect([useTicket.getState().limitPrice, useTicket.getState().quantity]).toEqual(['', '2']);
  });
});

describe('the selection', () => {
  it('leaves the annotation with the symbol, and makes a repeated jump a new one', () => {
    const { selectSymbol, selectAnnotation, jumpTo } = useSelection.getState();
    selectAnnotation('a');
    selectSymbol('ETH/USDT');
    expect(useSelection.getState().selectedAnnotationId).toBeUndefined();
    jumpTo(7);
    const first = useSelection.getState().jump;
    jumpTo(7);
    expect(useSelection.getState().jump).not.toEqual(first);
    expect(useSelection.getState().jump?.time).toBe(7);
  });
});
