import { z } from 'zod';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { IMPORT_KINDS } from '../../../core/contracts/import.ts';
import { symbolSchema, venueSchema } from '../../../core/contracts/primitives.ts';
import { joined } from '../../../core/market/spans.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { SettingsRepository } from '../../ports/store.ts';

const KEY = 'importedHistories';
/** Files of one history follow each other; between the last trade of one and the first of the next nothing need have happened. */
const JOINED_WITHIN_MS = TIMEFRAME_MS['1m'];

const historySchema = z.object({
  venue: venueSchema,
  symbol: symbolSchema,
  content: z.enum(IMPORT_KINDS),
  /** Of trades, or of open times of 1m candles: [from, to). */
  from: z.number(),
  to: z.number(),
});
export type ImportedHistory = z.infer<typeof historySchema>;

/** What was imported that a replay can play: trades and 1m candles, by venue and symbol; what touches is one history. */
export class ImportedHistories {
  readonly #settings: SettingsRepository;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(settings: SettingsRepository) {
    this.#settings = settings;
  }

  async list(): Promise<Result<readonly ImportedHistory[]>> {
    const stored = await this.#settings.get(KEY);
    if (!stored.ok) return stored;
    if (stored.value === undefined || stored.value === null) return ok([]);
    const parsed = z.array(historySchema).safeParse(stored.value);
    return parsed.success
      ? ok(parsed.data)
      : fail('HISTORIES_UNREADABLE', `The list of imported histories cannot be read: ${z.prettifyError(parsed.error)}`);
  }

  /** Two imports that end together must not lose one. */
  add(added: ImportedHistory): Promise<Result<void>> {
    const done = this.#changing.then(() => this.#add(added));
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #add({ venue, symbol, content, from, to }: ImportedHistory): Promise<Result<void>> {
    const listed = await this.list();
    if (!listed.ok) return listed;
    const isSame = (one: ImportedHistory): boolean => one.venue === venue && one.symbol === symbol && one.content === content;
    const reach = (span: { from: number; to: number }) => ({ from: span.from, to: span.to + JOINED_WITHIN_MS });
    const known = listed.value.filter(isSame).map(reach);
    const spans = joined(known, reach({ from, to }));
    const same = spans.map((span) => ({ venue, symbol, content, from: span.from, to: span.to - JOINED_WITHIN_MS }));
    return this.#settings.set(KEY, [...listed.value.filter((one) => !isSame(one)), ...same]);
  }
}
