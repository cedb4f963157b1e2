import { describe, expect, it } from 'vitest';
import { MOMENTS, parseFault, SPELLS } from './fault.ts';
import { randomFaults } from './random.ts';
import { FaultScript } from './script.ts';

const BASE = Date.UTC(2020, 3, 26);

describe('parseFault', () => {
  it.each([
    ['gap@2020-04-26T00:01:00Z', { kind: 'gap', at: BASE + 60_000, durationMs: 0 }],
    ['close@+30s', { kind: 'close', at: BASE + 30_000, durationMs: 0 }],
    ['crossed@+1.5m', { kind: 'crossed', at: BASE + 90_000, durationMs: 0 }],
    ['stop@+500ms for 1h', { kind: 'stop', at: BASE + 500, durationMs: 3_600_000 }],
    ['gap@30s', { kind: 'gap', at: BASE + 30_000, durationMs: 0 }],
    ['bybit:silent@1m for 20s', { kind: 'silent', venue: 'bybit', at: BASE + 60_000, durationMs: 20_000 }],
    ['429@10s for 30s', { kind: '429', at: BASE + 10_000, durationMs: 30_000 }],
    ['502@10s for 30s', { kind: '5xx', at: BASE + 10_000, durationMs: 30_000 }],
    ['slow@1s for 3s', { kind: 'slow', at: BASE + 1_000, durationMs: 3_000, byMs: 2_000 }],
    ['skew@1s by -250ms for 3s', { kind: 'skew', at: BASE + 1_000, durationMs: 3_000, byMs: -250 }],
    ['binance:close-at:500', { kind: 'close-at', venue: 'binance', at: BASE, durationMs: 0, count: 500 }],
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
    'close@500',
    'slow@1s by -2s for 3s',
    'gap@1s by 2s',
    '429@10s',
    '404@10s for 3s',
    'close-at:0',
    'nasdaq:gap@1s',
    'checksum@1s',
  ])('refuses %j', (text) => {
    const fault = parseFault(text, BASE, ['binance', 'bybit']);
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
    expect(script.active('stop', 210)?.durationMs).toBe(50);
    expect(script.active('silent', 210)).toBeUndefined();
    expect([script.silent(210), script.silent(249), script.silent(250)]).toEqual([true, true, false]);
    expect(script.due(1e9)).toEqual([]);
  });
});

describe('a refused fault', () => {
  it.each([
    ['melt@1s', 'half-open'],
    ['nasdaq:gap@1s', 'binance, bybit'],
    ['checksum@1s', 'checksum'],
  ])('%s says what is accepted', (text, named) => {
    const fault = parseFault(text, BASE, ['binance', 'bybit']);
    expect(fault.ok ? '' : fault.error.message).toContain(named);
  });
});

describe('randomFaults', () => {
  it('gives the same script for the same seed, of every kind and over every venue, in order of time', () => {
    const script = randomFaults(400, 5, BASE, ['binance', 'bybit']);
    expect(randomFaults(400, 5, BASE, ['binance', 'bybit'])).toEqual(script);
    expect(randomFaults(400, 6, BASE, ['binance', 'bybit'])).not.toEqual(script);
    expect(new Set(script.map(({ kind }) => kind))).toEqual(new Set([...MOMENTS, ...SPELLS, 'close-at']));
    expect(new Set(script.map(({ venue }) => venue))).toEqual(new Set(['binance', 'bybit']));
    expect(script.every(({ at }, i) => at >= (script[i - 1]?.at ?? BASE + 1))).toBe(true);
    expect(script.every(({ kind, durationMs }) => durationMs > 0 === (SPELLS as readonly string[]).includes(kind))).toBe(true);
  });
});
