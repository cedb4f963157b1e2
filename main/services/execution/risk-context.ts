import type { Decimal } from '../../../core/base/decimal.ts';
import { add, mul, sign } from '../../../core/base/decimal.ts';
import type { Account } from '../../../core/contracts/orders.ts';
import { accountOf } from '../../../core/execution/account.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { reach, type RiskContext } from '../../../core/risk/gate.ts';
import type { Ledger } from './ledger.ts';

export interface RiskContextInput {
  readonly symbol: string;
  readonly ledger: Ledger;
  readonly instrument: Instrument | undefined;
  readonly midOf: (symbol: string) => Decimal | undefined;
  readonly killSwitch: Account['killSwitch'];
  readonly account: { readonly currency: string; readonly startingBalance: Decimal };
  readonly takerFee: Decimal;
}

/** What the gate needs to know at this moment. Symbols without a live book are valued at their last known price. */
export function riskContextOf({
  symbol,
  ledger,
  instrument,
  midOf,
  killSwitch,
  account,
  takerFee,
}: RiskContextInput): RiskContext {
  const valueOf = (other: string) => midOf(other) ?? ledger.lastKnownPrice(other);
  let exposureElsewhere = '0';
  for (const other of ledger.symbols()) {
    if (other === symbol) continue;
    const { buys, sells } = ledger.openOf(other);
    exposureElsewhere = add(exposureElsewhere, mul(reach(ledger.position(other).quantity, buys, sells), valueOf(other)));
  }
  const marked = accountOf({ ...account, positions: ledger.positions(), killSwitch, markOf: valueOf });
  const { buys: openBuys, sells: openSells } = ledger.openOf(symbol);
  const equity = marked.equity ?? marked.balance;
  return {
    instrument,
    mid: midOf(symbol),
    killSwitch,
    position: ledger.position(symbol).quantity,
    openBuys,
    openSells,
    openOrders: ledger.countedOrders(),
    equity: sign(equity) < 0 ? '0' : equity,
    exposureElsewhere,
    takerFee,
  };
}
