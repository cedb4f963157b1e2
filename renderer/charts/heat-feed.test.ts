import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../core/base/result.ts';
import type { HeatmapColumn, HeatmapEvent } from '../../core/contracts/heatmap.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { HeatFeed, type HeatSpan } from './heat-feed.ts';

const NOW = 1_000_000_000;
const column = (time: number): HeatmapColumn => ({ time, anchorIndex: 1, mid: 1, spreadBps: 1, venues: ['binance'] });

function setUp() {
  const asked: { from: number; to: number; stepSec: number }[] = [];
  const changed: (HeatSpan | 'all')[] = [];
  let tell: (event: HeatmapEvent, gap: boolean) => void = () => {};
  let subscribed = 0;
  let bucketWidth = 1;
  let isUp = true;
  const client: DeskClient = {
    async command(_name: string, input: unknown) {
      const span = input as { from: number; to: number; stepSec: number };
      asked.push(span);
      if (!isUp) return fail('STORE_FAILED', 'the store is away') as never;
      const columns: HeatmapColumn[] = [];
      for (let time = span.from; time < Math.min(span.to, NOW); time += 1_000 * span.stepSec) columns.push(column(time));
      return ok({ bucketWidth, columns }) as never;
    },
    subscribe(_stream: unknown, _params: unknown, listener: unknown) {
      subscribed++;
      tell = listener as typeof tell;
      return () => void subscribed--;
    },
    onConnection: () => () => {},
  };
  const feed = new HeatFeed(client, 'ETH/USDT', (span) => changed.push(span));
  return {
    asked,
    changed,
    feed,
    subscribed: () => subscribed,
    tell: (event: HeatmapEvent, gap = false) => tell(event, gap),
    answerWidth: (width: number) => (bucketWidth = width),
    setUp: (up: boolean) => (isUp = up),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const snapshot: HeatmapEvent = { kind: 'snapshot', bucketWidth: 1, columns: [column(NOW - 1_000), column(NOW)] };
const live = (time: number, bucketWidth = 1): HeatmapEvent => ({ kind: 'column', bucketWidth, column: column(time) });

describe('the feed of the heatmap behind candles', () => {
  it('reads what comes into view once, the newest first, at most 300 steps at a time', async () => {
    const { asked, changed, feed, tell } = setUp();
    feed.cover(NOW - 700_000, NOW + 30_000, 1_000);
    await settled();
    expect(asked, 'nothing while it is not known what is past').toEqual([]);
    tell(snapshot);
    await settled();
    expect(asked.map(({ from, to }) => [from, to - from])).toEqual([
      [999_900_000, 300_000],
      [999_600_000, 300_000],
      [999_300_000, 300_000],
    ]);
    expect(changed[0]).toBe('all');
    expect(changed).toContainEqual([999_600, 999_900]);
    expect(feed.slots.at(999_400)?.time).toBe(999_400_000);
    feed.cover(NOW - 600_000, NOW + 30_000, 1_000);
    await settled();
    expect(asked).toHaveLength(3);
    feed.close();
  });

  it('asks anew in other steps and for another bucket width', async () => {
    const { asked, feed, tell, answerWidth } = setUp();
    tell(snapshot);
    feed.cover(NOW - 60_000, NOW, 1_000);
    await settled();
    feed.cover(NOW - 60_000, NOW, 60_000);
    await settled();
    expect(asked.map(({ stepSec }) => stepSec)).toEqual([1, 60]);
    answerWidth(2);
    tell(live(NOW + 1_000, 2));
    await settled();
    expect(feed.bucketWidth).toBe(2);
    expect(asked).toHaveLength(3);
    feed.close();
  });

  it('reads a chunk again before live seconds that are in no answer are let go of', async () => {
    const { asked, feed, tell } = setUp();
    const columns = Array.from({ length: 300 }, (_, i) => column(NOW - 1_000 * (299 - i)));
    tell({ kind: 'snapshot', bucketWidth: 1, columns });
    feed.cover(NOW - 60_000, NOW, 3_600_000);
    await settled();
    for (let second = 1; second <= 880; second++) tell(live(NOW + 1_000 * second));
    await settled();
    expect(asked).toHaveLength(1);
    for (let second = 881; second <= 910; second++) tell(live(NOW + 1_000 * second));
    await settled();
    expect(asked).toHaveLength(2);
    feed.close();
  });

  it('tries again a second later when the store did not answer, and leaves nothing behind', async () => {
    const { asked, feed, tell, setUp: set, subscribed } = setUp();
    set(false);
    tell(snapshot);
    feed.cover(NOW - 60_000, NOW, 1_000);
    await settled();
    tell(live(NOW));
    await settled();
    set(true);
    const before = asked.length;
    tell(live(NOW + 1_000));
    await settled();
    expect(asked.length).toBe(before + 1);
    expect(feed.slots.at(999_950)?.time).toBe(999_950_000);
    const other = subscribed();
    feed.close();
    expect([other, subscribed()]).toEqual([1, 0]);
  });
});
