import { z } from 'zod';
import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import {
  ANALYSIS_MODULE_IDS,
  type AnalysisModuleId,
  analysisModuleIdSchema,
  type AnalysisView,
} from '../../../core/contracts/analysis.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsRepository } from '../../ports/store.ts';
import { LoadedModule, type ModuleSurroundings } from './loaded-module.ts';

const KEY = 'analysis.modules';
/** Wall milliseconds between two views: what changes more often cannot be read. */
const VIEW_EVERY_MS = 500;

export interface AnalysisHostDeps extends Omit<ModuleSurroundings, 'onFailure'> {
  /** Loaded unless the trader has chosen others before. */
  readonly configured: readonly AnalysisModuleId[];
  readonly settings: Pick<SettingsRepository, 'get' | 'set'>;
  readonly wall: Clock;
  readonly log: Log;
}

/** Loads the analysis modules that are wanted, tells them of followed symbols and asks them what they know. */
export class AnalysisHost {
  /** A module threw and was stopped; without a reason: it is loaded anew or not wanted any more. */
  readonly failures: Emitter<{ readonly id: AnalysisModuleId; readonly reason: string | undefined }>;
  readonly #deps: AnalysisHostDeps;
  readonly #around: ModuleSurroundings;
  readonly #loaded = new Map<AnalysisModuleId, LoadedModule>();
  readonly #symbols = new Set<string>();
  #closed = false;

  constructor(deps: AnalysisHostDeps) {
    this.#deps = deps;
    const { topics, bars, reference, clock, load, log } = deps;
    this.failures = new Emitter((thrown) => log.error({ detail: String(thrown) }, 'an analysis listener failed'));
    const onFailure = (id: AnalysisModuleId, reason: string): void => {
      log.error({ module: id, reason }, 'an analysis module failed and was stopped');
      this.failures.emit({ id, reason });
    };
    this.#around = { topics, bars, reference, clock, load, onFailure };
  }

  /** Loads what is wanted: what the trader chose last, else what is configured. Resolves when every module is loaded or has failed. */
  async start(): Promise<void> {
    const wanted = await this.#wanted();
    if (!this.#closed) await Promise.all([...new Set(wanted)].map((id) => this.#load(id)));
  }

  follow(symbol: string): void {
    this.#symbols.add(symbol);
    for (const module of this.#loaded.values()) module.follow(symbol);
  }

  unfollow(symbol: string): void {
    this.#symbols.delete(symbol);
    for (const module of this.#loaded.values()) module.unfollow(symbol);
  }

  /** Loads a module, anew if it had failed, or gives it up. The choice is kept for the next start, before what is configured. */
  async set(id: AnalysisModuleId, loaded: boolean): Promise<Result<void>> {
    this.#loaded.get(id)?.close();
    this.#loaded.delete(id);
    this.failures.emit({ id, reason: undefined });
    if (loaded) await this.#load(id);
    const saved = await this.#deps.settings.set(KEY, [...this.#loaded.keys()]);
    return saved.ok ? ok(undefined) : saved;
  }

  view(symbol: string): AnalysisView {
    const modules = ANALYSIS_MODULE_IDS.map(
      (id) => this.#loaded.get(id)?.view(symbol) ?? { id, state: 'off' as const, features: [], predictions: [] },
    );
    return { symbol, t: this.#deps.clock.now(), modules };
  }

  /** The view of a symbol twice a second. */
  onView(symbol: string, listener: (view: AnalysisView) => void): Cancel {
    return this.#deps.wall.every(VIEW_EVERY_MS, () => listener(this.view(symbol)));
  }

  /** Whether every loaded module has read what is stored. */
  get isReady(): boolean {
    return [...this.#loaded.values()].every((module) => module.isReady);
  }

  close(): void {
    this.#closed = true;
    for (const module of this.#loaded.values()) module.close();
    this.#loaded.clear();
  }

  async #load(id: AnalysisModuleId): Promise<void> {
    const module = new LoadedModule(id, this.#symbols, this.#around);
    this.#loaded.set(id, module);
    await module.load();
  }

  async #wanted(): Promise<readonly AnalysisModuleId[]> {
    const { settings, configured, log } = this.#deps;
    const stored = await settings.get(KEY);
    if (!stored.ok) {
      log.warn({ reason: stored.error.message }, 'the choice of analysis modules cannot be read; the configured ones are loaded');
      return configured;
    }
    if (stored.value === undefined || stored.value === null) return configured;
    // One that this version does not have any more is left out.
    const parsed = z.array(z.unknown()).safeParse(stored.value);
    return (parsed.data ?? []).flatMap((id) => analysisModuleIdSchema.safeParse(id).data ?? []);
  }
}
