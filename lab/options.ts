import { parseArgs } from 'node:util';
import { fail, ok, reasonOf, type Result } from '../core/base/result.ts';
import type { LabOptions } from '../core/contracts/worker-protocol.ts';
import { LAB_INSTRUMENTS } from './instruments.ts';

export interface LabArguments {
  readonly options: LabOptions;
  /** As written, see `parseFault`. */
  readonly faults: readonly string[];
}

export const USAGE = `The practice market: Binance spot's wire protocol on loopback, around recorded prices.
  --port N       port on 127.0.0.1 (default: a free one)
  --seed N       the same seed gives the same trades (default 1)
  --speed N      market seconds per second, 1 to 60 (default 1)
  --start-at T   UTC time to begin at, e.g. 2020-03-12T10:00:00Z (default 2020-04-26T00:00:00Z)
  --data DIR     folder of <SYMBOL>-1m.parquet, repeatable, the first that has the file is used
                 (default resources/sample-year, then resources/sample)
  --symbols A,B  default ${LAB_INSTRUMENTS.map(({ symbol }) => symbol).join(',')}
  --fault F      gap@T, crossed@T, close@T or "stop@T for D", repeatable; T a UTC time or +D after the start, D like 30s`;

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
        fault: { type: 'string', multiple: true, default: [] },
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
    const problem = problemWith(options);
    if (problem !== undefined) return fail('LAB_OPTIONS_INVALID', `The practice market cannot start: ${problem}.`);
    return ok({ options, faults: values.fault });
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
