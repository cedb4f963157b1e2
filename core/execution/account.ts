import type { Decimal } from '../base/decimal.ts';
import { add, isZero } from '../base/decimal.ts';
import type { Account } from '../contracts/orders.ts';
import type { PositionState } from './positions.ts';
import { toPosition, unrealisedPnl } from './positions.ts';

export interface AccountInput {
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly positions: Iterable<PositionState>;
  readonly killSwitch: Account['killSwitch'];
  /** Book mid of a symbol, undefined without a live book. */
  readonly markOf: (symbol: string) => Decimal | undefined;
}

/**
 * The paper account: balance = starting balance + realised PnL; equity = balance + unrealised PnL at the marks.
 * Equity is absent while any open position has no mark: a guess would look like money.
 */
export function accountOf(input: AccountInput): Account {
  const positions: Account['positions'] = [];
  let balance = input.startingBalance;
  let unrealised: Decimal | undefined = '0';
  for (const state of input.positions) {
    balance = add(balance, state.realised);
    const mark = input.markOf(state.symbol);
    const position = toPosition(state);
    if (mark === undefined) {
      positions.push(position);
      if (!isZero(state.quantity)) unrealised = undefined;
      continue;
    }
    const pnl = unrealisedPnl(state, mark);
    positions.push({ ...position, mark, unrealisedPnl: pnl });
    if (unrealised !== undefined) unrealised = add(unrealised, pnl);
  }
  const account: Account = { kind: 'PAPER', currency: input.currency, balance, killSwitch: input.killSwitch, positions };
  return unrealised === undefined ? account : { ...account, unrealisedPnl: unrealised, equity: add(balance, unrealised) };
}
