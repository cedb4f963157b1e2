import { describe, expect, it } from 'vitest';
import { FRAME_MARK, frameCosts } from './frame-trace.ts';
import type { TraceEvent } from './page-probe.ts';

const PAGE = { pid: 1, tid: 7, ph: 'X' };
const mark = (ts: number): TraceEvent => ({ ...PAGE, ph: 'R', name: FRAME_MARK, ts });
const task = (ts: number, dur: number, tdur = dur): TraceEvent => ({
  ...PAGE,
  name: 'ThreadControllerImpl::RunTask',
  ts,
  dur,
  tdur,
});
const step = (name: string, ts: number, tdur: number): TraceEvent => ({ ...PAGE, name, ts, dur: tdur, tdur });

describe('the costs of frames in a trace', () => {
  it('are the CPU time of the page’s own tasks between its frames, those within others not counted twice', () => {
    const { frameMs } = frameCosts([
      mark(0),
      task(1_000, 4_000, 3_000),
      task(2_000, 1_000),
      { ...task(5_500, 9_000), tid: 8 },
      mark(16_000),
      task(17_000, 2_000),
      task(20_000, 500),
      mark(32_000),
      task(33_000, 7_000),
    ]);
    expect(frameMs).toEqual([3, 2.5]);
  });

  it('are told by what they were spent on', () => {
    const { msPerS } = frameCosts([
      mark(0),
      task(1_000, 10_000),
      step('FireAnimationFrame', 1_500, 6_000),
      step('Layout', 2_000, 2_000),
      step('Paint', 8_000, 1_000),
      mark(1_000_000),
    ]);
    expect(Object.fromEntries(msPerS)).toEqual({ script: 4, layout: 2, paint: 1, other: 3 });
  });

  it('names what a task of more than 50 ms did', () => {
    const call = { ...step('FunctionCall', 20_100, 55_000), args: { data: { functionName: 'drawAll', lineNumber: 12 } } };
    const { longTasks } = frameCosts([mark(0), task(1_000, 50_000), task(60_000 - 40_000 + 40_000, 60_000), mark(200_000)]);
    expect(longTasks.map(({ ms }) => ms)).toEqual([60]);
    expect(frameCosts([mark(0), task(20_000, 60_000), call, mark(200_000)]).longTasks[0]?.of).toBe(
      'FunctionCall drawAll:12 55 ms',
    );
  });
});
