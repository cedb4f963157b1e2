import { describe, expect, it } from 'vitest';
import { ok } from '../../../core/base/result.ts';
import type { OrderFlowEvent } from '../../../core/contracts/order-flow.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { OfiBars } from './ofi-bars.ts';

const T0 = 1_700_000_040_000;

function setUp() {
  let tell: (event: OrderFlowEvent, gap: boolean) => void = () => {};
  let subscriptions = 0;
  const asked: { from: number; to: number }[] = [];
  const client = {
    subscribe: (_stream: string, _params: unknown, listener: typeof tell) => {
      subscriptions++;
      tell = listener;
      return () => {};
    },
    command: async (_name: string, input: { from: number; to: number }) => {
      asked.push(input);
      return ok({
        bars: [
          { openTime: T0 - 60_000, ofi: 5, seconds: 60 },
          { openTime: T0, ofi: 2, seconds: 10 },
        ],
      });
    },
    onConnection: () => () => {},
  } as unknown as DeskClient;
  const bars = new OfiBars(client, 'ETH/USDT', '1m', () => {});
  const second = (time: number, ofi?: number): void =>
    tell({ kind: 'second', second: { time, rows: [], buy: [], sell: [], ...(ofi === undefined ? {} : { ofi }) } }, false);
  return {
    asked,
    bars,
    second,
    tell: (event: OrderFlowEvent, gap = false) => tell(event, gap),
    subscriptions: () => subscriptions,
  };
}

describe('OfiBars', () => {
  it('adds the seconds that end while it is open to those that are stored from before, each once', async () => {
    const { asked, bars, second, tell } = setUp();
    bars.cover(T0 - 120_000, T0 + 60_000);
    expect(asked).toEqual([]);
    tell({ kind: 'snapshot', tickSize: 0.01, since: T0 + 10_000, seconds: [] });
    bars.cover(T0 - 120_000, T0 + 60_000);
    // Nothing from `since` on is asked for: the stream tells of it.
    await expect.poll(() => bars.at(T0)).toEqual({ ofi: 2, seconds: 10 });
    expect(Math.max(...asked.map(({ to }) => to))).toBe(T0 + 10_000);
    second(T0 + 10_000);
    second(T0 + 10_000, -1.5);
    second(T0 + 10_000, -1.5);
    second(T0 + 11_000, 4);
    expect(bars.at(T0)).toEqual({ ofi: 4.5, seconds: 12 });
    expect(bars.at(T0 - 60_000)).toEqual({ ofi: 5, seconds: 60 });
    second(T0 + 60_000, 3);
    expect(bars.at(T0 + 60_000)).toEqual({ ofi: 3, seconds: 1 });
    expect(bars.at(T0 + 120_000)).toBeUndefined();
  });

  it('begins anew with a snapshot, and asks for one after a gap', () => {
    const { bars, second, tell, subscriptions } = setUp();
    tell({ kind: 'snapshot', tickSize: 0.01, since: T0, seconds: [{ time: T0, rows: [], buy: [], sell: [], ofi: 1 }] });
    expect(bars.at(T0)).toEqual({ ofi: 1, seconds: 1 });
    tell({ kind: 'snapshot', tickSize: 0.01, since: T0, seconds: [] });
    expect(bars.at(T0)).toBeUndefined();
    second(T0, 2);
    expect(subscriptions()).toBe(1);
    tell({ kind: 'second', second: { time: T0 + 1_000, rows: [], buy: [], sell: [] } }, true);
    expect(subscriptions()).toBe(2);
  });
});
