import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE_LENGTH, REFERENCE_SEED, walk } from '../../core/analysis/indicators/walk.fixture.ts';
import { libraryColumns, type Libraries } from './indicator-libraries.ts';

const FILE = 'core/analysis/indicators/reference.json';
/** The first three values are kept, and one of so many after them. */
const EVERY = 25;

/** Writes what the libraries say of the reference candles, for the unit tests, which may not load them. Run from the repository's root. */
export function writeReference(libraries: Libraries): void {
  const columns = libraryColumns(libraries, walk(REFERENCE_SEED, REFERENCE_LENGTH)).map(
    ({ library, indicator, params, output, from, values }) => {
      const known = Array.from(values, (value, i) => [i, value] as const).filter(
        ([i, value]) => i >= from && !Number.isNaN(value),
      );
      const kept = known.filter((_, k) => k < 3 || k % EVERY === 0);
      return { library, indicator, params, output, at: kept.map(([i]) => i), values: kept.map(([, value]) => value) };
    },
  );
  // An output of a library a line.
  writeFileSync(join(process.cwd(), FILE), `[\n${columns.map((column) => JSON.stringify(column)).join(',\n')}\n]\n`);
}
