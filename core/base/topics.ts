import type { Cancel } from './clock.ts';

/** Kind of data → what names one topic of it and what is told of it. Keys are flat records of texts. */
export type TopicMap = { readonly [kind: string]: { readonly key: object; readonly event: unknown } };

/** Where the topics of one kind come from. */
export interface TopicSource<Key, Event> {
  /** Begins to tell of `key`: called when somebody subscribes to what nobody had subscribed to; what it answers, when the last one leaves. */
  attach(key: Key, tell: (event: Event) => void): Cancel;
  /** The last value, also while nobody subscribes; a source without it is remembered from its first subscriber to its last. */
  latest?(key: Key): Event | undefined;
}

export type TopicSources<M extends TopicMap> = { readonly [K in keyof M]: TopicSource<M[K]['key'], M[K]['event']> };

export interface SubscribeOptions {
  /**
   * What becomes of events while a listener's promise is pending; one that answers none is told of each at once.
   * - `latest`: only the newest is kept.
   * - `every`: they wait in their order, up to `bound`; beyond it all of them are dropped and `onOverflow` is told how many before the next one.
   */
  readonly delivery?: 'latest' | 'every';
  readonly bound?: number;
  readonly onOverflow?: (dropped: number) => void;
  /** In the place of the hub's own. */
  readonly onError?: (thrown: unknown) => void;
}

/** Of the topics of one kind that are subscribed to now, and of what was told of this kind since the start. */
export interface TopicCounters {
  readonly kind: string;
  readonly topics: number;
  readonly subscribers: number;
  /** Events that sources told. */
  readonly events: number;
  /** Events that gave way to newer ones before a slow subscriber of `latest` could take them. */
  readonly conflated: number;
  /** Events that a slow subscriber of `every` missed, and was told of. */
  readonly dropped: number;
  /** Events that slow subscribers have not taken yet. */
  readonly waiting: number;
  /** Listeners that threw or rejected. */
  readonly failures: number;
}

const BOUND = 1_024;

interface Counts {
  events: number;
  conflated: number;
  dropped: number;
  failures: number;
}

interface Topic {
  readonly kind: string;
  readonly subscribers: Set<Subscriber>;
  latest: unknown;
  detach: Cancel;
}

/**
 * The one place to subscribe to data of several rates: typed topics with their last value. A source is listened to once per topic
 * however many subscribe, and only while somebody does. Listeners are told in the order in which they subscribed.
 */
export class Topics<M extends TopicMap> {
  readonly #sources: TopicSources<M>;
  readonly #onError: (thrown: unknown, kind: string) => void;
  readonly #topics = new Map<string, Topic>();
  readonly #counts = new Map<string, Counts>();

  constructor(sources: TopicSources<M>, onError: (thrown: unknown, kind: string) => void) {
    this.#sources = sources;
    this.#onError = onError;
    for (const kind of Object.keys(sources)) this.#counts.set(kind, { events: 0, conflated: 0, dropped: 0, failures: 0 });
  }

  latest<K extends keyof M & string>(kind: K, key: M[K]['key']): M[K]['event'] | undefined {
    const source: TopicSource<M[K]['key'], M[K]['event']> = this.#sources[kind];
    if (source.latest !== undefined) return source.latest(key);
    return this.#topics.get(nameOf(kind, key))?.latest as M[K]['event'] | undefined;
  }

  subscribe<K extends keyof M & string>(
    kind: K,
    key: M[K]['key'],
    listener: (event: M[K]['event']) => void | Promise<void>,
    { delivery = 'every', bound = BOUND, onOverflow, onError }: SubscribeOptions = {},
  ): Cancel {
    const counts = this.#counts.get(kind) as Counts;
    const tell = listener as (event: unknown) => void | Promise<void>;
    const fail = (thrown: unknown): void => {
      counts.failures++;
      if (onError === undefined) this.#onError(thrown, kind);
      else onError(thrown);
    };
    const subscriber = new Subscriber(tell, delivery === 'latest' ? 0 : bound, counts, fail, onOverflow);
    const name = nameOf(kind, key);
    const known = this.#topics.get(name);
    // Before the source is attached: it may tell at once.
    known?.subscribers.add(subscriber);
    if (known === undefined) this.#attach(kind, key, name, subscriber);
    return () => {
      subscriber.close();
      const topic = this.#topics.get(name);
      if (topic?.subscribers.delete(subscriber) !== true || topic.subscribers.size > 0) return;
      this.#topics.delete(name);
      topic.detach();
    };
  }

