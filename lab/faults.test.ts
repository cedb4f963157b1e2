import { describe, expect, it } from 'vitest';
import { FaultScript, parseFault } from './faults.ts';

const BASE = Date.UTC(2020, 3, 26);

describe('parseFault', () => {
  it.each([
    ['gap@2020-04-26T00:01:00Z', { kind: 'gap', at: BASE + 60_000, durationMs: 0 }],
    ['close@+30s', { kind: 'close', at: BASE + 30_000, durationMs: 0 }],
    ['crossed@+1.5m', { kind: 'crossed', at: BASE + 90_000, durationMs: 0 }],
    ['stop@+500ms for 1h', { kind: 'stop', at: BASE + 500, durationMs: 3_600_000 }],
  ])('reads %s', (text, fault) => {
    expect(parseFault(text, BASE)).toEqual({ ok: true, value: fault });
  });

  it.each([
    '',
    'gap',
    'gap@',
    'gap@soon',
    'melt@+1s',
    'stop@+1s',
    'stop@+1s for 0s',
    'stop@+1s for long',
    'gap@+1s for 3s',
    'close@+1',
  ])('refuses %j', (text) => {
    const fault = parseFault(text, BASE);
    expect(fault.ok ? undefined : fault.error.code).toBe('LAB_FAULT_INVALID');
  });
});

describe('FaultScript', () => {
  it('gives each fault once, when it is due, and is silent for as long as a stop lasts', () => {
    const script = new FaultScript();
    script.add({ kind: 'stop', at: 200, durationMs: 50 });
    script.add({ kind: 'gap', at: 100, durationMs: 0 });
    expect(script.due(99)).toEqual([]);
    expect(script.due(150).map(({ kind }) => kind)).toEqual(['gap']);
    expect(script.silent(199)).toBe(false);
    expect(script.due(210).map(({ kind }) => kind)).toEqual(['stop']);
    expect([script.silent(210), script.silent(249), script.silent(250)]).toEqual([true, true, false]);
    expect(script.due(1e9)).toEqual([]);
  });
});
