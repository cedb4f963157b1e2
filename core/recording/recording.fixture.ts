import { ok, type Result } from '../base/result.ts';
import type { Instrument } from '../market/instrument.ts';
import type { EncodedBatch } from './encoded-batch.ts';
import { decodeBatch } from './event-codec.ts';
import type { RecordedEvent, RecordedInstrument } from './recorded-event.ts';
import type { RecordingSink } from './recording-writer.ts';

export const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

export const BTC_INVERSE: Instrument = {
  ...ETH,
  venue: 'bybit',
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD',
  kind: 'inverse',
  base: 'BTC',
  quote: 'USD',
  tickSize: '0.5',
  lotSize: '1',
  contractMultiplier: '100',
};

/** Keeps what a writer makes, segment by segment. */
export class CollectingSink implements RecordingSink {
  readonly segments: EncodedBatch[][] = [];
  #open = false;

  onSegmentStart(): void {
    if (this.#open) throw new Error('a segment begins within a segment');
    this.#open = true;
    this.segments.push([]);
  }

  onBatch(batch: EncodedBatch): void {
    if (!this.#open) throw new Error('a batch outside of a segment');
    (this.segments.at(-1) as EncodedBatch[]).push(batch);
  }

  onSegmentEnd(): void {
    if (!this.#open || this.segments.at(-1)?.length === 0) throw new Error('an empty segment, or an end of none');
    this.#open = false;
  }
}

export interface DecodedSegment {
  readonly instruments: RecordedInstrument[];
  readonly events: RecordedEvent[];
}

export function decodeSegment(batches: readonly EncodedBatch[]): Result<DecodedSegment> {
  const instruments: RecordedInstrument[] = [];
  const events: RecordedEvent[] = [];
  for (const batch of batches) {
    for (const { index, instrument, bookLotSize } of batch.instruments) instruments[index] = { instrument, bookLotSize };
    const decoded = decodeBatch(batch, instruments);
    if (!decoded.ok) return decoded;
    events.push(...decoded.value);
  }
  return ok({ instruments, events });
}
