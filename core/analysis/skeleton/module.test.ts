import { describe, expect, it } from 'vitest';
import { ModuleBench } from '../module-bench.fixture.ts';
import { create } from './module.ts';

const ETH = 'ETH/USDT';
const MINUTE = 60_000;

describe('the skeleton of an analysis module', () => {
  it('knows nothing before it has seen enough, and then the move', () => {
    const bench = new ModuleBench(create(), [ETH]);
    for (let i = 0; i < 10; i++) bench.close(ETH, '1m', i * MINUTE, 2_000);
    expect(bench.features(ETH)).toEqual({ move: null, record: null });
    bench.close(ETH, '1m', 10 * MINUTE, 2_002);
    expect(bench.features(ETH)['move']).toBeCloseTo(10, 9);
    expect(bench.predictions(ETH)).toEqual([]);
  });

  it('predicts with the share of its earlier calls that came true', () => {
    const bench = new ModuleBench(create(), [ETH]);
    // 0.1 % a minute: every call is right.
    for (let i = 0; i < 300; i++) bench.close(ETH, '1m', i * MINUTE, 2_000 * 1.001 ** i);
    const [view, ...others] = bench.predictions(ETH);
    expect(others).toEqual([]);
    expect(view).toMatchObject({ direction: 'up', horizonMs: 5 * MINUTE });
    expect(view?.confidence).toBeCloseTo(((view?.calls ?? 0) + 1) / ((view?.calls ?? 0) + 2), 12);
    expect(view?.calls).toBeGreaterThanOrEqual(30);
  });

  it('has nothing of a symbol that it was not told of, or that was left', () => {
    const bench = new ModuleBench(create(), [ETH]);
    expect(bench.module.features('BTC/USDT')).toEqual([]);
    bench.end();
    expect(bench.module.features(ETH)).toEqual([]);
    expect(bench.module.predictions(ETH)).toEqual([]);
  });
});
