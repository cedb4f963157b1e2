import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../core/base/rng.ts';
import type { OptionTop } from '../../main/ports/options.ts';
import { createDeribitOptions } from '../../main/venues/deribit/options.ts';
import { LabBench, SILENCE_MS } from './lab-bench.ts';
import { DERIBIT } from './venues.ts';

describe('Deribit’s options on the lab', () => {
  it('are listed, go live, are stale while the venue is silent, and come back', async () => {
    const bench = await new LabBench(DERIBIT).open();
    const venue = createDeribitOptions({
      restUrl: bench.origin,
      streamUrl: `${bench.origin.replace('http', 'ws')}${DERIBIT.streamPath}`,
      requestTimeoutMs: 30_000,
      silenceMs: SILENCE_MS,
      clock: { now: () => bench.startAt + bench.wall.now() - 1_000, after: () => () => {}, every: () => () => {} },
      wall: bench.wall,
      rng: new SplitMix32(7),
      log: { info: () => undefined, warn: () => undefined },
    });
    const listed = await venue.list('ETH');
    if (!listed.ok) throw new Error(listed.error.message);
    const { names, underlyingMid } = listed.value;
    expect(names.length).toBeGreaterThan(20);
    const followed = names.slice(0, 40);
    const tops = new Map<string, OptionTop>();
    const live = new Set<string>();
    let mid: number | undefined;
    const session = venue.follow(followed, {
      onTop: (top) => tops.set(top.venueSymbol, top),
      onState: (name, state) => (state === 'live' ? live.add(name) : live.delete(name)),
      onUnderlying: (underlying, value) => {
        expect(underlying).toBe('ETH');
        mid = value;
      },
    });
    if (!session.ok) throw new Error(session.error.message);
    try {
      await bench.passing(() => live.size === followed.length && mid !== undefined);
      expect(Math.abs((mid as number) / underlyingMid - 1)).toBeLessThan(0.02);
      for (const [name, { ask }] of tops) {
        const { strike, right } = venue.nameOf(name) as NonNullable<ReturnType<typeof venue.nameOf>>;
        // No ask below what the option would pay right now.
        const intrinsic = Math.max(0, right === 'call' ? underlyingMid - strike : strike - underlyingMid) / underlyingMid;
        expect(ask?.price).toBeGreaterThan(intrinsic * 0.98);
      }
      await bench.fault('silent@0s for 8s');
      await bench.passing(() => live.size === 0 && mid === undefined);
      await bench.passing(() => live.size === followed.length && mid !== undefined);
    } finally {
      const closing = session.value.close();
      await bench.after(1_200);
      await closing;
      await bench.close();
    }
    expect(live.size).toBe(0);
  });

  it('are refused for a coin that the venue does not have', async () => {
    const bench = await new LabBench(DERIBIT).open();
    try {
      const venue = createDeribitOptions({ restUrl: bench.origin, requestTimeoutMs: 30_000, wall: bench.wall } as never);
      expect(await venue.list('DOGE')).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
    } finally {
      await bench.close();
    }
  });
});
