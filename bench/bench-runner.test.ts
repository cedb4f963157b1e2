import { describe, expect, it } from 'vitest';
import { compare, measure, median, openReport, percentile, toRow } from './bench-runner.ts';

describe('toRow', () => {
  it('says how many times better ours is, whichever way the unit counts', () => {
    expect(toRow('b', { metric: 'm', value: 30, unit: '1/s', peer: 'p 1', peerValue: 10 }).ratio).toBe(3);
    expect(toRow('b', { metric: 'm', value: 2, unit: 'ms', peer: 'p 1', peerValue: 10, better: 'lower' }).ratio).toBe(5);
  });

  it('has nulls where nothing is compared, and no ratio to a peer of 0', () => {
    expect(toRow('b', { metric: 'm', value: 1.23456, unit: 'ms' })).toEqual({
      bench: 'b',
      metric: 'm',
      value: 1.235,
      unit: 'ms',
      peer: null,
      peerValue: null,
      ratio: null,
    });
    expect(toRow('b', { metric: 'm', value: 1, unit: '1/s', peer: 'p', peerValue: 0 }).ratio).toBeNull();
  });

  it('refuses a broken measurement', () => {
    expect(() => toRow('b', { metric: 'm', value: Number.NaN, unit: 'ms' })).toThrow('b, m: measured NaN');
    expect(() => toRow('b', { metric: 'm', value: 1, unit: 'ms', peer: 'p', peerValue: Infinity })).toThrow('Infinity');
  });
});

describe('openReport', () => {
  it('prints one JSON object a line', () => {
    const lines: string[] = [];
    const report = openReport('book', { json: true, print: (line) => lines.push(line) });
    report.row({ metric: 'updates', value: 10, unit: '1/s', peer: 'p 1', peerValue: 4 });
    expect(lines).toEqual(['{"bench":"book","metric":"updates","value":10,"unit":"1/s","peer":"p 1","peerValue":4,"ratio":2.5}']);
  });

  it('prints a table with the same figures', () => {
    const lines: string[] = [];
    const report = openReport('book', { json: false, print: (line) => lines.push(line) });
    report.row({ metric: 'updates', value: 1_234_567, unit: '1/s', peer: 'p 1', peerValue: 4 });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^updates\s+1,235,000\s+1\/s\s+p 1\s+4\s+308,600×$/);
  });
});

describe('statistics', () => {
  it('median takes the middle, and the mean of the two middles', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow('nothing');
  });

  it('percentile takes the nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentile(values, 50)).toBe(100);
    expect(percentile(values, 99)).toBe(198);
    expect(percentile(values, 100)).toBe(200);
    expect(percentile([7], 1)).toBe(7);
  });

  it('throws the warm-ups away', async () => {
    const values = [1000, 3, 1, 2];
    expect(await measure({ runs: 3 }, () => values.shift() ?? Number.NaN)).toBe(2);
  });

  it('compares in turn', async () => {
    const order: string[] = [];
    const run = (name: string, value: number) => () => {
      order.push(name);
      return value;
    };
    expect(await compare({ runs: 2, warmUps: 1 }, run('ours', 6), run('peer', 2))).toEqual({ ours: 6, peer: 2 });
    expect(order).toEqual(['ours', 'peer', 'ours', 'peer', 'ours', 'peer']);
  });
});
