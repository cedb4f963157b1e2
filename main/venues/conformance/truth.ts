import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import type { BookSide } from '../../../core/market/l2-book.ts';
import { BookOracle } from './book-oracle.ts';
import { MarketScript } from './market-script.ts';
import { truncated, WHOLE, withoutSense } from './mutations.ts';
import type { Frame, VenueConformance } from './venue-conformance.ts';
import { WireBench } from './wire-bench.ts';

/**
 * `restOld`, `restAhead`: the snapshot by REST is of before the stream's newest update, or of after it. `restFailed`: the request is
 * answered by something else; of a book that begins in the stream, the subscription is not answered at all. `lostElsewhere`: of
 * another channel, where messages are numbered over the whole connection.
 */
export const FAULTS = [
  'lost',
  'reordered',
  'duplicated',
  'delayed',
  'truncated',
  'damaged',
  'crossed',
  'checksum',
  'unreadable',
  'reconnect',
  'silence',
  'restOld',
  'restAhead',
  'restFailed',
  'lostElsewhere',
] as const;
export type Fault = (typeof FAULTS)[number];

/** How soon after its last fault a book is live again: by so many updates, and as many fresh snapshots as it asked for. */
export const RESYNC_BOUND = { updates: 1, snapshots: 1 } as const;

/** Steps of one story, of which about every third is a fault. */
const STEPS = 40;

/** The faults that a venue's protocol can have. */
export function faultsOf({ book }: VenueConformance): readonly Fault[] {
  const impossible: Fault[] = [];
  if (book.restSnapshot === undefined) impossible.push('restOld', 'restAhead');
  if (book.wrongChecksum === undefined) impossible.push('checksum');
  if (book.elsewhere === undefined) impossible.push('lostElsewhere');
  return FAULTS.filter((fault) => !impossible.includes(fault));
}

/** What became of a run: how many faults of each kind were injected, and the most that any recovery took. */
export interface TruthFigures {
  readonly faults: ReadonlyMap<Fault, number>;
  /** Faults that met a live book. */
  readonly whileLive: number;
  readonly recoveries: number;
  readonly updates: number;
  readonly snapshots: number;
}

/**
 * Plays stories of random faults against a venue's connector until `count` faults were injected; the same for the same seed.
 * @throws when a live book is not the venue's, a fault that must be noticed is not, or a book is not live again within the bound
 */
export async function testTruth(venue: VenueConformance, seed: number, count: number): Promise<TruthFigures> {
  const rng = new SplitMix32(seed);
  const faults = new Map<Fault, number>(faultsOf(venue).map((fault) => [fault, 0]));
  const most = { whileLive: 0, recoveries: 0, updates: 0, snapshots: 0 };
  for (let injected = 0; injected < count; ) {
    const story = new Story(venue, rng);
    await story.begin();
    for (let step = 0; step < STEPS; step++) {
      const { isLive } = story;
      const fault = await story.step();
      if (fault === undefined) continue;
      if (isLive) most.whileLive++;
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      injected++;
    }
    const { updates, snapshots } = await story.recover();
    most.recoveries++;
    most.updates = Math.max(most.updates, updates);
    most.snapshots = Math.max(most.snapshots, snapshots);
  }
  return { faults, ...most };
}

class Story {
  readonly #venue: VenueConformance;
  readonly #rng: SplitMix32;
  readonly #bench: WireBench;
  readonly #script: MarketScript;
  readonly #oracle: BookOracle;
  readonly #faults: readonly Fault[];
  /** What happened, for whoever has to find out why. */
  readonly #told: string[] = [];
  #late: { readonly frame: Frame; due: number }[] = [];
  #drops = 0;

  constructor(venue: VenueConformance, rng: SplitMix32) {
    this.#venue = venue;
    this.#rng = rng;
    this.#bench = new WireBench(venue);
    this.#script = new MarketScript(venue.instrument, venue.book);
    this.#oracle = new BookOracle(this.#bench, this.#script);
    this.#faults = faultsOf(venue);
  }

  async begin(): Promise<void> {
    this.#open();
    await this.recover();
  }

  get isLive(): boolean {
    return this.#bench.sync.state === 'live';
  }

