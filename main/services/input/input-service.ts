import type { Cancel } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { BaseInputReference, InputQuality } from '../../../core/contracts/base-input.ts';
import { BaseInput } from '../../../core/features/base-input/base-input.ts';
import { BaseInputBuilder, type InputMoment } from '../../../core/features/base-input/builder.ts';
import type { AccountState } from '../../../core/features/base-input/context-row.ts';
import { qualityView } from '../../../core/features/base-input/quality-view.ts';
import { referenceOf } from '../../../core/features/base-input/reference.ts';
import { openTimeOf } from '../../../core/market/timeframe.ts';
import type { InputDeps } from './input-deps.ts';
import { StoredInput, type Rebuilt, type RebuildFailure } from './stored-input.ts';
import { SymbolRings } from './symbol-rings.ts';

const QUALITY_WALL_MS = 1_000;
/** Between two checks that the newest input is rebuilt bit for bit; while somebody watches. */
const CHECK_WALL_MS = 10_000;

export type InputFailure = Failure<'UNKNOWN_SYMBOL' | 'INPUT_TOO_LATE' | 'INPUT_TOO_OLD'>;

interface Followed {
  readonly rings: SymbolRings;
  readonly input: BaseInput;
  readonly moment: InputMoment;
  /** Made again when the reference symbol comes or goes. */
  builder: BaseInputBuilder;
  rebuilt: InputQuality['rebuilt'];
  checkedWallMs: number;
  checking: boolean;
}

/** The models' input of every followed symbol: live from rings in memory, of the past from the store, and how good it is. */
export class InputService {
  readonly #watched = new Map<string, Emitter<InputQuality>>();
  readonly #deps: InputDeps;
  readonly #stored: StoredInput;
  readonly #followed = new Map<string, Followed>();
  readonly #cancel: Cancel;
  /** Rebuilds share their rings. */
  #rebuilding: Promise<unknown> = Promise.resolve();

  constructor(deps: InputDeps) {
    this.#deps = deps;
    this.#stored = new StoredInput(deps);
    this.#cancel = deps.wall.every(QUALITY_WALL_MS, () => this.#tell());
  }

