import { existsSync, readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ALL_VENUES } from './all-venues.ts';
import { FAULTS, type TruthFigures, testTruth } from './truth.ts';

/** Of which 15 protocols make more than 10,000. */
const FAULTS_EACH = Number(process.env.COBALT_TRUTH_FAULTS ?? 700);
const SEED = Number(process.env.COBALT_TRUTH_SEED ?? 20_261_121);

const figures = new Map<string, TruthFigures>();
const injected = ({ faults }: TruthFigures): number => [...faults.values()].reduce((sum, count) => sum + count, 0);

describe('the truth of every book', () => {
  it('is asked of every venue that has a connector', () => {
    const folder = new URL('../', import.meta.url);
    const connected = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/ws.ts`, folder)));
    expect([...new Set(ALL_VENUES.map(({ instrument }) => instrument.venue))].sort()).toEqual(connected.sort());
  });

  for (const [index, venue] of ALL_VENUES.entries()) {
    it(`${venue.name}: is never live and wrong whatever happens, and live again within the bound`, {
      timeout: 60_000,
    }, async () => {
      const found = await testTruth(venue, SEED + index, FAULTS_EACH);
      figures.set(venue.name, found);
      for (const [fault, count] of found.faults) expect(count, `${venue.name} ${fault}`).toBeGreaterThan(0);
      // A book that is down anyway stands everything.
      expect(found.whileLive).toBeGreaterThan(FAULTS_EACH / 4);
    });
  }

  it('has stood ten thousand faults', () => {
    const total = [...figures.values()].reduce((sum, found) => sum + injected(found), 0);
    expect(total).toBeGreaterThanOrEqual(Math.min(10_000, FAULTS_EACH * ALL_VENUES.length));
    expect(figures.size).toBe(ALL_VENUES.length);
  });
});

afterAll(() => {
  if (process.env.COBALT_TRUTH_REPORT === undefined) return;
  const rows = [...figures].map(([name, { faults, whileLive, recoveries, updates, snapshots }]) => [
    name.padEnd(16),
    ...FAULTS.map((fault) => String(faults.get(fault) ?? '–').padStart(fault.length)),
    `${whileLive} while live; ${recoveries} recoveries, at most ${updates} updates and ${snapshots} snapshots`,
  ]);
  const total = [...figures.values()].reduce((sum, found) => sum + injected(found), 0);
  process.stdout.write(
    `${['venue'.padEnd(16), ...FAULTS].join(' ')}\n${rows.map((row) => row.join(' ')).join('\n')}\n${total} faults\n`,
  );
});
