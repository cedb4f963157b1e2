import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { err, fail, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import {
  type ImportFile,
  type ImportJob,
  type ImportPreview,
  type ImportSpec,
  PREVIEW_ROWS,
  type RowError,
  SHOWN_ROW_ERRORS,
} from '../../../core/contracts/import.ts';
import { detectColumns } from '../../../core/market/import-columns.ts';
import { candleReader, type ImportRow, positionsOf, tradeReader } from '../../../core/market/import-rows.ts';
import { DERIVED_FROM, isDerived, type StoredTimeframe } from '../../../core/market/timeframe.ts';
import type { ImportRepository, LoadedFile, PickFile, StagedSummary, Staging } from '../../ports/import.ts';
import type { Log } from '../../ports/log.ts';

/** Rows of one step, between which other work gets its turn and a cancel takes effect. */
const BLOCK_ROWS = 2_048;
/** Rows that the detection looks at. */
const DETECTION_ROWS = 100;
const MOST_OVER = 20;

export interface FileImportsDeps {
  /** Absent where the host has no dialog. */
  readonly pickFile: PickFile | undefined;
  readonly imports: ImportRepository;
  /** Candles were stored whose first and last opened then. */
  readonly onCandles: (symbol: string, timeframe: StoredTimeframe, from: number, to: number) => void;
  /** Rows of this spec were stored, the first and last at these times. */
  readonly onStored: (spec: ImportSpec, from: number, to: number) => Promise<void>;
  readonly wall: Clock;
  readonly ids: IdGen;
  readonly log: Log;
}

interface Picked {
  readonly file: ImportFile;
  readonly path: string;
  loaded: Promise<Result<LoadedFile>> | undefined;
  /** Imports under way that read it. */
  users: number;
}

interface Job {
  view: ImportJob;
  cancelled: boolean;
  done: Promise<void>;
}

interface Scan {
  readonly good: number;
  readonly bad: number;
  readonly errors: readonly RowError[];
}

/** What a prepared spec does with rows: one kind of them each. */
interface Prepared {
  stage(): Promise<Result<Target>>;
}

interface Target {
  /** Takes the good rows in; answers the bad ones. `first` is the number of the first. */
  take(rows: readonly ImportRow[], first: number): Promise<Result<readonly RowError[]>>;
  summary(): Promise<Result<StagedSummary>>;
  commit(): Promise<Result<void>>;
  drop(): Promise<unknown>;
}

/** Candles and trades out of files that the user picks: looked at first, then stored all at once or not at all. */
export class FileImports {
  readonly events: Emitter<{ jobs: ImportJob[] }>;
  readonly #deps: FileImportsDeps;
  readonly #files = new Map<string, Picked>();
  /** Newest last. */
  #jobs: Job[] = [];

  constructor(deps: FileImportsDeps) {
    this.#deps = deps;
    this.events = new Emitter((thrown) => deps.log.error({ detail: reasonOf(thrown) }, 'an import listener failed'));
  }

  async pick(): Promise<Result<{ file?: ImportFile }>> {
    const { pickFile, ids } = this.#deps;
    if (pickFile === undefined)
      return fail('NO_DIALOG', 'Files are chosen in the desktop app: this desk runs without a window of its own.');
    const picked = await pickFile();
    if (picked === undefined) return ok({});
    const name = picked.name.toLowerCase();
    const format = name.endsWith('.parquet') ? 'parquet' : /\.(csv|tsv|txt)(\.gz)?$/.test(name) ? 'csv' : undefined;
    if (format === undefined)
      return fail('WRONG_FORMAT', `${picked.name} is neither CSV (.csv, .csv.gz) nor Parquet (.parquet).`);
    // One file at a time is looked at; the scratch space of the one before is given back.
    for (const [token, other] of this.#files) if (other.users === 0) await this.#forget(token, other);
    const file: ImportFile = { token: ids.next('file'), name: picked.name, bytes: picked.bytes, format };
    this.#files.set(file.token, { file, path: picked.path, loaded: undefined, users: 0 });
    return ok({ file });
  }

  async preview(token: string, spec: ImportSpec | undefined): Promise<Result<ImportPreview>> {
    const picked = this.#files.get(token);
    if (picked === undefined) return unknownFile();
    picked.users++;
    try {
      return await this.#preview(picked, spec);
    } finally {
      picked.users--;
    }
  }

  start(token: string, spec: ImportSpec, skipBadRows: boolean): Result<{ jobId: string }> {
    const picked = this.#files.get(token);
    if (picked === undefined) return unknownFile();
    const { ids, wall } = this.#deps;
    const view: ImportJob = {
      id: ids.next('imp'),
      fileName: picked.file.name,
      spec,
      state: 'running',
      phase: 'reading',
      rowsRead: 0,
      totalRows: 0,
      imported: 0,
      badRows: 0,
      errors: [],
      createdAt: wall.now(),
    };
    picked.users++;
    const job: Job = { view, cancelled: false, done: Promise.resolve() };
    job.done = this.#run(job, picked, skipBadRows)
      .catch((thrown: unknown) => this.#over(job, 'failed', reasonOf(thrown)))
      .finally(() => {
        picked.users--;
      });
    this.#jobs.push(job);
    const over = this.#jobs.filter((each) => each.view.state !== 'running');
    const dropped = new Set(over.slice(0, Math.max(0, over.length - MOST_OVER)));
    this.#jobs = this.#jobs.filter((each) => !dropped.has(each));
    this.events.emit(this.snapshot());
    return ok({ jobId: view.id });
  }

  async cancel(id: string): Promise<Result<void>> {
    const job = this.#jobs.find((each) => each.view.id === id);
    if (job === undefined) return fail('UNKNOWN_JOB', 'This import is not on the list any more.');
    if (job.view.state === 'running') {
      job.cancelled = true;
      await job.done;
    } else {
      this.#jobs = this.#jobs.filter((each) => each !== job);
    }
    this.events.emit(this.snapshot());
    return ok(undefined);
  }

  snapshot(): { jobs: ImportJob[] } {
    return { jobs: this.#jobs.map((job) => job.view).reverse() };
  }

  async close(): Promise<void> {
    for (const job of this.#jobs) job.cancelled = true;
    await Promise.all(this.#jobs.map((job) => job.done));
  }

  async #preview(picked: Picked, spec: ImportSpec | undefined): Promise<Result<ImportPreview>> {
    const loaded = await this.#load(picked);
    if (!loaded.ok) return loaded;
    const { columns, totalRows } = loaded.value;
    if (totalRows === 0) return fail('EMPTY_FILE', `${picked.file.name} holds no rows. Choose a file with candles or trades.`);
    const head = await loaded.value.rows(1, DETECTION_ROWS);
    if (!head.ok) return head;
    const { timeUnit, timeframe, ...detected } = detectColumns(
      columns.map(({ name }) => name),
      head.value,
    );
    const preview: ImportPreview = {
      file: picked.file,
      columns: columns.map(({ name, type }) => ({ name, type })),
      rows: head.value.slice(0, PREVIEW_ROWS).map((row) => [...row]),
      totalRows,
      detected: {
        ...detected,
        ...(timeUnit === undefined ? {} : { timeUnit }),
        ...(timeframe === undefined ? {} : { timeframe }),
      },
    };
    if (spec === undefined) return ok(preview);
    const checked = await this.#staged(
      loaded.value,
      spec,
      () => true,
      async (target, scan) => {
        const summary = await target.summary();
        if (!summary.ok) return summary;
        const { rows, from, to } = summary.value;
        return ok({
          goodRows: scan.good,
          badRows: scan.bad,
          duplicates: scan.good - rows,
          ...(from === undefined || to === undefined ? {} : { from, to }),
          errors: [...scan.errors],
        });
      },
    );
    if (!checked.ok) return checked;
    return checked.value === undefined ? ok(preview) : ok({ ...preview, check: checked.value });
  }

  async #run(job: Job, picked: Picked, skipBadRows: boolean): Promise<void> {
    const loaded = await this.#load(picked);
    if (!loaded.ok) return this.#over(job, 'failed', loaded.error.message);
    this.#show(job, { totalRows: loaded.value.totalRows });
    const goesOn = (scan: Scan, rowsRead: number): boolean => {
      this.#show(job, { rowsRead, badRows: scan.bad, errors: [...scan.errors] });
      return !job.cancelled;
    };
    const imported = await this.#staged(loaded.value, job.view.spec, goesOn, async (target, scan) => {
      if (scan.bad > 0 && !skipBadRows) {
        return fail(
          'BAD_ROWS',
          `${scan.bad} of ${scan.bad + scan.good} rows are not right; nothing was stored. Leave them out, or mend the file.`,
        );
      }
      const summary = await target.summary();
      if (!summary.ok) return summary;
      this.#show(job, { phase: 'writing' });
      const stored = await target.commit();
      if (!stored.ok) return stored;
      const { rows, from, to } = summary.value;
      const { kind, symbol, timeframe } = job.view.spec;
      if (kind === 'candles' && timeframe !== undefined && !isDerived(timeframe) && from !== undefined && to !== undefined) {
        this.#deps.onCandles(symbol, timeframe, from, to);
      }
      if (from !== undefined && to !== undefined) await this.#deps.onStored(job.view.spec, from, to);
      return ok(rows);
    });
    if (!imported.ok) return this.#over(job, 'failed', imported.error.message);
    if (imported.value === undefined) return this.#over(job, 'cancelled', 'Nothing was stored.');
    this.#show(job, { imported: imported.value });
    this.#over(job, 'done');
  }

  /** Reads every row into scratch space and hands it over; undefined when it was ended by `goesOn`. */
  async #staged<T>(
    loaded: LoadedFile,
    spec: ImportSpec,
    goesOn: (scan: Scan, rowsRead: number) => boolean,
    use: (target: Target, scan: Scan) => Promise<Result<T>>,
  ): Promise<Result<T | undefined>> {
    const prepared = this.#prepare(loaded, spec);
    if (!prepared.ok) return prepared;
    const target = await prepared.value.stage();
    if (!target.ok) return target;
    try {
      let scan: Scan = { good: 0, bad: loaded.unreadableRows, errors: loaded.unreadable };
      for (let first = 1; first <= loaded.totalRows; first += BLOCK_ROWS) {
        const rows = await loaded.rows(first, BLOCK_ROWS);
        if (!rows.ok) return rows;
        const bad = await target.value.take(rows.value, first);
        if (!bad.ok) return bad;
        const errors = [...scan.errors, ...bad.value].slice(0, SHOWN_ROW_ERRORS);
        scan = { good: scan.good + rows.value.length - bad.value.length, bad: scan.bad + bad.value.length, errors };
        if (!goesOn(scan, first - 1 + rows.value.length)) return ok(undefined);
      }
      return await use(target.value, scan);
    } finally {
      await target.value.drop();
    }
  }

  #prepare(loaded: LoadedFile, spec: ImportSpec): Result<Prepared> {
    const { imports } = this.#deps;
    const { venue, symbol, timeframe } = spec;
    const positions = positionsOf(
      spec,
      loaded.columns.map(({ name }) => name),
    );
    if (typeof positions === 'string') return fail('BAD_MAPPING', positions);
    if (spec.kind === 'trades') {
      return ok({ stage: async () => targetOf(await imports.stageTrades(venue, symbol), tradeReader(spec, positions)) });
    }
    if (timeframe === undefined) return fail('BAD_MAPPING', 'Choose the timeframe of the candles.');
    if (isDerived(timeframe)) {
      const source = DERIVED_FROM[timeframe];
      return fail(
        'BAD_MAPPING',
        `${timeframe} candles are put together from those of ${source} and not stored. Import ${source} candles.`,
      );
    }
    return ok({
      stage: async () => targetOf(await imports.stageCandles(venue, symbol, timeframe), candleReader(spec, positions, timeframe)),
    });
  }

  #load(picked: Picked): Promise<Result<LoadedFile>> {
    picked.loaded ??= this.#deps.imports.load(picked.path, picked.file.format).then((loaded) => {
      // Mended meanwhile, it may be readable the next time.
      if (!loaded.ok) picked.loaded = undefined;
      return loaded;
    });
    return picked.loaded;
  }

  async #forget(token: string, picked: Picked): Promise<void> {
    this.#files.delete(token);
    const loaded = await picked.loaded;
    if (loaded?.ok === true) await loaded.value.drop();
  }

  #show(job: Job, change: Partial<ImportJob>): void {
    job.view = { ...job.view, ...change };
    this.events.emit(this.snapshot());
  }

  #over(job: Job, state: 'done' | 'cancelled' | 'failed', message?: string): void {
    const { log } = this.#deps;
    this.#show(job, { state, phase: 'over', ...(message === undefined ? {} : { message }) });
    const { fileName, imported, badRows } = job.view;
    log.info({ file: fileName, state, imported, badRows, message }, 'an import ended');
  }
}

function targetOf<R>(
  staging: Result<Staging<R>>,
  read: (row: ImportRow) => { readonly value: R } | { readonly error: Omit<RowError, 'row'> },
): Result<Target> {
  if (!staging.ok) return staging;
  return ok({
    ...staging.value,
    async take(rows, first) {
      const good: R[] = [];
      const bad: RowError[] = [];
      rows.forEach((row, i) => {
        const parsed = read(row);
        if ('value' in parsed) good.push(parsed.value);
        else bad.push({ row: first + i, ...parsed.error });
      });
      const appended = good.length === 0 ? ok(undefined) : await staging.value.append(good);
      return appended.ok ? ok(bad) : err(appended.error);
    },
  });
}

function unknownFile() {
  return fail('UNKNOWN_FILE', 'This file is not open any more. Choose it again.');
}
