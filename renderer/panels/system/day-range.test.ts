import { describe, expect, it } from 'vitest';
import { checkDays } from './day-range.ts';

describe('the days to move', () => {
  it('are whole and both included', () => {
    const range = { from: Date.UTC(2020, 3, 26), to: Date.UTC(2020, 3, 28) };
    expect(checkDays('2020-04-26', '2020-04-27')).toEqual({ ok: true, range });
  });

  it('say what is wrong with them', () => {
    expect(checkDays('', '2020-04-27')).toMatchObject({ ok: false, problem: expect.stringContaining('2020-04-26') });
    expect(checkDays('2020-04-27', '2020-04-26')).toMatchObject({ ok: false, problem: expect.stringContaining('before') });
  });
});
