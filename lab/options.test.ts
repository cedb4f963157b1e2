import { describe, expect, it } from 'vitest';
import { LAB_VENUES } from './listings.ts';
import { parseArguments } from './options.ts';

const HOST_OPTIONS = { port: 0, seed: 3, speed: 5, startAt: 1_587_859_200_000, dataFolders: ['/data'], symbols: ['ETHUSDT'] };

describe('parseArguments', () => {
  it('takes the options of its host, and faults beside them', () => {
    const parsed = parseArguments([JSON.stringify(HOST_OPTIONS), '--fault', 'gap@+1s']);
    expect(parsed).toEqual({
      ok: true,
      value: { options: HOST_OPTIONS, venues: LAB_VENUES, faults: ['gap@+1s'], randomFaults: { count: 0, seed: 1 } },
    });
  });

  it('takes the switches of a person', () => {
    const parsed = parseArguments([
      '--speed',
      '10',
      '--seed',
      '1',
      '--port',
      '9000',
      '--start-at',
      '2020-03-12T00:00:00Z',
      '--symbols',
      'BTCUSDT',
      '--venues',
      'bybit',
      '--random-faults',
      '3',
      '--fault-seed',
      '9',
      '--data',
      'a',
      '--data',
      'b',
    ]);
    expect(parsed).toEqual({
      ok: true,
      value: {
        options: {
          port: 9_000,
          seed: 1,
          speed: 10,
          startAt: Date.UTC(2020, 2, 12),
          dataFolders: ['a', 'b'],
          symbols: ['BTCUSDT'],
        },
        venues: ['bybit'],
        faults: [],
        randomFaults: { count: 3, seed: 9 },
      },
    });
  });

  it.each([
    [['--speed', '61'], 'speed'],
    [['--speed', '0'], 'speed'],
    [['--seed', 'x'], 'seed'],
    [['--port', '70000'], 'port'],
    [['--symbols', 'DOGEUSDT'], 'DOGEUSDT'],
    [['--start-at', 'yesterday'], 'start'],
    [['--colour', 'red'], 'colour'],
    [['--venues', 'nasdaq'], 'nasdaq'],
    [['--random-faults', 'many'], 'random-faults'],
    [['{"port":'], 'JSON'],
    [['{}'], 'port'],
  ])('refuses %j and says why', (args, named) => {
    const parsed = parseArguments(args);
    expect(parsed.ok ? undefined : parsed.error).toMatchObject({
      code: 'LAB_OPTIONS_INVALID',
      message: expect.stringContaining(named),
    });
  });
});
