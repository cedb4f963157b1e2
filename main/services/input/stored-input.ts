import { ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { BaseInputReference } from '../../../core/contracts/base-input.ts';
import { BaseInput } from '../../../core/features/base-input/base-input.ts';
import { BaseInputBuilder } from '../../../core/features/base-input/builder.ts';
import { CandleSeries } from '../../../core/features/base-input/candle-series.ts';
import { CobSeries } from '../../../core/features/base-input/cob-series.ts';
import type { AccountState, LastOutput } from '../../../core/features/base-input/context-row.ts';
import { structureStart } from '../../../core/features/base-input/pivot-rows.ts';
import { digestOf, lastOf, paramsOf } from '../../../core/features/base-input/reference.ts';
import { type BlockName, BLOCKS, type CandleTimeframe, FRAMES, OUTPUT_MODELS } from '../../../core/features/base-input/schema.ts';
import type { CandleColumns } from '../../../core/market/candle.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { SeriesSpan, StoreFailure } from '../../ports/store.ts';
import type { InputDeps } from './input-deps.ts';
import { lastOutputsOf } from './last-outputs.ts';
import { newStructure } from './minute-structure.ts';
import { oldestOf } from './symbol-rings.ts';

export interface Rebuilt {
  /** Filled anew by the next rebuild. */
  readonly input: BaseInput;
  /** Why it is not what was seen then, for a person; undefined when it is, bit for bit, and without a reference. */
  readonly difference: string | undefined;
}

export type RebuildFailure = StoreFailure | Failure<'INPUT_OTHER_LAYOUT'>;

type SixColumns = [CandleColumns, CandleColumns, CandleColumns, CandleColumns, CandleColumns, CandleColumns];

/** How long before t an output may have been made and still be a model's newest. */
const OUTPUTS_MS = TIMEFRAME_MS['1h'];

/** Inputs of any past time out of the store, by the builder that builds them live. One set of rings for all of them. */
export class StoredInput {
  readonly #deps: Pick<InputDeps, 'market' | 'learning' | 'referenceSymbol'>;
  readonly #minutes = new CandleSeries('1m');
  readonly #seconds = new CandleSeries('1s', this.#minutes);
  readonly #hours = new CandleSeries('1h');
  readonly #days = new CandleSeries('1d');
  readonly #referenceMinutes = new CandleSeries('1m');
  readonly #reference = new CandleSeries('1s', this.#referenceMinutes);
  readonly #cob = new CobSeries();
  readonly #input = new BaseInput();

  constructor(deps: Pick<InputDeps, 'market' | 'learning' | 'referenceSymbol'>) {
    this.#deps = deps;
  }

  /** Everything that the store has of periods that were over at `t`. @param account as it stood then; the store does not hold it */
  async at(symbol: string, t: number, account?: AccountState): Promise<Result<Rebuilt, RebuildFailure>> {
    const predictions = await this.#deps.learning.predictions(symbol, t - OUTPUTS_MS, t);
    if (!predictions.ok) return predictions;
    const outputs = lastOutputsOf(predictions.value, t);
    return this.#build(symbol, t, { account, outputs, params: undefined, lastOf: () => Number.POSITIVE_INFINITY });
  }

  /** The input of a reference: of the rows that were known then, with its parameters. */
  async of(reference: BaseInputReference): Promise<Result<Rebuilt, RebuildFailure>> {
    const params = paramsOf(reference);
    if (!params.ok) return params;
    const outputs = reference.outputs.flatMap(({ model, ...output }) => {
      const known = OUTPUT_MODELS.find((one) => one === model);
      return known === undefined ? [] : [{ model: known, ...output }];
    });
    const built = await this.#build(reference.symbol, reference.t, {
      account: reference.account,
      outputs,
      params: params.value,
      lastOf: (name) => lastOf(reference, name),
    });
    if (!built.ok) return built;
    const { input } = built.value;
    return ok({ input, difference: digestOf(input.values) === reference.digest ? undefined : differenceOf(input, reference) });
  }

  async #build(
    symbol: string,
    t: number,
    known: {
      readonly account: AccountState | undefined;
      readonly outputs: readonly LastOutput[];
      readonly params: Float64Array | undefined;
      readonly lastOf: (name: BlockName) => number;
    },
  ): Promise<Result<Rebuilt, RebuildFailure>> {
    const { market, referenceSymbol } = this.#deps;
    const span = (of: string, timeframe: CandleTimeframe, from: number, last: number): SeriesSpan => {
      // A period that was over at t opened at least its length before.
      const to = Math.min(last + 1, t - TIMEFRAME_MS[timeframe] + 1);
      return { symbol: of, timeframe, from, to };
    };
    const { lastOf: last } = known;
    const second = openTimeOf(t, '1s');
    const secondsFrom = oldestOf('1s', t);
    const candles = await market.candleColumnsOf([
      span(symbol, '1s', secondsFrom, last('candles.1s')),
      span(symbol, '1m', Math.min(structureStart(t), oldestOf('1m', t)), Math.max(last('candles.1m'), last('pivots'))),
      span(symbol, '1h', oldestOf('1h', t), last('candles.1h')),
      span(symbol, '1d', oldestOf('1d', t), last('candles.1d')),
      span(referenceSymbol, '1s', secondsFrom, last('reference.1s')),
      // Minutes of the reference symbol only begin its seconds' day.
      span(referenceSymbol, '1m', openTimeOf(secondsFrom, '1d'), secondsFrom - 1),
    ]);
    if (!candles.ok) return candles;
    const book = await market.cobSeconds(symbol, second - FRAMES * 1_000, Math.min(second, last('cob') + 1));
    if (!book.ok) return book;
    const [seconds, minutes, hours, days, reference, referenceMinutes] = candles.value as SixColumns;

    // From here on nothing waits: the rings are shared with the next rebuild.
    this.#clear();
    this.#minutes.pushColumns(minutes, countUntil(minutes, oldestOf('1m', t) - 1), countUntil(minutes, last('candles.1m')));
    this.#seconds.pushColumns(seconds);
    this.#hours.pushColumns(hours);
    this.#days.pushColumns(days);
    this.#referenceMinutes.pushColumns(referenceMinutes);
    this.#reference.pushColumns(reference);
    this.#cob.pushColumns(book.value);
    const structure = newStructure();
    structure.pushColumns(minutes, countUntil(minutes, structureStart(t) - 1), countUntil(minutes, last('pivots')));
    const builder = new BaseInputBuilder({
      symbol,
      seconds: this.#seconds,
      minutes: this.#minutes,
      hours: this.#hours,
      days: this.#days,
      reference: this.#reference,
      cob: this.#cob,
    });
    const { account, outputs, params } = known;
    builder.build({ t, structure, account, outputs, params }, this.#input);
    return ok({ input: this.#input, difference: undefined });
  }

  #clear(): void {
    for (const ring of [
      this.#minutes,
      this.#seconds,
      this.#hours,
      this.#days,
      this.#referenceMinutes,
      this.#reference,
      this.#cob,
    ])
      ring.clear();
  }
}

/** Candles that opened at `last` or before. */
function countUntil({ openTime }: CandleColumns, last: number): number {
  let count = openTime.length;
  while (count > 0 && (openTime[count - 1] as number) > last) count--;
  return count;
}

function differenceOf({ spans, values }: BaseInput, reference: BaseInputReference): string {
  const other = BLOCKS.flatMap(({ name, index }) => {
    const then = reference.blocks[index]?.count;
    const now = spans[3 * index + 2];
    return then === now ? [] : [`${name} had ${then} rows and has ${now}`];
  });
  if (other.length > 0) return `${other.join('; ')}: history was added or taken away since`;
  return `no row was added, but candles were corrected since (${digestOf(values)}, then ${reference.digest})`;
}
