import {
  type Fill,
  ORDER_STATES,
  type Order,
  orderSideSchema,
  orderTypeSchema,
  timeInForceSchema,
} from '../../core/contracts/orders.ts';
import type { OrderRepository, Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import { number, oneOf, optionalText, placeholders, type Row, type Sql, type SqlValue, text } from './sql.ts';

const FINAL_STATES = `('filled', 'cancelled', 'rejected', 'expired')`;
const LIQUIDITIES = ['maker', 'taker'] as const;

export class DuckDbOrderRepository implements OrderRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  saveOrder(order: Order): Stored<void> {
    return this.#database.journal.run((sql) => sql.transaction(() => upsertOrder(sql, order)));
  }

  /** A fill that is known already (told again after a reconnect) keeps its place. */
  saveFill(fill: Fill, order: Order): Stored<void> {
    return this.#database.journal.run((sql) =>
      sql.transaction(async () => {
        await sql.insert(
          `INSERT INTO fills (id, order_id, symbol, side, price, quantity, fee, liquidity, occurred_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, symbol = excluded.symbol, side = excluded.side, price = excluded.price,
             quantity = excluded.quantity, fee = excluded.fee, liquidity = excluded.liquidity, occurred_at = excluded.occurred_at`,
          [fill.id, fill.orderId, fill.symbol, fill.side, fill.price, fill.quantity, fill.fee, fill.liquidity, BigInt(fill.at)],
        );
        await upsertOrder(sql, order);
      }),
    );
  }

  /** Orders in no final state, oldest first. */
  openOrders(): Stored<Order[]> {
    return this.#orders(`SELECT * FROM orders WHERE state NOT IN ${FINAL_STATES}`, [], 'created_at, id');
  }

  /** The newest `limit` orders of any state, newest first. */
  recentOrders(limit: number): Stored<Order[]> {
    const count = BigInt(Math.max(0, Math.floor(limit)));
    return this.#orders('SELECT * FROM orders ORDER BY created_at DESC, id DESC LIMIT $1', [count], 'created_at DESC, id DESC');
  }

  fills(): Stored<Fill[]> {
    return this.#database.reader.read(async (sql) =>
      (await sql.rows('SELECT * FROM fills ORDER BY occurred_at, position')).map(fillOf),
    );
  }

  #orders(selection: string, values: readonly bigint[], ordering: string): Stored<Order[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT o.*, t.state AS transition_state, t.occurred_at AS transition_at, t.reason AS transition_reason
         FROM (${selection}) o LEFT JOIN order_transitions t ON t.order_id = o.id ORDER BY ${ordering}, t.position`,
        values,
      );
      const orders: Order[] = [];
      for (const row of rows) {
        let order = orders[orders.length - 1];
        if (order === undefined || order.id !== row['id']) {
          order = orderOf(row);
          orders.push(order);
        }
        if (row['transition_state'] !== null) order.history.push(transitionOf(row));
      }
      return orders;
    });
  }
}

/** A history only grows, so no stored transition is ever left over. */
async function upsertOrder(sql: Sql, order: Order): Promise<void> {
  const { intent } = order;
  await sql.insert(
    `INSERT INTO orders VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (id) DO UPDATE SET client_order_id = excluded.client_order_id, symbol = excluded.symbol, side = excluded.side, type = excluded.type,
       quantity = excluded.quantity, limit_price = excluded.limit_price, time_in_force = excluded.time_in_force, state = excluded.state,
       filled_quantity = excluded.filled_quantity, average_price = excluded.average_price, fees = excluded.fees,
       created_at = excluded.created_at, updated_at = excluded.updated_at`,
    [
      order.id,
      intent.clientOrderId,
      intent.symbol,
      intent.side,
      intent.type,
      intent.quantity,
      intent.limitPrice ?? null,
      intent.timeInForce,
      order.state,
      order.filledQuantity,
      order.averagePrice ?? null,
      order.fees,
      BigInt(order.createdAt),
      BigInt(order.updatedAt),
    ],
  );
  if (order.history.length === 0) return;
  const rows: string[] = [];
  const values: SqlValue[] = [];
  for (const [position, transition] of order.history.entries()) {
    rows.push(placeholders(values.length, 5));
    values.push(order.id, BigInt(position), transition.state, BigInt(transition.at), transition.reason ?? null);
  }
  await sql.insert(
    `INSERT INTO order_transitions VALUES ${rows.join(', ')}
     ON CONFLICT (order_id, position) DO UPDATE SET state = excluded.state, occurred_at = excluded.occurred_at, reason = excluded.reason`,
    values,
  );
}

function orderOf(row: Row): Order {
  const limitPrice = optionalText(row, 'limit_price');
  const averagePrice = optionalText(row, 'average_price');
  return {
    id: text(row, 'id'),
    intent: {
      clientOrderId: text(row, 'client_order_id'),
      symbol: text(row, 'symbol'),
      side: oneOf(row, 'side', orderSideSchema.options),
      type: oneOf(row, 'type', orderTypeSchema.options),
      quantity: text(row, 'quantity'),
      ...(limitPrice === undefined ? {} : { limitPrice }),
      timeInForce: oneOf(row, 'time_in_force', timeInForceSchema.options),
    },
    state: oneOf(row, 'state', ORDER_STATES),
    history: [],
    filledQuantity: text(row, 'filled_quantity'),
    ...(averagePrice === undefined ? {} : { averagePrice }),
    fees: text(row, 'fees'),
    createdAt: number(row, 'created_at'),
    updatedAt: number(row, 'updated_at'),
  };
}

function transitionOf(row: Row): Order['history'][number] {
  const reason = optionalText(row, 'transition_reason');
  return {
    state: oneOf(row, 'transition_state', ORDER_STATES),
    at: number(row, 'transition_at'),
    ...(reason === undefined ? {} : { reason }),
  };
}

function fillOf(row: Row): Fill {
  return {
    id: text(row, 'id'),
    orderId: text(row, 'order_id'),
    symbol: text(row, 'symbol'),
    side: oneOf(row, 'side', orderSideSchema.options),
    price: text(row, 'price'),
    quantity: text(row, 'quantity'),
    fee: text(row, 'fee'),
    liquidity: oneOf(row, 'liquidity', LIQUIDITIES),
    at: number(row, 'occurred_at'),
  };
}
