import { fromNumber } from '../../../core/base/decimal.ts';
import { ok } from '../../../core/base/result.ts';
import { BookDepth } from '../../../core/execution/book-depth.ts';
import { feeRateFromPct } from '../../../core/execution/matching.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import { createExecutionService } from '../../services/execution/execution-service.ts';
import { createPaperBroker } from '../../venues/paper/broker.ts';
import type { Frame } from './frame.ts';

/** The paper account: broker, risk gate and journal. Open orders are taken up before anything can trade. */
export async function assembleExecution(frame: Frame, data: MarketDataService) {
  const { config, store, market, ids, log } = frame;
  const instrumentOf = (symbol: string): Instrument | undefined => data.instruments.get(symbol);
  const depths = new WeakMap<L2Book, BookDepth>();
  const depthOf = (symbol: string): BookDepth | undefined => {
    const book = data.liveBook(symbol);
    const instrument = instrumentOf(symbol);
    if (book === undefined || instrument === undefined) return undefined;
    let depth = depths.get(book);
    if (depth === undefined) depths.set(book, (depth = new BookDepth(book, instrument)));
    return depth;
  };
  const takerFee = feeRateFromPct(config.paper.takerFeePct);
  const broker = createPaperBroker({
    clock: market.clock,
    latencyMs: config.paper.latencyMs,
    fees: { maker: feeRateFromPct(config.paper.makerFeePct), taker: takerFee },
    instrumentOf,
    depthOf,
    idGen: ids,
  });
  frame.onClose(() => broker.close());
  const execution = createExecutionService({
    store,
    broker,
    limits: {
      maxOrderNotional: config.risk.maxOrderNotional,
      maxPosition: config.risk.maxPosition,
      maxOpenOrders: config.risk.maxOpenOrders,
      priceCollarPct: fromNumber(config.risk.priceCollarPct, 6),
    },
    account: { currency: config.paper.currency, startingBalance: config.paper.startingBalance },
    takerFee,
    instrumentOf,
    mid: (symbol) => data.liveBook(symbol)?.mid,
    clock: market.clock,
    idGen: ids,
    log: { warn: (text) => log.warn({}, text), error: (text) => log.error({}, text) },
  });
  frame.onClose(() => execution.close());
  const recovered = await execution.recover();
  if (!recovered.ok) return recovered;
  data.books.on(({ symbol }) => broker.onBook(symbol));
  data.trades.on(({ symbol, trade }) => broker.onTrade(symbol, trade));
  return ok({ execution });
}
