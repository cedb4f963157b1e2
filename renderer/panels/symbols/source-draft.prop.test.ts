import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FollowedSymbol } from '../../../core/contracts/watchlist.ts';
import { type SourceName, sourceText, VENUES } from '../../../core/market/instrument.ts';
import {
  draftOfFollowed,
  draftOfMatch,
  followRequest,
  hasSource,
  isChanged,
  problemsOfDraft,
  type SourceDraft,
  suggestedSource,
  unlistedMatch,
  withMoved,
  withoutSource,
  withSource,
} from './source-draft.ts';

const followed = (symbol: string, ...sources: SourceName[]): FollowedSymbol => ({
  symbol,
  tickSize: '0.01',
  lotSize: '0.01',
  minNotional: '5',
  kind: 'spot',
  bucketWidth: 1,
  sources,
});
const ETH = followed('ETH/USDT', { venue: 'binance', symbol: 'ETH/USDT' }, { venue: 'deribit', symbol: 'ETH/USD:ETH' });

type Step =
  | { readonly do: 'add'; readonly source: SourceName }
  | { readonly do: 'remove'; readonly index: number }
  | { readonly do: 'move'; readonly index: number; readonly by: -1 | 1 };
const index = fc.integer({ min: 0, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    source: fc.record({ venue: fc.constantFrom(...VENUES), symbol: fc.constantFrom('ETH/USDT', 'ETH/USD:ETH') }),
  }),
  fc.record({ do: fc.constant('remove' as const), index }),
  fc.record({ do: fc.constant('move' as const), index, by: fc.constantFrom<-1 | 1>(-1, 1) }),
);

describe('a draft of sources', () => {
  it('never holds a source twice, and moving neither loses nor adds one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let draft: SourceDraft = draftOfFollowed(ETH);
        for (const change of steps) {
          const before = draft.sources.map(sourceText);
          if (change.do === 'add') draft = withSource(draft, change.source);
          else if (change.do === 'remove') draft = withoutSource(draft, change.index);
          else draft = withMoved(draft, change.index, change.by);
          const now = draft.sources.map(sourceText);
          expect(new Set(now).size).toBe(now.length);
          if (change.do === 'add') expect(hasSource(draft, change.source)).toBe(true);
          if (change.do === 'remove') expect(now).toEqual(before.filter((_, i) => i !== change.index));
          if (change.do === 'move') expect(now.toSorted()).toEqual(before.toSorted());
        }
      }),
    );
  });

  it('begins with every venue that lists the symbol, in the product’s order', () => {
    const draft = draftOfMatch({ symbol: 'SOL/USDT', venues: ['okx', 'binance'] });
    expect(draft.sources.map(sourceText)).toEqual(['binance:SOL/USDT', 'okx:SOL/USDT']);
    expect(followRequest(draft)).toEqual({ symbol: 'SOL/USDT', sources: draft.sources });
  });

  it('tells what the desk would refuse', () => {
    const draft = draftOfFollowed(ETH);
    expect(problemsOfDraft(draft, [ETH])).toEqual({});
    expect(problemsOfDraft({ ...draft, sources: [] }, [ETH]).sources).toMatch(/At least one/);
    expect(problemsOfDraft(withMoved(draft, 1, -1), [ETH]).sources).toMatch(/first source must be ETH\/USDT/);
    const btc = followed('BTC/USDT', { venue: 'binance', symbol: 'ETH/USDT' });
    expect(problemsOfDraft(draft, [ETH, btc]).sources).toMatch(/Binance ETH\/USDT is merged into BTC\/USDT/);
  });

  it('takes a width above zero or none', () => {
    const problem = (bucketWidth: string) => problemsOfDraft({ ...draftOfFollowed(ETH), bucketWidth }, [ETH]).bucketWidth;
    expect(['', ' ', '1', '0.25', '.5'].map(problem)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    for (const text of ['0', '-1', 'x', '1e3', '1.', 'NaN']) expect(problem(text), text).toBeDefined();
    expect(followRequest({ ...draftOfFollowed(ETH), bucketWidth: ' 0.5 ' }).bucketWidth).toBe(0.5);
  });

  it('suggests the symbol itself, else another instrument that is not in yet', () => {
    const draft = draftOfFollowed(ETH);
    const listed: SourceName[] = [
      { venue: 'okx', symbol: 'ETH/USDT:USDT' },
      { venue: 'okx', symbol: 'ETH/USDT' },
      { venue: 'deribit', symbol: 'ETH/USD:ETH' },
      { venue: 'deribit', symbol: 'ETH/USDC:USDC' },
    ];
    const suggested = (venue: SourceName['venue']) => suggestedSource(draft, venue, listed)?.symbol;
    expect(suggested('okx')).toBe('ETH/USDT');
    expect(suggested('deribit')).toBe('ETH/USDC:USDC');
    expect(suggested('mexc')).toBe('ETH/USDT');
    expect(suggested('binance')).toBeUndefined();
  });

  it('offers a symbol in full that only unsearched venues may have', () => {
    const failures = [{ venue: 'mexc', message: 'no answer' }] as const;
    const listed = { symbol: 'SOL/USDT', venues: ['okx' as const], followed: false };
    expect(unlistedMatch(' sol/usdt', { matches: [], failures: [...failures] })).toEqual({ ...listed, venues: ['mexc'] });
    expect(unlistedMatch('sol', { matches: [], failures: [...failures] })).toBeUndefined();
    expect(unlistedMatch('sol/usdt', { matches: [listed], failures: [...failures] })).toBeUndefined();
    expect(unlistedMatch('sol/usdt', { matches: [], failures: [] })).toBeUndefined();
  });

  it('knows whether anything was changed', () => {
    const draft = draftOfFollowed(ETH);
    expect(isChanged(draft, ETH)).toBe(false);
    expect(isChanged({ ...draft, bucketWidth: '1.0' }, ETH)).toBe(false);
    expect(isChanged({ ...draft, bucketWidth: '' }, ETH)).toBe(true);
    expect(isChanged(withMoved(draft, 0, 1), ETH)).toBe(true);
    expect(isChanged(withoutSource(draft, 1), ETH)).toBe(true);
  });
});
