import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { computeColumns } from './batch.ts';
import { defaultParams, INDICATORS, indicatorById } from './registry.ts';
import { REFERENCE_LENGTH, REFERENCE_SEED, walk } from './walk.fixture.ts';

/**
 * What independent libraries compute over `walk(REFERENCE_SEED, REFERENCE_LENGTH)`: candle numbers and the values there.
 * `npm run bench -- features --write-reference` writes the file from the npm packages named in it; it is not edited by
 * hand. Where a library begins its means in another way, the values begin after that has faded.
 */
interface Reference {
  readonly library: string;
  readonly indicator: string;
  readonly params: Readonly<Record<string, number>>;
  readonly output: string;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const REFERENCE = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as readonly Reference[];
const columns = walk(REFERENCE_SEED, REFERENCE_LENGTH);

describe.each(REFERENCE)('$indicator, $output', ({ library, indicator, params, output, at, values }) => {
  it(`has the values of ${library}`, () => {
    const definition = indicatorById(indicator);
    const column = definition?.outputs.findIndex(({ id }) => id === output) ?? -1;
    const ours = computeColumns(definition?.create(params) ?? never(indicator), columns)[column];
    expect(at.length).toBeGreaterThan(5);
    at.forEach((i, k) => {
      const theirs = values[k] as number;
      expect(Math.abs((ours?.[i] ?? Number.NaN) - theirs), `candle ${i}`).toBeLessThanOrEqual(
        1e-8 * Math.max(1, Math.abs(theirs)),
      );
    });
  });
});

it('covers every output but what is a plain copy of the close', () => {
  const covered = new Set(REFERENCE.map(({ indicator, output }) => `${indicator}.${output}`));
  const outputs = INDICATORS.flatMap(({ id, outputs: all }) => all.map((output) => `${id}.${output.id}`));
  expect(outputs.filter((name) => !covered.has(name))).toEqual(['ichimoku.lagging']);
});

it('finds a wrong parameter', () => {
  const { params, at, values } = REFERENCE.find(({ indicator }) => indicator === 'rsi') ?? never('rsi');
  const definition = indicatorById('rsi') ?? never('rsi');
  const ours = computeColumns(definition.create({ ...defaultParams(definition), ...params, period: 15 }), columns)[0];
  expect(at.every((i, k) => Math.abs((ours?.[i] as number) - (values[k] as number)) < 1e-3)).toBe(false);
});

function never(what: string): never {
  throw new Error(`${what} is not there`);
}