  /** One step: the fault that it injected, if it was one. */
  async step(): Promise<Fault | undefined> {
    const wants = this.#bench.sync.wantsSnapshot;
    const chosen = nextInt(this.#rng, 3) > 0 ? undefined : this.#faults[nextInt(this.#rng, this.#faults.length)];
    if (chosen === undefined || (chosen.startsWith('rest') && !wants)) {
      if (wants && nextInt(this.#rng, 3) > 0) await this.#snapshot(this.#script.ordinal);
      else this.#update();
      return undefined;
    }
    this.#told.push(chosen);
    const wasLive = this.isLive;
    await this.#inject(chosen);
    const mustBreak = chosen === 'crossed' || chosen === 'checksum' || chosen === 'reconnect' || chosen === 'silence';
    if (wasLive && mustBreak && this.isLive) this.#fail(`${chosen} was not noticed`);
    return chosen;
  }

  /** No more faults: updates and fresh snapshots until the book is right again. */
  async recover(): Promise<{ updates: number; snapshots: number }> {
    this.#late = [];
    let updates = 0;
    let snapshots = 0;
    while (!this.#oracle.isCurrent() || updates === 0) {
      if (updates === RESYNC_BOUND.updates || snapshots > RESYNC_BOUND.snapshots) {
        this.#fail(`not right ${updates} updates and ${snapshots} snapshots after the last fault`);
      }
      this.#update();
      updates++;
      if (!this.#bench.sync.wantsSnapshot) continue;
      await this.#snapshot(this.#script.ordinal);
      snapshots++;
    }
    return { updates, snapshots };
  }

  async #inject(fault: Fault): Promise<void> {
    const { book } = this.#venue;
    switch (fault) {
      case 'lost':
        this.#change();
        return this.#update();
      case 'lostElsewhere': {
        this.#script.rest();
        const wasLive = this.isLive;
        this.#update();
        if (wasLive && this.isLive) this.#fail('a lost message of another channel was not noticed');
        return;
      }
      case 'reordered':
        this.#change();
        this.#late.push({ frame: this.#script.delta(), due: 1 });
        return this.#update();
      case 'delayed':
        this.#change();
        this.#late.push({ frame: this.#script.delta(), due: 2 + nextInt(this.#rng, 6) });
        return;
      case 'duplicated':
        // The newest once more, or one of the last few.
        return this.#feed(this.#script.delta(Math.max(2, this.#script.ordinal - Math.max(0, nextInt(this.#rng, 6) - 2))));
      case 'truncated':
        this.#change();
        return this.#feed(truncated(this.#script.delta(), this.#rng));
      case 'damaged':
        this.#change();
        return this.#feed(withoutSense(this.#script.delta(), this.#rng));
      case 'crossed': {
        this.#change();
        const { ordinal } = this.#script;
        const after = this.#script.text(ordinal);
        const [worst] = after.asks.at(-1) ?? after.bids[0] ?? ['1'];
        return this.#feed(book.delta(ordinal, this.#script.timeOf(ordinal), { bids: [[worst, '5']], asks: [] }, after));
      }
      case 'checksum': {
        this.#script.rest();
        const { ordinal } = this.#script;
        const frame = book.wrongChecksum?.(ordinal, this.#script.timeOf(ordinal), this.#script.text(ordinal));
        return frame === undefined ? undefined : this.#feed(frame);
      }
      case 'unreadable':
        return this.#feed(WHOLE[nextInt(this.#rng, WHOLE.length)] as Frame);
      case 'reconnect':
        if (nextInt(this.#rng, 2) === 0) this.#change();
        this.#late = [];
        this.#bench.reconnect();
        return this.#open();
      case 'silence':
        return this.#bench.sync.invalidate('silent');
      case 'restOld':
        return this.#snapshot(Math.max(1, this.#script.ordinal - 1 - nextInt(this.#rng, 4)));
      case 'restAhead': {
        const from = this.#script.ordinal + 1;
        for (let i = nextInt(this.#rng, 3); i >= 0; i--) this.#change();
        await this.#snapshot(this.#script.ordinal);
        for (let ordinal = from; ordinal <= this.#script.ordinal; ordinal++) this.#feed(this.#script.delta(ordinal));
        return;
      }
      case 'restFailed':
        if (book.restSnapshot !== undefined && (await this.#bench.tryRestSnapshot({ surely: 'no book' }))) {
          this.#fail('no book at all was taken for a snapshot');
        }
        return;
    }
  }

  /** The venue's next update, delivered; of another channel now and then, where that counts too. */
  #update(): void {
    if (this.#venue.book.elsewhere !== undefined && nextInt(this.#rng, 5) === 0) this.#script.rest();
    else this.#change();
    this.#feed(this.#script.delta());
    for (const late of this.#late) late.due--;
    const due = this.#late.filter((late) => late.due === 0);
    this.#late = this.#late.filter((late) => late.due > 0);
    for (const { frame } of due) this.#feed(frame);
  }

  /** The venue's next update, not delivered yet. */
  #change(): void {
    const side: BookSide = nextInt(this.#rng, 2) === 0 ? 'bid' : 'ask';
    const lots = nextInt(this.#rng, 3) === 0 ? 0 : 1 + nextInt(this.#rng, 500);
    this.#script.change(side, 1 + nextInt(this.#rng, 12), lots);
  }

  #feed(...frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#told.push(typeof frame === 'string' ? frame : frame.toString('hex'));
      this.#bench.feed(frame);
      const doubt = this.#oracle.doubt();
      if (doubt !== undefined) this.#fail(doubt);
    }
    // A connection that the connector gave up is made anew.
    if (this.#bench.drops === this.#drops) return;
    this.#drops = this.#bench.drops;
    this.#open();
  }

  async #snapshot(ordinal: number): Promise<void> {
    const frame = this.#script.snapshot(ordinal);
    if (frame !== undefined) return this.#feed(frame);
    this.#told.push(`snapshot ${ordinal}`);
    await this.#bench.feedRestSnapshot(this.#script.restSnapshot(ordinal));
    const doubt = this.#oracle.doubt();
    if (doubt !== undefined) this.#fail(doubt);
  }

  #open(): void {
    this.#feed(...(this.#venue.book.opening ?? []));
  }

  #fail(reason: string): never {
    throw new Error(`${this.#venue.name}: ${reason}\n${this.#told.slice(-12).join('\n')}\n${this.#bench.sync.reason}`);
  }
}
