import { type Account, accountSchema } from '../../../core/contracts/orders.ts';
import type { Result } from '../../../core/base/result.ts';
import type { SettingsRepository, StoreFailure } from '../../ports/store.ts';
import { attempt } from './failures.ts';

export type KillSwitchState = Account['killSwitch'];

const KEY = 'execution.killSwitch';

/** The kill switch and its saved copy. Engaging acts at once and is saved after; releasing acts only when it is saved. */
export class KillSwitch {
  readonly #settings: SettingsRepository;
  #state: KillSwitchState = { engaged: false, reason: '' };
  /** One write after the other: the last one asked for is the one that stays. */
  #writes: Promise<unknown> = Promise.resolve();

  constructor(settings: SettingsRepository) {
    this.#settings = settings;
  }

  get state(): KillSwitchState {
    return this.#state;
  }

  /** Saved state that cannot be understood counts as engaged: trading on a guess is the worse mistake. */
  async load(at: number): Promise<Result<void, StoreFailure>> {
    const saved = await attempt(() => this.#settings.get(KEY));
    if (!saved.ok) return saved;
    if (saved.value !== undefined && saved.value !== null) {
      const parsed = accountSchema.shape.killSwitch.safeParse(saved.value);
      this.#state = parsed.success
        ? parsed.data
        : { engaged: true, reason: 'The saved state of the kill switch could not be read.', at };
    }
    return { ok: true, value: undefined };
  }

  engage(reason: string, at: number): Promise<Result<void, StoreFailure>> {
    this.#state = { engaged: true, reason, at };
    return this.#save(this.#state);
  }

  async release(reason: string, at: number): Promise<Result<void, StoreFailure>> {
    const before = this.#state;
    const released = { engaged: false, reason, at };
    const saved = await this.#save(released);
    // Engaged while the release was being written: the engagement is newer, and its write comes after this one.
    if (saved.ok && this.#state === before) this.#state = released;
    return saved;
  }

  async settled(): Promise<void> {
    await this.#writes;
  }

  #save(state: KillSwitchState): Promise<Result<void, StoreFailure>> {
    const write = this.#writes.then(() => attempt(() => this.#settings.set(KEY, state)));
    this.#writes = write;
    return write;
  }
}
