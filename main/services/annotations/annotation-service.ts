import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import { type Annotation, type AnnotationPoint, annotationSchema } from '../../../core/contracts/annotations.ts';
import type { AnnotationsEvent } from '../../../core/contracts/streams.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { AnnotationRepository, StoreFailure } from '../../ports/store.ts';

export type AnnotationFailure = StoreFailure | Failure<'ANNOTATION_INVALID' | 'ANNOTATION_UNKNOWN'>;

export interface AnnotationServiceDeps {
  readonly store: AnnotationRepository;
  readonly clock: Pick<Clock, 'now'>;
  /** Unified symbols that the desk follows right now. */
  readonly symbols: () => readonly string[];
}

export interface AnnotationService {
  /** Takes up what is stored. Call once, before anything else. */
  start(): Promise<Result<void, StoreFailure>>;
  /** Creates the annotation or replaces the one with its id; stamps `createdAt` and `updatedAt`. Answers when it is on disk. */
  save(annotation: Annotation): Promise<Result<Annotation, AnnotationFailure>>;
  delete(id: string): Promise<Result<void, AnnotationFailure>>;
  /** Every annotation, or those of one symbol, by time of entry. */
  list(symbol?: string): Annotation[];
  snapshot(): Extract<AnnotationsEvent, { kind: 'snapshot' }>;
  readonly events: Emitter<AnnotationsEvent>;
}

/** Keeps the trader's annotations: on disk first, then in memory, then to whoever listens. */
export function createAnnotationService(deps: AnnotationServiceDeps): AnnotationService {
  const { store, clock } = deps;
  const annotations = new Map<string, Annotation>();
  const events = new Emitter<AnnotationsEvent>();
  /** One change at a time: memory and listeners see the order that the disk saw. */
  let changes: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(change: () => Promise<T>): Promise<T> => {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  };
  const list = (symbol?: string): Annotation[] =>
    [...annotations.values()]
      .filter((annotation) => symbol === undefined || annotation.symbol === symbol)
      .sort((a, b) => a.entry.time - b.entry.time || (a.id < b.id ? -1 : 1));

  return {
    events,
    list,
    snapshot: () => ({ kind: 'snapshot', annotations: list() }),

    async start() {
      const stored = await store.all();
      if (!stored.ok) return stored;
      for (const annotation of stored.value) annotations.set(annotation.id, annotation);
      return ok(undefined);
    },

    save: (given) =>
      inOrder(async () => {
        const problem = problemOf(given, deps);
        if (problem !== undefined) return fail('ANNOTATION_INVALID', `The annotation cannot be saved: ${problem}.`);
        const now = clock.now();
        const annotation: Annotation = { ...given, createdAt: annotations.get(given.id)?.createdAt ?? now, updatedAt: now };
        const saved = await store.save(annotation);
        if (!saved.ok) return saved;
        annotations.set(annotation.id, annotation);
        events.emit({ kind: 'saved', annotation });
        return ok(annotation);
      }),

    delete: (id) =>
      inOrder(async () => {
        if (!annotations.has(id))
          return fail('ANNOTATION_UNKNOWN', `There is no annotation ${id}; it may have been deleted already.`);
        const deleted = await store.delete(id);
        if (!deleted.ok) return deleted;
        annotations.delete(id);
        events.emit({ kind: 'deleted', id });
        return ok(undefined);
      }),
  };
}

function problemOf(annotation: Annotation, { symbols, clock }: AnnotationServiceDeps): string | undefined {
  const parsed = annotationSchema.safeParse(annotation);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.')}: ${issue?.message}`;
  }
  if (!symbols().includes(annotation.symbol)) return `${annotation.symbol} is not followed (${symbols().join(', ')} are)`;
  return (
    pointProblem('entry', annotation.entry, annotation, clock.now()) ??
    pointProblem('exit', annotation.exit, annotation, clock.now())
  );
}

function pointProblem(name: string, { time }: AnnotationPoint, { timeframe }: Annotation, now: number): string | undefined {
  if (openTimeOf(time, timeframe) !== time) return `${name}.time ${time} is not the open time of a ${timeframe} candle`;
  // The venue's clock may lead ours by a little, so the candle after the present one is let through.
  if (time > now + TIMEFRAME_MS[timeframe]) return `${name}.time ${time} lies in the future (now is ${now})`;
  return undefined;
}
