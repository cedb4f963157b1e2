import { fromNumber } from '../../../core/base/decimal.ts';
import { ok } from '../../../core/base/result.ts';
import { BookDepth } from '../../../core/execution/book-depth.ts';
import { feeRateFromPct } from '../../../core/execution/matching.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import { createExecutionService } from '../../services/execution/execution-service.ts';
import { createPaperBroker } from '../../venues/paper/broker.ts';
import type { Frame } from './frame.ts';

/** The paper account: broker, risk gate and journal. Open orders are taken up before anything can trade. */
export async function assembleExecution(frame: Frame, data: MarketDataService, instruments: readonly Instrument[]) {
  const { config, store, market, ids, log } = frame;
  const depths = new Map(
    instruments.map((instrument) => [instrument.symbol, new BookDepth(data.session.book(instrument), instrument)]),
  );
  const takerFee = feeRateFromPct(config.paper.takerFeePct);
  const broker = createPaperBroker({
    clock: market.clock,
    latencyMs: config.paper.latencyMs,
    fees: { maker: feeRateFromPct(config.paper.makerFeePct), taker: takerFee },
    instruments,
    depthOf: (symbol) => (data.liveBook(symbol) === undefined ? undefined : depths.get(symbol)),
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
    instruments,
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
