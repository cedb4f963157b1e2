import { z } from 'zod';
import { decimalTextSchema, epochMsSchema, idSchema, positiveDecimalTextSchema, symbolSchema } from './primitives.ts';

export const orderSideSchema = z.enum(['buy', 'sell']);
export const orderTypeSchema = z.enum(['market', 'limit']);
export const timeInForceSchema = z.enum(['GTC', 'IOC', 'FOK', 'POST_ONLY']);

/** What the trader asks for. `clientOrderId` is ours and makes a repeated submission harmless. */
export const orderIntentSchema = z
  .object({
    clientOrderId: idSchema,
    symbol: symbolSchema,
    side: orderSideSchema,
    type: orderTypeSchema,
    /** Base units. */
    quantity: positiveDecimalTextSchema,
    /** Quote per base; limit orders only. */
    limitPrice: positiveDecimalTextSchema.optional(),
    timeInForce: timeInForceSchema,
  })
  .refine((intent) => (intent.type === 'limit') === (intent.limitPrice !== undefined), {
    path: ['limitPrice'],
    message: 'a limit order needs a limit price and a market order must not have one',
  });
export type OrderIntent = z.infer<typeof orderIntentSchema>;
export type OrderSide = z.infer<typeof orderSideSchema>;

/** DOMAIN: intent → riskChecked → submitted → accepted → partiallyFilled* → one of the final states; `unknown` when the venue's answer was lost. */
export const ORDER_STATES = [
  'intent',
  'riskChecked',
  'submitted',
  'accepted',
  'partiallyFilled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'unknown',
] as const;
export const orderStateSchema = z.enum(ORDER_STATES);
export type OrderState = z.infer<typeof orderStateSchema>;

export const orderTransitionSchema = z.object({ state: orderStateSchema, at: epochMsSchema, reason: z.string().optional() });

export const orderSchema = z.object({
  id: idSchema,
  intent: orderIntentSchema,
  state: orderStateSchema,
  /** Every state it went through, oldest first; the last one is `state`. */
  history: z.array(orderTransitionSchema),
  filledQuantity: decimalTextSchema,
  /** Quantity-weighted mean fill price, absent before the first fill. */
  averagePrice: decimalTextSchema.optional(),
  /** Fees paid so far, in quote. */
  fees: decimalTextSchema,
  createdAt: epochMsSchema,
  updatedAt: epochMsSchema,
});
export type Order = z.infer<typeof orderSchema>;
export type OrderTransition = z.infer<typeof orderTransitionSchema>;

export const fillSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  symbol: symbolSchema,
  side: orderSideSchema,
  price: decimalTextSchema,
  quantity: decimalTextSchema,
  /** In quote. */
  fee: decimalTextSchema,
  liquidity: z.enum(['maker', 'taker']),
  at: epochMsSchema,
});
export type Fill = z.infer<typeof fillSchema>;

export const positionSchema = z.object({
  symbol: symbolSchema,
  /** Signed base units: above zero long, below zero short. */
  quantity: decimalTextSchema,
  /** Quote per base; `0` when flat. */
  averagePrice: decimalTextSchema,
  /** Quote, fees included. */
  realisedPnl: decimalTextSchema,
});
export type Position = z.infer<typeof positionSchema>;

/** The paper account. `equity` and unrealised PnL are marked to the book mid, absent until there is one. */
export const accountSchema = z.object({
  kind: z.literal('PAPER'),
  currency: z.string(),
  /** Starting balance + realised PnL. */
  balance: decimalTextSchema,
  equity: decimalTextSchema.optional(),
  unrealisedPnl: decimalTextSchema.optional(),
  killSwitch: z.object({ engaged: z.boolean(), reason: z.string(), at: epochMsSchema.optional() }),
  positions: z.array(positionSchema.extend({ mark: decimalTextSchema.optional(), unrealisedPnl: decimalTextSchema.optional() })),
});
export type Account = z.infer<typeof accountSchema>;
