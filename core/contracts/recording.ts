import { z } from 'zod';
import { dataModeSchema, epochMsSchema, idSchema, symbolSchema, venueSchema } from './primitives.ts';

/** A segment's folder and name under the market's recording folder: `2020-04-26/000512345-k3f9`. */
export const segmentIdSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}\/[0-9a-z-]{1,64}$/, 'a segment such as 2020-04-26/000512345-0');

export const segmentViewSchema = z.object({
  id: segmentIdSchema,
  /** `writing`: not turned into Parquet yet. `damaged`: cannot be read, `problem` says why. */
  state: z.enum(['writing', 'whole', 'damaged']),
  bytes: z.number().int().nonnegative(),
  /** Of a damaged segment only its bytes are known. */
  mode: dataModeSchema.optional(),
  /** Market time of the first and the last event. */
  from: epochMsSchema.optional(),
  to: epochMsSchema.optional(),
  /** Wall time at which it was begun. */
  recordedAt: epochMsSchema.optional(),
  events: z.number().int().nonnegative().optional(),
  trades: z.number().int().nonnegative().optional(),
  instruments: z.array(z.object({ venue: venueSchema, symbol: symbolSchema })),
  problem: z.string().optional(),
});
export type SegmentView = z.infer<typeof segmentViewSchema>;

export const recordingStatusSchema = z.object({
  /** `failing`: the disk takes nothing; events wait in memory, and beyond a bound they are lost. */
  state: z.enum(['off', 'recording', 'failing']),
  /** Since the start. */
  events: z.number().int(),
  segments: z.number().int(),
  /** Events that could not be kept. */
  lostEvents: z.number().int(),
  waitingBytes: z.number().int(),
  lastError: z.string().optional(),
});
export type RecordingStatus = z.infer<typeof recordingStatusSchema>;

/** What this market takes on the disk, and what is left there. */
export const storageUseSchema = z.object({
  at: epochMsSchema,
  storeBytes: z.number(),
  /** The store's write-ahead log. */
  walBytes: z.number(),
  recordings: z.object({
    bytes: z.number(),
    segments: z.number().int(),
    damaged: z.number().int(),
    /** Oldest first; a day of market time. */
    days: z.array(z.object({ day: z.string(), bytes: z.number(), segments: z.number().int() })),
  }),
  /** Absent where the system does not say. */
  freeBytes: z.number().optional(),
  budgetBytes: z.number(),
  alerts: z.array(z.object({ level: z.enum(['warning', 'error']), text: z.string() })),
  recording: recordingStatusSchema,
});
export type StorageUse = z.infer<typeof storageUseSchema>;

/** Segments that overlap [from, to) of market time. */
const range = z.object({ from: epochMsSchema, to: epochMsSchema }).strict();

export const RECORDING_MOVES = ['archive', 'restore'] as const;
export type RecordingMove = (typeof RECORDING_MOVES)[number];

/** A folder that the user chose in the host's own dialog. The window cannot name any other: commands take its token. */
export const pickedFolderSchema = z.object({ token: idSchema, path: z.string() });
export type PickedFolder = z.infer<typeof pickedFolderSchema>;
/** Opens the host's dialog; `folder` is absent when the user chose none. Only the desktop app has one. */
export const pickRecordingFolderSchema = {
  input: z.object({ purpose: z.enum(RECORDING_MOVES) }).strict(),
  output: z.object({ folder: pickedFolderSchema.optional() }),
};
/** The token of a chosen folder. */
const folder = idSchema;

/** Payloads of the recording commands. */
export const listSegmentsSchema = { input: range.partial().strict(), output: z.object({ segments: z.array(segmentViewSchema) }) };
/** Moves whole segments: each is copied, the copy is compared, then the original is deleted. */
export const archiveRecordingsSchema = {
  input: range.extend({ folder }).strict(),
  output: z.object({ jobId: idSchema }),
};
export const restoreRecordingsSchema = {
  input: range.partial().extend({ folder }).strict(),
  output: z.object({ jobId: idSchema }),
};

export const recordingJobSchema = z.object({
  id: idSchema,
  kind: z.enum(RECORDING_MOVES),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  folder: z.string(),
  segments: z.number().int(),
  segmentsDone: z.number().int(),
  bytes: z.number(),
  bytesDone: z.number(),
  error: z.string().optional(),
});
export type RecordingJob = z.infer<typeof recordingJobSchema>;
