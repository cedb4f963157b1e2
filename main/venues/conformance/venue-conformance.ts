import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import type { HttpOptions } from '../session/http-client.ts';
import type { MarketDataOptions } from '../session/market-data-options.ts';
import type { StreamProtocol } from '../session/stream-protocol.ts';

/** One message as it comes over the socket; a Buffer for binary ones. */
export type Frame = string | Buffer;

/** Levels as decimal text; quantity `0` deletes. */
export interface BookText {
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
}

export interface BookMessages {
  /**
   * The venue's `ordinal`-th update of the book (1, 2, 3…), of `time` in epoch ms, to `changes`, after which the book is
   * `after`. The venue makes its ids of the ordinal.
   */
  delta(ordinal: number, time: number, changes: BookText, after: BookText): Frame;
  /** Books that begin in the stream: the whole book after `ordinal` updates. */
  snapshot?(ordinal: number, time: number, book: BookText): Frame;
  /** Books that begin with REST: the venue's answer to the snapshot request, which the loopback venue gives. */
  restSnapshot?(ordinal: number, book: BookText): unknown;
  /** Messages numbered over the whole connection: one of another channel in the place of the `ordinal`-th update. */
  elsewhere?(ordinal: number, time: number): Frame;
  /** Protocols with a checksum: the `ordinal`-th message changes nothing and carries a wrong one of the book, which is `after`. */
  wrongChecksum?(ordinal: number, time: number, after: BookText): Frame;
  /** What the venue says first on a connection (acknowledgements, channel ids). */
  readonly opening?: readonly Frame[];
}

/** REST answers as the venue gives them. */
export interface RestMessages {
  /** JSON of the answer to a request, undefined for one that is not known (404). `origin` is the loopback venue's own. */
  answer(url: URL, origin: string): unknown;
  /** Path of the snapshot request, for books that begin with REST. */
  readonly snapshotPath?: string;
  /** `untold` where the venue tells none by REST: then the request for it is refused. */
  readonly serverTime: number | 'untold';
  readonly instruments: readonly Instrument[];
  /** A symbol that the venue does not list, and the answer says so; or lists as one that does not trade. */
  readonly unknownSymbol: string;
  readonly candles?: {
    readonly instrument: Instrument;
    readonly timeframe: Timeframe;
    readonly from: number;
    readonly to: number;
    readonly expected: readonly Candle[];
  };
}

export interface Recording {
  readonly title: string;
  /** Below `../shared/data/market`. */
  readonly files: readonly string[];
  /** `linesOf` reads a file's lines, unpacked when it ends in .gz. */
  readonly test: (linesOf: (file: string) => readonly string[]) => void;
}

/** All that the suite needs to know of a venue. Messages are written by hand in the documented shapes. */
export interface VenueConformance {
  readonly name: string;
  readonly create: (options: MarketDataOptions) => VenueMarketData;
  /** The venue's protocol, with REST requests made by these means. */
  readonly protocol: (http: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) => StreamProtocol;
  /** One of `rest.instruments`. */
  readonly instrument: Instrument;
  readonly book: BookMessages;
  /** A frame each and what it says; `tsReceived` is not compared. */
  readonly trades: readonly { readonly frame: Frame; readonly expected: readonly Omit<Trade, 'tsReceived'>[] }[];
  readonly klines: readonly {
    readonly frame: Frame;
    readonly candle: Candle;
    readonly closed: boolean;
    readonly timeframe: Timeframe;
  }[];
  /** Venues with `bookSilenceMs`: the frame that answers the message with `probe` in it, or comes by itself where there is none. */
  readonly alive?: { readonly frame: Frame; readonly probe?: string };
  /** Frames that belong to no instrument and are no error: pongs, acknowledgements. */
  readonly silent: readonly Frame[];
  readonly rest: RestMessages;
}
