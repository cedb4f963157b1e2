import { parseArgs } from 'node:util';
import { fail, ok, reasonOf, type Result } from '../core/base/result.ts';
import type { LabOptions } from '../core/contracts/worker-protocol.ts';
import { FAULT_GRAMMAR } from './faults/fault.ts';
import { LAB_INSTRUMENTS } from './instruments.ts';
import { LAB_VENUES, type LabVenue } from './listings.ts';

export interface LabArguments {
  readonly options: LabOptions;
  readonly venues: readonly LabVenue[];
  /** As written, see `parseFault`. */
  readonly faults: readonly string[];
  readonly randomFaults: { readonly count: number; readonly seed: number };
}

export const USAGE = `The practice market: exchanges on loopback, around recorded prices, each in its own protocol below a path of its name.
  --port N       port on 127.0.0.1 (default: a free one)
  --seed N       the same seed gives the same trades (default 1)
  --speed N      market seconds per second, 1 to 60 (default 1)
  --start-at T   UTC time to begin at, e.g. 2020-03-12T10:00:00Z (default 2020-04-26T00:00:00Z)
  --data DIR     folder of <SYMBOL>-1m.parquet, repeatable, the first that has the file is used
                 (default resources/sample-year, then resources/sample)
  --symbols A,B  default ${LAB_INSTRUMENTS.map(({ symbol }) => symbol).join(',')}
  --venues A,B   default ${LAB_VENUES.join(',')}
  --fault F      repeatable: ${FAULT_GRAMMAR}
  --random-faults N, --fault-seed S
                 a script of N faults of every kind over all venues (seed default 1)`;

const CLI_DATA_FOLDERS = ['resources/sample-year', 'resources/sample'];

/** Reads what follows the entry in argv: the host's JSON `LabOptions`, or a person's switches. Fails with LAB_OPTIONS_INVALID. */
export function parseArguments(args: readonly string[]): Result<LabArguments> {
  try {
    const json = args.find((arg) => arg.startsWith('{'));
    const { values } = parseArgs({
      args: args.filter((arg) => arg !== json),
      options: {
        port: { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        speed: { type: 'string', default: '1' },
        'start-at': { type: 'string' },
        data: { type: 'string', multiple: true, default: CLI_DATA_FOLDERS },
        symbols: { type: 'string', default: LAB_INSTRUMENTS.map(({ symbol }) => symbol).join(',') },
        venues: { type: 'string', default: LAB_VENUES.join(',') },
        fault: { type: 'string', multiple: true, default: [] },
        'random-faults': { type: 'string', default: '0' },
        'fault-seed': { type: 'string', default: '1' },
      },
    });
    const startAt = values['start-at'] === undefined ? undefined : Date.parse(values['start-at']);
    const options: LabOptions =
      json === undefined
        ? {
            port: Number(values.port),
            seed: Number(values.seed),
            speed: Number(values.speed),
            dataFolders: values.data,
            symbols: values.symbols.split(','),
            ...(startAt !== undefined && { startAt }),
          }
        : (JSON.parse(json) as LabOptions);
    const venues = options.venues ?? values.venues.split(',');
    const randomFaults = { count: Number(values['random-faults']), seed: Number(values['fault-seed']) };
    const problem = problemWith(options) ?? problemWithVenues(venues) ?? problemWithRandom(randomFaults);
    if (problem !== undefined) return fail('LAB_OPTIONS_INVALID', `The practice market cannot start: ${problem}.`);
    return ok({ options, venues: venues as LabVenue[], faults: values.fault, randomFaults });
  } catch (thrown) {
    return fail('LAB_OPTIONS_INVALID', `The practice market cannot read its options: ${reasonOf(thrown)}`);
  }
}

function problemWith({ port, seed, speed, startAt, dataFolders, symbols }: LabOptions): string | undefined {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return `port must be 0 to 65535, got ${port}`;
  if (!Number.isInteger(seed)) return `seed must be a whole number, got ${seed}`;
  if (!(speed >= 1 && speed <= 60)) return `speed must be 1 to 60, got ${speed}`;
  if (startAt !== undefined && !Number.isFinite(startAt)) return 'the start time is not a UTC time';
  if (!Array.isArray(dataFolders) || dataFolders.length === 0) return 'no data folder is given';
  if (!Array.isArray(symbols) || symbols.length === 0) return 'no symbol is given';
  const unknown = symbols.find((name) => !LAB_INSTRUMENTS.some(({ symbol }) => symbol === name));
  if (unknown !== undefined) return `it has no ${unknown}, only ${LAB_INSTRUMENTS.map(({ symbol }) => symbol).join(', ')}`;
  return undefined;
}

function problemWithVenues(venues: readonly string[]): string | undefined {
  if (!Array.isArray(venues) || venues.length === 0) return 'no venue is given';
  const unknown = venues.find((name) => !(LAB_VENUES as readonly string[]).includes(name));
  return unknown === undefined ? undefined : `it has no venue ${unknown}, only ${LAB_VENUES.join(', ')}`;
}

function problemWithRandom({ count, seed }: LabArguments['randomFaults']): string | undefined {
  if (!Number.isInteger(count) || count < 0 || count > 1_000_000) return `random-faults must be 0 to 1000000, got ${count}`;
  return Number.isInteger(seed) ? undefined : `fault-seed must be a whole number, got ${seed}`;
}
