import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { PivotView } from '../../core/contracts/structure.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { mostSignificant, PivotFeed, type PivotSpan } from './pivot-feed.ts';
import { roomyMarks } from './pivot-layer.ts';

const pivot = (level: number, time: number, kind: 'high' | 'low' = 'high'): PivotView => ({
  level,
  kind,
  price: 1,
  time,
  confirmedAt: time + 3,
  strength: 0.5,
  label: kind === 'high' ? 'HH' : 'LL',
});

it('a pivot is drawn once, on its highest level', () => {
  const shown = mostSignificant([pivot(1, 10), pivot(1, 20), pivot(1, 20, 'low'), pivot(2, 20), pivot(3, 20)]);
  expect(shown.map(({ level, time, kind }) => `${level} ${time} ${kind}`)).toEqual(['1 10 high', '3 20 high', '1 20 low']);
});

it('labels keep apart on their side, and the higher level goes first', () => {
  const marks = [
    { pivot: pivot(1, 1), x: 100 },
    { pivot: pivot(3, 2), x: 110 },
    { pivot: pivot(1, 3, 'low'), x: 112 },
    { pivot: pivot(1, 4), x: 140 },
  ];
  expect(marks.filter((mark) => roomyMarks(marks).has(mark)).map(({ x }) => x)).toEqual([110, 112, 140]);
});

describe('the pivots in view', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16));
    vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  function open() {
    const requests: { span: PivotSpan; answer: (result: Result<{ pivots: PivotView[] }>) => void }[] = [];
    let tell = (): void => {};
    const client = {
      command: (_name: string, span: PivotSpan) => new Promise((answer) => requests.push({ span, answer })),
      subscribe: (_stream: string, _params: unknown, listener: () => void) => {
        tell = listener;
        return () => {
          tell = () => {};
        };
      },
      onConnection: () => () => {},
    } as unknown as DeskClient;
    const shown: (readonly PivotView[])[] = [];
    const feed = new PivotFeed(client, { symbol: 'ETH/USDT', timeframe: '1m', level: 2 }, (pivots) => shown.push(pivots));
    return { feed, requests, shown, change: () => tell() };
  }

  const settle = () => vi.advanceTimersByTimeAsync(1_000);

  it('are read once for a view and what lies near it, and again when one changed', async () => {
    const { feed, requests, shown, change } = open();
    feed.cover(1_000, 2_000);
    await settle();
    expect(requests.map(({ span }) => [span.from, span.to])).toEqual([[500, 2_500]]);
    requests[0]?.answer(ok({ pivots: [pivot(2, 1_500)] }));
    feed.cover(600, 1_600);
    await settle();
    expect(requests).toHaveLength(1);
    expect(shown).toHaveLength(1);
    change();
    await settle();
    expect(requests).toHaveLength(2);
    // Changed again while that is under way: what is on its way may lack it.
    change();
    await settle();
    expect(requests).toHaveLength(2);
    requests[1]?.answer(ok({ pivots: [] }));
    await settle();
    expect(requests).toHaveLength(3);
  });

  it('are read anew beyond what was read, and not without end when they cannot be', async () => {
    const { feed, requests, shown } = open();
    feed.cover(1_000, 2_000);
    await settle();
    requests[0]?.answer(ok({ pivots: [] }));
    await settle();
    feed.cover(0, 1_000);
    await settle();
    expect(requests).toHaveLength(2);
    requests[1]?.answer(fail('UNKNOWN_SYMBOL', 'not followed'));
    await settle();
    expect(requests).toHaveLength(2);
    expect(shown).toHaveLength(1);
    feed.close();
    feed.cover(-9_000, -8_000);
    await settle();
    expect(requests).toHaveLength(2);
  });
});