  /** Every kind, in the order of the sources. */
  counters(): TopicCounters[] {
    return [...this.#counts].map(([kind, counts]) => {
      let topics = 0;
      let subscribers = 0;
      let waiting = 0;
      for (const topic of this.#topics.values()) {
        if (topic.kind !== kind) continue;
        topics++;
        subscribers += topic.subscribers.size;
        for (const subscriber of topic.subscribers) waiting += subscriber.waiting;
      }
      return { kind, topics, subscribers, ...counts, waiting };
    });
  }

  #attach<K extends keyof M & string>(kind: K, key: M[K]['key'], name: string, first: Subscriber): void {
    const counts = this.#counts.get(kind) as Counts;
    const topic: Topic = { kind, subscribers: new Set([first]), latest: undefined, detach: () => {} };
    this.#topics.set(name, topic);
    const source: TopicSource<M[K]['key'], M[K]['event']> = this.#sources[kind];
    const isKept = source.latest !== undefined;
    let detach: Cancel | undefined;
    try {
      detach = source.attach(key, (event) => {
        counts.events++;
        if (!isKept) topic.latest = event;
        for (const subscriber of topic.subscribers) subscriber.push(event);
      });
    } catch (thrown) {
      this.#topics.delete(name);
      throw thrown;
    }
    topic.detach = detach;
    // The only listener left while the source was being attached.
    if (this.#topics.get(name) !== topic) detach();
  }
}

/** One listener, and what waits for it while its promise is pending. */
class Subscriber {
  readonly #tell: (event: unknown) => void | Promise<void>;
  /** 0: only the newest event waits. */
  readonly #bound: number;
  readonly #counts: Counts;
  readonly #fail: (thrown: unknown) => void;
  readonly #onOverflow: ((dropped: number) => void) | undefined;
  #busy = false;
  #closed = false;
  /** Taken from `#next` on. */
  #queue: unknown[] = [];
  #next = 0;
  #missed = 0;

  constructor(
    tell: (event: unknown) => void | Promise<void>,
    bound: number,
    counts: Counts,
    fail: (thrown: unknown) => void,
    onOverflow: ((dropped: number) => void) | undefined,
  ) {
    this.#tell = tell;
    this.#bound = bound;
    this.#counts = counts;
    this.#fail = fail;
    this.#onOverflow = onOverflow;
  }

  get waiting(): number {
    return this.#queue.length - this.#next;
  }

  push(event: unknown): void {
    if (this.#closed) return;
    if (!this.#busy) {
      this.#take(event);
      return;
    }
    if (this.#bound === 0) {
      if (this.waiting > 0) this.#counts.conflated++;
      this.#queue[0] = event;
      return;
    }
    if (this.waiting >= this.#bound) {
      this.#missed += this.waiting;
      this.#counts.dropped += this.waiting;
      this.#queue = [];
      this.#next = 0;
    }
    this.#queue.push(event);
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#next = 0;
  }

  #take(event: unknown): void {
    let answer: void | Promise<void>;
    try {
      answer = this.#tell(event);
    } catch (thrown) {
      this.#fail(thrown);
      return;
    }
    // A function that answers something else is a listener too.
    if (!(answer instanceof Promise)) return;
    this.#busy = true;
    answer.then(
      () => this.#goOn(),
      (thrown: unknown) => {
        this.#fail(thrown);
        this.#goOn();
      },
    );
  }

  #goOn(): void {
    this.#busy = false;
    while (!this.#busy && !this.#closed) {
      if (this.#missed > 0) {
        const missed = this.#missed;
        this.#missed = 0;
        try {
          this.#onOverflow?.(missed);
        } catch (thrown) {
          this.#fail(thrown);
        }
        continue;
      }
      if (this.waiting === 0) return;
      const event = this.#queue[this.#next++];
      if (this.#next === this.#queue.length) {
        this.#queue = [];
        this.#next = 0;
      }
      this.#take(event);
    }
  }
}

function nameOf(kind: string, key: object): string {
  let name = kind;
  // Sorted: callers write the same key in different orders.
  for (const part of Object.keys(key).sort()) name += `\n${part}=${String((key as Readonly<Record<string, unknown>>)[part])}`;
  return name;
}
