import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Topics } from './topics.ts';

type Kinds = {
  readonly price: { readonly key: { symbol: string }; readonly event: number };
  readonly kept: { readonly key: { symbol: string; timeframe: string }; readonly event: number };
};

function setUp() {
  const tells = new Map<string, (event: number) => void>();
  const attached: string[] = [];
  const stored = new Map<string, number>();
  const errors: string[] = [];
  const attach = (name: string, tell: (event: number) => void): (() => void) => {
    tells.set(name, tell);
    attached.push(`+${name}`);
    return () => {
      tells.delete(name);
      attached.push(`-${name}`);
    };
  };
  const topics = new Topics<Kinds>(
    {
      price: { attach: ({ symbol }, tell) => attach(symbol, tell) },
      kept: {
        attach: ({ symbol, timeframe }, tell) => attach(`${symbol} ${timeframe}`, tell),
        latest: ({ symbol }) => stored.get(symbol),
      },
    },
    (thrown, kind) => errors.push(`${kind}: ${String(thrown)}`),
  );
  return { topics, tells, attached, stored, errors };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await Promise.resolve();
}

type Step =
  | { kind: 'subscribe'; symbol: string; delivery: 'sync' | 'latest' | 'every'; bound: number }
  | { kind: 'leave'; at: number }
  | { kind: 'finish'; at: number }
  | { kind: 'publish'; symbol: string };

const symbol = fc.constantFrom('A', 'B');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('subscribe' as const),
    symbol,
    delivery: fc.constantFrom('sync' as const, 'latest' as const, 'every' as const),
    bound: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('leave' as const), at: fc.nat(5) }),
  fc.record({ kind: fc.constant('finish' as const), at: fc.nat(5) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('publish' as const), symbol }) },
);

/** One subscriber as the rules say, on plain lists. */
interface Reader {
  readonly symbol: string;
  readonly delivery: 'sync' | 'latest' | 'every';
  readonly bound: number;
  readonly heard: (number | string)[];
  waiting: number[];
  missed: number;
  busy: boolean;
  left: boolean;
}

