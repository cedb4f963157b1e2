import { z } from 'zod';
import { dataModeSchema, epochMsSchema, symbolSchema, venueSchema } from '../../../core/contracts/primitives.ts';
import { RECORDING_FORMAT } from '../../../core/recording/encoded-batch.ts';

const size = z.string().regex(/^\d+(\.\d+)?$/);
const recordedInstrument = {
  instrument: z.object({
    venue: venueSchema,
    symbol: symbolSchema,
    venueSymbol: z.string(),
    kind: z.enum(['spot', 'linear', 'inverse']),
    base: z.string(),
    quote: z.string(),
    tickSize: size,
    lotSize: size,
    minNotional: size,
    contractMultiplier: size,
  }),
  bookLotSize: size,
};
const count = z.number().int().nonnegative();

export const instrumentEntriesSchema = z.array(z.object({ index: count, ...recordedInstrument }));

/** First frame of a journal. */
export const journalHeadSchema = z.object({
  format: z.literal(RECORDING_FORMAT),
  mode: dataModeSchema,
  recordedAt: epochMsSchema,
});
export type JournalHead = z.infer<typeof journalHeadSchema>;

/** The metadata of a segment's Parquet file. */
export const segmentHeaderSchema = z.object({
  format: z.literal(RECORDING_FORMAT),
  mode: dataModeSchema,
  instruments: z.array(z.object(recordedInstrument)),
  from: epochMsSchema,
  to: epochMsSchema,
  batches: count,
  events: count,
  trades: count,
  recordedAt: epochMsSchema,
  check: count,
});
