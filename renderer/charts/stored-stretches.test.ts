import { describe, expect, it } from 'vitest';
import { StoredStretches } from './stored-stretches.ts';

function setUp(most = 10) {
  const asked: (readonly [number, number])[] = [];
  const answers: ((value: string | undefined) => void)[] = [];
  let now = 0;
  let changes = 0;
  const stretches = new StoredStretches<string>({
    lengthMs: 100,
    most,
    read: (from, to) => {
      asked.push([from, to]);
      return new Promise((resolve) => answers.push(resolve));
    },
    onChange: () => changes++,
    now: () => now,
  });
  const answer = async (value: string | undefined): Promise<void> => {
    answers.shift()?.(value);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { asked, answer, changes: () => changes, stretches, pass: (ms: number) => (now += ms) };
}

describe('StoredStretches', () => {
  it('reads what is needed before the moment, newest first and once', async () => {
    const { asked, answer, changes, stretches } = setUp();
    stretches.cover(120, 900, 350);
    stretches.cover(120, 900, 350);
    expect(asked).toEqual([
      [300, 350],
      [200, 300],
      [100, 200],
    ]);
    expect(stretches.isReading).toBe(true);
    await answer('newest');
    expect([stretches.at(349), stretches.at(250), changes()]).toEqual(['newest', undefined, 1]);
    stretches.cover(300, 400, 350);
    expect(asked).toHaveLength(3);
  });

  it('tries again a while after a failure, not at once', async () => {
    const { asked, answer, stretches, pass } = setUp();
    stretches.cover(0, 50, 1_000);
    await answer(undefined);
    stretches.cover(0, 50, 1_000);
    expect(asked).toHaveLength(1);
    pass(3_000);
    stretches.cover(0, 50, 1_000);
    expect(asked).toHaveLength(2);
    await answer('there');
    expect(stretches.at(0)).toBe('there');
  });

  it('takes nothing that was asked for before it was cleared, and keeps no more than it may', async () => {
    const { answer, stretches } = setUp(2);
    stretches.cover(0, 100, 1_000);
    stretches.clear();
    await answer('from before');
    expect(stretches.at(0)).toBeUndefined();
    for (const from of [0, 100, 200]) {
      stretches.cover(from, from + 100, 1_000);
      await answer(`from ${from}`);
    }
    expect([0, 100, 200].map((time) => stretches.at(time))).toEqual([undefined, 'from 100', 'from 200']);
  });
});