describe('Topics', () => {
  it('delivers, conflates, drops and counts as a naive model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { topics, tells } = setUp();
        const readers: Reader[] = [];
        const heard: (number | string)[][] = [];
        const finishers: ((() => void) | undefined)[] = [];
        const leaves: (() => void)[] = [];
        let [next, events, conflated, dropped] = [0, 0, 0, 0];
        const latest: Record<string, number | undefined> = {};
        for (const action of steps) {
          if (action.kind === 'subscribe') {
            const at = readers.length;
            const { delivery, bound } = action;
            readers.push({ symbol: action.symbol, delivery, bound, heard: [], waiting: [], missed: 0, busy: false, left: false });
            heard.push([]);
            leaves.push(
              topics.subscribe(
                'price',
                { symbol: action.symbol },
                (event) => {
                  heard[at]?.push(event);
                  if (delivery === 'sync') return undefined;
                  return new Promise<void>((resolve) => {
                    finishers[at] = resolve;
                  });
                },
                delivery === 'latest'
                  ? { delivery }
                  : { delivery: 'every', bound, onOverflow: (missed) => heard[at]?.push(`missed ${missed}`) },
              ),
            );
          } else if (action.kind === 'leave') {
            const reader = readers[action.at];
            if (reader === undefined) continue;
            leaves[action.at]?.();
            Object.assign(reader, { left: true, waiting: [] });
            const stays = readers.some((other) => other.symbol === reader.symbol && !other.left);
            if (!stays) delete latest[reader.symbol];
          } else if (action.kind === 'finish') {
            const reader = readers[action.at];
            if (reader === undefined || !reader.busy) continue;
            finishers[action.at]?.();
            await settled();
            reader.busy = false;
            if (reader.left) continue;
            if (reader.missed > 0) reader.heard.push(`missed ${reader.missed}`);
            reader.missed = 0;
            const first = reader.waiting.shift();
            if (first === undefined) continue;
            reader.heard.push(first);
            reader.busy = true;
          } else {
            const event = next++;
            tells.get(action.symbol)?.(event);
            const present = readers.filter((reader) => reader.symbol === action.symbol && !reader.left);
            if (present.length === 0) continue;
            events++;
            latest[action.symbol] = event;
            for (const reader of present) {
              if (!reader.busy) {
                reader.heard.push(event);
                reader.busy = reader.delivery !== 'sync';
              } else if (reader.delivery === 'latest') {
                conflated += reader.waiting.length;
                reader.waiting = [event];
              } else {
                if (reader.waiting.length >= reader.bound) {
                  reader.missed += reader.waiting.length;
                  dropped += reader.waiting.length;
                  reader.waiting = [];
                }
                reader.waiting.push(event);
              }
            }
          }
          expect(heard).toEqual(readers.map((reader) => reader.heard));
          const present = readers.filter((reader) => !reader.left);
          expect(topics.counters()[0]).toEqual({
            kind: 'price',
            topics: new Set(present.map((reader) => reader.symbol)).size,
            subscribers: present.length,
            events,
            conflated,
            dropped,
            waiting: present.reduce((sum, reader) => sum + reader.waiting.length, 0),
            failures: 0,
          });
          for (const name of ['A', 'B']) expect(topics.latest('price', { symbol: name })).toBe(latest[name]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('listens to a source once, from the first subscriber of a topic to the last', () => {
    const { topics, attached, tells } = setUp();
    const leaveOne = topics.subscribe('kept', { symbol: 'A', timeframe: '1m' }, () => {});
    const leaveOther = topics.subscribe('kept', { timeframe: '1m', symbol: 'A' }, () => {});
    topics.subscribe('kept', { symbol: 'A', timeframe: '1h' }, () => {});
    expect(attached).toEqual(['+A 1m', '+A 1h']);
    leaveOne();
    leaveOne();
    expect(tells.size).toBe(2);
    leaveOther();
    expect(attached).toEqual(['+A 1m', '+A 1h', '-A 1m']);
  });

  it('asks a source that keeps its last value itself, whether or not anybody subscribes', () => {
    const { topics, stored, attached } = setUp();
    const key = { symbol: 'A', timeframe: '1m' };
    expect(topics.latest('kept', key)).toBeUndefined();
    stored.set('A', 7);
    expect(topics.latest('kept', key)).toBe(7);
    expect(attached).toEqual([]);
  });

  it('goes on after a listener that throws or rejects, and says so', async () => {
    const { topics, tells, errors } = setUp();
    const own: string[] = [];
    const heard: number[] = [];
    topics.subscribe('price', { symbol: 'A' }, () => {
      throw new Error('thrown');
    });
    topics.subscribe('price', { symbol: 'A' }, () => Promise.reject(new Error('rejected')), {
      onError: (thrown) => own.push(String(thrown)),
    });
    topics.subscribe('price', { symbol: 'A' }, (event) => void heard.push(event));
    tells.get('A')?.(1);
    await settled();
    tells.get('A')?.(2);
    await settled();
    expect(heard).toEqual([1, 2]);
    expect(errors).toEqual(['price: Error: thrown', 'price: Error: thrown']);
    expect(own).toEqual(['Error: rejected', 'Error: rejected']);
    expect(topics.counters()[0]?.failures).toBe(4);
  });

  it('lets a listener leave, and a source tell, while it is being attached', () => {
    const detached: string[] = [];
    const topics = new Topics<Pick<Kinds, 'price'>>(
      {
        price: {
          attach({ symbol: name }, tell) {
            tell(1);
            return () => detached.push(name);
          },
        },
      },
      () => {},
    );
    const heard: number[] = [];
    const leave = topics.subscribe('price', { symbol: 'A' }, (event) => void heard.push(event));
    expect(heard).toEqual([1]);
    leave();
    expect(detached).toEqual(['A']);
  });
});
