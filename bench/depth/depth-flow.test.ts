import { describe, expect, it } from 'vitest';
import { after, checksum, depthFlow, type FlowBook } from './depth-flow.ts';

const options = { seed: 7, messages: 300, levelsPerMessage: 20, depth: 200 };

function isSound({ bids, asks }: FlowBook): boolean {
  const falling = bids.every(([ticks], i) => i === 0 || ticks < (bids[i - 1]?.[0] ?? 0));
  const rising = asks.every(([ticks], i) => i === 0 || ticks > (asks[i - 1]?.[0] ?? 0));
  return falling && rising && (bids[0]?.[0] ?? 0) < (asks[0]?.[0] ?? 0);
}

describe('the depth flow', () => {
  const flow = depthFlow(options);

  it('never crosses the book, on the first pass and on later ones', () => {
    let start = flow.start;
    for (let pass = 0; pass < 3; pass++) {
      for (let count = 0; count <= flow.messages.length; count += 10)
        expect(isSound(after({ ...flow, start }, count))).toBe(true);
      start = after({ ...flow, start }, flow.messages.length);
    }
  });

  it('comes back to the same book after every pass', () => {
    const again = after({ start: flow.end, messages: flow.messages }, flow.messages.length);
    expect(again).toEqual(flow.end);
  });

  it('has the asked-for shape', () => {
    const levels = flow.messages.map((message) => message.bids.length + message.asks.length);
    expect(levels.slice(0, -1).every((count) => count === options.levelsPerMessage)).toBe(true);
    const deletes = flow.messages
      .flatMap((message) => [...message.bids, ...message.asks])
      .filter(([, lots]) => lots === 0).length;
    expect(deletes / (options.messages * options.levelsPerMessage)).toBeGreaterThan(0.2);
    for (const side of [flow.end.bids, flow.end.asks])
      expect(Math.abs(side.length - options.depth)).toBeLessThan(options.depth / 4);
  });

  it('sends each price at most once a side and message', () => {
    for (const { bids, asks } of flow.messages) {
      for (const side of [bids, asks]) expect(new Set(side.map(([ticks]) => ticks)).size).toBe(side.length);
    }
  });

  it('is the same for the same seed, and its checksum tells books apart', () => {
    expect(depthFlow(options)).toEqual(flow);
    expect(checksum(flow.end, 100)).toBe(checksum(depthFlow(options).end, 100));
    expect(checksum(flow.end, 100)).not.toBe(checksum(flow.start, 100));
    expect(checksum(depthFlow({ ...options, seed: 8 }).end, 100)).not.toBe(checksum(flow.end, 100));
  });
});
