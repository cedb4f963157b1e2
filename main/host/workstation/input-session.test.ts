import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BaseInputReference } from '../../../core/contracts/base-input.ts';
import { baseInputReferenceSchema, inputQualitySchema, type InputQuality } from '../../../core/contracts/base-input.ts';
import { refuseInput } from '../../../core/features/base-input/gate.ts';
import { BLOCKS } from '../../../core/features/base-input/schema.ts';
import { expectOk, type TestStore, testStore, until } from '../../storage/test-store.ts';
import { BEGIN, BTC, ETH, Session } from './input-session.fixture.ts';

let opened: TestStore;
let session: Session;

beforeEach(async () => {
  opened = await testStore({ batchRows: 100_000 });
  session = await Session.begin(opened.store);
});

afterEach(async () => {
  session.close();
  await opened.remove();
});

/** Whether the rings hold their past, and nothing is being read. */
async function filled(): Promise<void> {
  await until(() => {
    const quality = session.input.quality(ETH);
    return (
      quality !== undefined &&
      quality.refusal === undefined &&
      quality.blocks.every(({ counts, frames }) => !counts || frames > 0)
    );
  }, 'the rings to be filled');
}

function liveReference(): BaseInputReference {
  const built = session.input.baseInput(ETH, session.clock.now());
  if (!built.ok) throw new Error(built.error.message);
  const reference = session.input.reference(ETH);
  if (reference === undefined) throw new Error('an input was built');
  // As it is kept: through JSON.
  return baseInputReferenceSchema.parse(JSON.parse(JSON.stringify(reference)));
}

async function differenceOf(reference: BaseInputReference): Promise<string | undefined> {
  const rebuilt = await session.input.rebuildOf(reference);
  if (!rebuilt.ok) throw new Error(rebuilt.error.message);
  return rebuilt.value.difference;
}

describe('the input live and out of the store', () => {
  it('is the same bit for bit over a session, over midnight and over a restart in its midst', async () => {
    await filled();
    const references: BaseInputReference[] = [];
    for (let k = 0; k < 4; k++) {
      session.run(37);
      session.account = { at: session.clock.now() - 1, side: 1, size: 0.1 * k, unrealised: 0.001, ageMs: 5_000 * k, drawdown: 0 };
      references.push(liveReference());
      if (k !== 1) continue;
      session.close();
      opened = await opened.reopen();
      session.restart(opened.store);
      await filled();
      // At the same time, but by a desk that has read everything anew.
      references.push(liveReference());
    }
    expect(references.at(-1)?.t).toBeGreaterThan(BEGIN + 90_000);
    for (const reference of references) {
      expect(reference.blocks.find(({ name }) => name === 'flow')?.count).toBeGreaterThan(250);
      expect(await differenceOf(reference), `at ${reference.t}`).toBeUndefined();
    }
    expect(session.warned).toEqual([]);
  });

  it('is what the store has of any time when nobody looked, without anything from after it', async () => {
    await filled();
    session.run(20);
    const t = session.clock.now();
    const before = await session.input.rebuild(ETH, t, session.account);
    const digest = before.ok ? Buffer.from(before.value.input.values.slice().buffer).toString('base64') : '';
    session.run(61);
    expectOk(await opened.store.market.flush());
    const after = await session.input.rebuild(ETH, t, session.account);
    expect(after.ok && Buffer.from(after.value.input.values.slice().buffer).toString('base64')).toBe(digest);
    expect(after.ok && refuseInput(after.value.input)).toBeUndefined();
  });

  it('takes a correction over into the rings, and tells that what was seen before cannot be rebuilt any more', async () => {
    await filled();
    session.run(5);
    const before = liveReference();
    const [minute] = expectOk(await opened.store.market.candlesBefore(ETH, '1m', BEGIN - 120_000, 1));
    if (minute === undefined) throw new Error('the history has minutes');
    await session.correct(ETH, '1m', { ...minute, high: minute.high + 3, volume: minute.volume + 1 });
    expect(await differenceOf(before)).toMatch(
      /^no row was added, but candles were corrected since \([0-9a-f]{16}, then [0-9a-f]{16}\)$/,
    );
    await until(() => liveReference().digest !== before.digest, 'the rings to take the correction over');
    await until(async () => (await differenceOf(liveReference())) === undefined, 'live and rebuilt to be the same again');
  });

  it('names what was added to the history since', async () => {
    await filled();
    session.run(2);
    const [second] = expectOk(await opened.store.market.candlesBefore(ETH, '1s', session.clock.now() - 100_000, 1));
    if (second === undefined) throw new Error('the history has seconds');
    const reference = liveReference();
    const block = reference.blocks.find(({ name }) => name === 'candles.1s');
    const short = {
      ...reference,
      blocks: reference.blocks.map((one) => (one === block ? { ...one, count: 299 } : one)),
      digest: '0'.repeat(16),
    };
    expect(await differenceOf(short)).toBe('candles.1s had 299 rows and has 300: history was added or taken away since');
  });
});

describe('the live input', () => {
  it('is refused for times that are not known yet or not kept any more, and for symbols that are not followed', async () => {
    await filled();
    session.run(1);
    const now = session.clock.now();
    expect(session.input.baseInput(ETH, now + 1)).toMatchObject({ error: { code: 'INPUT_TOO_LATE' } });
    expect(session.input.baseInput(ETH, now - 7_200_000)).toMatchObject({ error: { code: 'INPUT_TOO_OLD' } });
    expect(session.input.baseInput('SOL/USDT', now)).toMatchObject({ error: { code: 'UNKNOWN_SYMBOL' } });
  });

  it('tells its quality once a second to who listens, with a check against the store, and what is missing when the reference goes', async () => {
    await filled();
    session.run(3);
    const told: InputQuality[] = [];
    const stop = session.input.onQuality(ETH, (quality) => told.push(quality));
    session.wall.advanceBy(31_000);
    expect(told).toHaveLength(31);
    expect(inputQualitySchema.parse(told[0])).toEqual(told[0]);
    expect(told[0]).toMatchObject({ symbol: ETH, t: session.clock.now(), consistency: expect.closeTo(1, 0) });
    expect(told[0]?.blocks.map(({ name }) => name)).toEqual(BLOCKS.map(({ name }) => name));
    await until(() => session.input.quality(ETH)?.rebuilt !== undefined, 'a check against the store');
    expect(session.input.quality(ETH)?.rebuilt).toEqual({ t: session.clock.now(), wallMs: expect.any(Number) });
    session.input.unfollow(BTC);
    expect(session.input.quality(ETH)?.refusal).toContain('reference.1s: expected 300 × 24, got 0 × 24');
    stop();
    session.wall.advanceBy(5_000);
    expect(told).toHaveLength(31);
  });
});