  /** @param stored resolves when the first history is in the store; candles that close from now on are not missed */
  follow(symbol: string, stored: Promise<unknown>): void {
    this.unfollow(symbol);
    const rings = new SymbolRings(symbol, this.#deps);
    const moment: InputMoment = { t: 0, structure: undefined, account: undefined, outputs: [], params: undefined };
    const builder = this.#builderOf(rings);
    const input = new BaseInput();
    this.#followed.set(symbol, {
      rings,
      input,
      moment,
      builder,
      rebuilt: undefined,
      checkedWallMs: this.#deps.wall.now(),
      checking: false,
    });
    this.#compareAnew(symbol);
    void stored
      .then(() => (this.#followed.get(symbol)?.rings === rings ? rings.fill() : undefined))
      .catch((thrown: unknown) =>
        this.#deps.log.error({ symbol, detail: String(thrown) }, "the models' input could not be filled"),
      );
  }

  unfollow(symbol: string): void {
    this.#followed.get(symbol)?.rings.close();
    this.#followed.delete(symbol);
    this.#compareAnew(symbol);
  }

  /**
   * The input at `t`, now or a few seconds ago, in memory that the next one of this symbol takes: copy what is to be kept. Whether a
   * model may run on it says `refuseInput`. Allocates next to nothing.
   */
  baseInput(symbol: string, t: number): Result<BaseInput, InputFailure> {
    const followed = this.#followed.get(symbol);
    if (followed === undefined) return fail('UNKNOWN_SYMBOL', `${symbol} is not followed, so there is no live input of it.`);
    const now = this.#deps.clock.now();
    if (t > now) return fail('INPUT_TOO_LATE', `${symbol}: an input at ${t} cannot be known at ${now}.`);
    const { rings, builder, moment, input } = followed;
    const structure = rings.structure.at(t);
    if (!builder.covers(t) || (structure?.asOf ?? 0) > t)
      return fail('INPUT_TOO_OLD', `${symbol}: an input at ${t} is past what is kept live. Rebuild it from the store.`);
    moment.t = t;
    moment.structure = structure;
    moment.account = this.#deps.account(symbol, t);
    moment.outputs = this.#deps.outputs(symbol, t);
    builder.build(moment, input);
    return ok(input);
  }

  /** What is to be kept with what a model made of the symbol's newest input, so that it can be rebuilt. */
  reference(symbol: string): BaseInputReference | undefined {
    const followed = this.#followed.get(symbol);
    if (followed === undefined || Number.isNaN(followed.input.t)) return undefined;
    return referenceOf(followed.input, followed.moment.account, followed.moment.outputs);
  }

  /** From the store: everything it has of what was over at `t`. The input is the service's own until the next rebuild begins. */
  rebuild(symbol: string, t: number, account?: AccountState): Promise<Result<Rebuilt, RebuildFailure>> {
    return this.#inTurn(() => this.#stored.at(symbol, t, account));
  }

  /** From the store, bit for bit what a model saw; or told why that cannot be had any more. */
  rebuildOf(reference: BaseInputReference): Promise<Result<Rebuilt, RebuildFailure>> {
    return this.#inTurn(() => this.#stored.of(reference));
  }

  /** Of an input at this moment; undefined for a symbol that is not followed. */
  quality(symbol: string): InputQuality | undefined {
    const built = this.baseInput(symbol, this.#deps.clock.now());
    if (!built.ok) return undefined;
    const rebuilt = this.#followed.get(symbol)?.rebuilt;
    return { ...qualityView(built.value), ...(rebuilt === undefined ? {} : { rebuilt }) };
  }

  /** Every second of wall time. */
  onQuality(symbol: string, listener: (quality: InputQuality) => void): Cancel {
    let emitter = this.#watched.get(symbol);
    if (emitter === undefined) {
      const { log } = this.#deps;
      emitter = new Emitter((thrown) => log.error({ detail: String(thrown) }, 'an input-quality listener failed'));
      this.#watched.set(symbol, emitter);
    }
    return emitter.on(listener);
  }

  close(): void {
    this.#cancel();
    for (const { rings } of this.#followed.values()) rings.close();
    this.#followed.clear();
  }

  #builderOf({ symbol, candles, cob }: SymbolRings): BaseInputBuilder {
    const { referenceSymbol } = this.#deps;
    const reference = symbol === referenceSymbol ? candles : this.#followed.get(referenceSymbol)?.rings.candles;
    return new BaseInputBuilder({
      symbol,
      seconds: candles['1s'],
      minutes: candles['1m'],
      hours: candles['1h'],
      days: candles['1d'],
      reference: reference?.['1s'],
      cob,
    });
  }

  #compareAnew(changed: string): void {
    if (changed !== this.#deps.referenceSymbol) return;
    for (const followed of this.#followed.values()) followed.builder = this.#builderOf(followed.rings);
  }

  #tell(): void {
    for (const [symbol, emitter] of this.#watched) {
      const followed = this.#followed.get(symbol);
      if (emitter.listenerCount === 0 || followed === undefined) continue;
      const quality = this.quality(symbol);
      if (quality !== undefined) emitter.emit(quality);
      const due = followed.checkedWallMs + CHECK_WALL_MS <= this.#deps.wall.now();
      if (due && !followed.checking) void this.#check(symbol, followed);
    }
  }

  /** Builds the newest input live and from the store, and compares their bits. */
  async #check(symbol: string, followed: Followed): Promise<void> {
    const { clock, wall } = this.#deps;
    followed.checking = true;
    const t = openTimeOf(clock.now(), '1s');
    const reference = this.baseInput(symbol, t).ok ? this.reference(symbol) : undefined;
    if (reference !== undefined) {
      const startedMs = wall.now();
      const rebuilt = await this.rebuildOf(reference);
      const difference = rebuilt.ok ? rebuilt.value.difference : rebuilt.error.message;
      followed.rebuilt = { t, wallMs: wall.now() - startedMs, ...(difference === undefined ? {} : { difference }) };
    }
    followed.checkedWallMs = wall.now();
    followed.checking = false;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#rebuilding.then(task);
    this.#rebuilding = done.catch(() => undefined);
    return done;
  }
}
