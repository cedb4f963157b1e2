import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeatmapColumn } from '../../core/contracts/heatmap.ts';
import { fromWire } from '../../core/market/heatmap-wire.ts';
import { HeatSlots } from './heat-slots.ts';
import { HeatmapColumns } from './heatmap-model.ts';

interface Second {
  readonly time: number;
  readonly isLive: boolean;
  readonly bought: number | undefined;
}

function columnOf({ time, isLive, bought }: Second): HeatmapColumn {
  if (!isLive) return { time, anchorIndex: 0, mid: 0, spreadBps: 0, venues: [] };
  const side = { from: 10, notional: [1, 2] };
  const flow = { buyVolume: bought ?? 0, sellVolume: 1, buyNotional: 2 * (bought ?? 0), sellNotional: 2 };
  return {
    time,
    anchorIndex: 100 + time / 1_000,
    mid: time,
    spreadBps: 1,
    venues: ['binance'],
    total: { bid: side, ask: side },
    ...(bought === undefined ? {} : { flow }),
  };
}

/** As the host answers: each step's last second with the flow of all of them. */
function recordedOf(seconds: readonly Second[], stepMs: number): HeatmapColumn[] {
  const bySlot = new Map<number, HeatmapColumn>();
  for (const column of seconds.filter(({ isLive }) => isLive).map(columnOf)) {
    const slot = Math.floor(column.time / stepMs);
    const before = bySlot.get(slot)?.flow;
    const flows = [before, column.flow].filter((flow) => flow !== undefined);
    const sum = (key: 'buyVolume' | 'sellVolume' | 'buyNotional' | 'sellNotional') => flows.reduce((s, flow) => s + flow[key], 0);
    const { flow: _, ...rest } = column;
    const flow = {
      buyVolume: sum('buyVolume'),
      sellVolume: sum('sellVolume'),
      buyNotional: sum('buyNotional'),
      sellNotional: sum('sellNotional'),
    };
    bySlot.set(slot, flows.length === 0 ? rest : { ...rest, flow });
  }
  return [...bySlot.values()];
}

const history = fc
  .array(fc.record({ isLive: fc.boolean(), bought: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) }), {
    minLength: 1,
    maxLength: 80,
  })
  .map((rows) => rows.map((row, i): Second => ({ ...row, time: 120_000 + 1_000 * i })));

describe('the book in steps', () => {
  it('is the same however much of it was recorded and how much is told live', () => {
    const cuts = fc.record({
      stepSec: fc.constantFrom(1, 2, 5, 10, 15, 30, 60),
      // Recorded up to here, live from there on; both hold what lies between.
      readTo: fc.nat({ max: 80 }),
      overlap: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(history, cuts, (seconds, { stepSec, readTo, overlap }) => {
        const stepMs = 1_000 * stepSec;
        const live = new HeatmapColumns();
        const told = seconds.slice(Math.max(0, Math.min(readTo, seconds.length - 1) - overlap));
        live.take({ kind: 'snapshot', bucketWidth: 1, columns: told.map(columnOf) });
        const slots = new HeatSlots(stepMs, live);
        slots.take(0, 1_000, recordedOf(seconds.slice(0, readTo), stepMs).map(fromWire));
        const whole = new Map(recordedOf(seconds, stepMs).map((column) => [slots.slotOf(column.time), column]));
        for (let slot = slots.slotOf(110_000); slot <= slots.slotOf(210_000); slot++) {
          const got = slots.at(slot);
          const wanted = whole.get(slot);
          // At a second a step, one without a venue is told as such.
          if (wanted === undefined) expect(got === undefined || got.venues.length === 0).toBe(true);
          else expect([got?.time, got?.mid, got?.flow]).toEqual([wanted.time, wanted.mid, wanted.flow]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('goes on with each second that is told, and forgets what is dropped', () => {
    const live = new HeatmapColumns();
    live.take({ kind: 'snapshot', bucketWidth: 1, columns: [columnOf({ time: 60_000, isLive: true, bought: 1 })] });
    const slots = new HeatSlots(10_000, live);
    expect(slots.at(6)?.flow?.buyVolume).toBe(1);
    live.take({ kind: 'column', bucketWidth: 1, column: columnOf({ time: 61_000, isLive: true, bought: 2 }) });
    expect(slots.told(61_000)).toBe(6);
    expect(slots.at(6)).toMatchObject({ time: 61_000, flow: { buyVolume: 3 } });
    slots.take(4, 5, [fromWire(columnOf({ time: 45_000, isLive: true, bought: 7 }))]);
    expect(slots.at(4)?.time).toBe(45_000);
    slots.drop(0, 5);
    expect(slots.at(4)).toBeUndefined();
  });
});
